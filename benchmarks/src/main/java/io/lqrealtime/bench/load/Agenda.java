package io.lqrealtime.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The stretches of a run, one after the other. */
public record Agenda(List<Stretch> stretches) {

  private static final int MOST_ROUNDS = 100;

  /** A part of the run; one of no length is left out. */
  public record Stretch(Phase phase, Duration time) {}

  public Agenda {
    stretches =
        stretches.stream().filter(stretch -> stretch.time().compareTo(Duration.ZERO) > 0).toList();
    if (stretches.stream().noneMatch(stretch -> stretch.phase() == Phase.QUIET)) {
      throw new IllegalArgumentException("the measured time must be above 0");
    }
  }

  /** A warm-up and one window. */
  public static Agenda of(Duration warmup, Duration window) {
    return new Agenda(
        List.of(new Stretch(Phase.WARM_UP, warmup), new Stretch(Phase.QUIET, window)));
  }

  /**
   * A warm-up, of which the neighbour is there in the second half; then quiet and noisy windows in
   * turn, so that whatever else changes on the machine meanwhile is in both.
   *
   * @param rounds pairs of windows
   * @param pause after each stretch with the neighbour
   */
  public static Agenda alternating(Duration warmup, Duration window, int rounds, Duration pause) {
    if (rounds < 1 || rounds > MOST_ROUNDS) {
      throw new IllegalArgumentException("rounds must be 1 to " + MOST_ROUNDS + ", not " + rounds);
    }
    List<Stretch> stretches = new ArrayList<>();
    stretches.add(new Stretch(Phase.WARM_UP, warmup.dividedBy(2)));
    stretches.add(new Stretch(Phase.REHEARSAL, warmup.dividedBy(2)));
    stretches.add(new Stretch(Phase.PAUSE, pause));
    for (int round = 0; round < rounds; round++) {
      stretches.add(new Stretch(Phase.QUIET, window));
      stretches.add(new Stretch(Phase.NOISY, window));
      stretches.add(new Stretch(Phase.PAUSE, pause));
    }
    return new Agenda(stretches);
  }
}
