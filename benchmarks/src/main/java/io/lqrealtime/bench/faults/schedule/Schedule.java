package io.lqrealtime.bench.faults.schedule;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/**
 * Which faults come when: the same for the same seed, length and choice. First each fault by
 * itself, in a random order, again and again for about half of the time; then pairs that overlap; a
 * rolling upgrade or restart, in turns, after each round. A step begins when its time has come and
 * the one before it is over, so times are those of a machine that mends everything at once.
 */
public record Schedule(long seed, List<Step> steps) {
  /** What is done in one go, and then waited for. */
  public record Step(Duration at, List<Entry> entries) {
    public Step {
      entries = List.copyOf(entries);
    }

    Duration lasts() {
      return entries.stream()
          .map(entry -> entry.after.plus(entry.lasts))
          .max(Duration::compareTo)
          .orElse(Duration.ZERO);
    }
  }

  /**
   * One fault.
   *
   * @param after from the begin of its step
   * @param target 0 or 1, where there are two
   */
  public record Entry(Duration after, Fault fault, int target, Duration lasts) {
    /** What it is done to. */
    public String targetName() {
      return switch (fault.part) {
        case GATEWAY -> "gateway-" + (target + 1);
        case ROUTER -> "router-" + (target + 1);
        case NETWORK -> "connections of gateway-" + (target + 1);
        case CLIENTS -> "a client of tenant " + (target + 1);
        case BROKER -> "broker";
        case REDIS -> "redis";
        case ALL -> "all";
      };
    }
  }

  private static final Duration FIRST = Duration.ofSeconds(5);
  private static final Duration ROLLING = Duration.ofSeconds(40);

  public Schedule {
    steps = List.copyOf(steps);
  }

  /**
   * @param pause from the end of a step to the next one, and up to 4 s more
   * @param only the faults to choose from
   */
  public static Schedule random(long seed, Duration length, Duration pause, Set<Fault> only) {
    List<Fault> faults = new ArrayList<>(only);
    Collections.sort(faults);
    ArrayDeque<Fault> rolling = new ArrayDeque<>();
    for (Fault fault : List.of(Fault.ROLLING_UPGRADE, Fault.ROLLING_RESTART)) {
      if (faults.remove(fault)) {
        rolling.add(fault);
      }
    }
    Random random = new Random(seed);
    List<Step> steps = new ArrayList<>();
    Duration at = FIRST;
    while (at.compareTo(length) < 0) {
      boolean pairs = faults.size() > 1 && at.compareTo(length.dividedBy(2)) > 0;
      List<List<Entry>> round = faults.isEmpty() ? List.of() : round(faults, pairs, random);
      for (List<Entry> entries : round) {
        Step step = new Step(at, entries);
        if (at.compareTo(length) < 0) {
          steps.add(step);
        }
        at = at.plus(step.lasts()).plus(pause).plusMillis(random.nextInt(4_000));
      }
      if (!rolling.isEmpty() && at.compareTo(length) < 0) {
        Fault next = rolling.remove();
        rolling.add(next);
        steps.add(new Step(at, List.of(entry(next, Duration.ZERO, random))));
      }
      at = rolling.isEmpty() && !faults.isEmpty() ? at : at.plus(ROLLING);
    }
    return new Schedule(seed, steps);
  }

  private static List<List<Entry>> round(List<Fault> faults, boolean pairs, Random random) {
    List<Fault> order = new ArrayList<>(faults);
    Collections.shuffle(order, random);
    List<List<Entry>> round = new ArrayList<>();
    for (Fault fault : order) {
      List<Entry> entries = new ArrayList<>();
      Entry first = entry(fault, Duration.ZERO, random);
      entries.add(first);
      if (pairs) {
        Entry second = companion(first, faults, random);
        if (second.fault.part != fault.part
            || fault.part == Fault.Part.GATEWAY && second.target != first.target
            || fault.part == Fault.Part.ROUTER && second.target != first.target) {
          entries.add(second);
        }
      }
      round.add(entries);
    }
    return round;
  }

  /** Another fault that begins while the first one lasts, or shortly after. */
  private static Entry companion(Entry first, List<Fault> faults, Random random) {
    Duration after =
        Duration.ofMillis((long) (random.nextDouble() * (first.lasts.toMillis() + 3_000)));
    return entry(faults.get(random.nextInt(faults.size())), after, random);
  }

  private static Entry entry(Fault fault, Duration after, Random random) {
    int spread = (fault.mostSeconds - fault.leastSeconds) * 1_000;
    long millis = fault.leastSeconds * 1_000L + (spread == 0 ? 0 : random.nextInt(spread));
    return new Entry(after, fault, random.nextInt(2), Duration.ofMillis(millis));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("schedule of seed " + seed + "\n");
    for (Step step : steps) {
      for (Entry entry : step.entries) {
        text.append(
            String.format(
                Locale.ROOT,
                "  %7.1f s  %-20s %-26s %5.1f s%n",
                step.at.plus(entry.after).toMillis() / 1e3,
                entry.fault,
                entry.targetName(),
                entry.lasts.toMillis() / 1e3));
      }
    }
    return text.toString();
  }
}
