package io.lqrealtime.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimetableTest {

  private static final long SECOND = 1_000_000_000L;

  private static final Agenda TWO_ROUNDS =
      Agenda.alternating(Duration.ofSeconds(4), Duration.ofSeconds(10), 2, Duration.ofSeconds(1));

  @Test
  void alternatingAgenda_rehearsesTheNeighbour_andThenTakesTurns() {
    assertThat(TWO_ROUNDS.stretches().stream().map(Agenda.Stretch::phase))
        .containsExactly(
            Phase.WARM_UP,
            Phase.REHEARSAL,
            Phase.PAUSE,
            Phase.QUIET,
            Phase.NOISY,
            Phase.PAUSE,
            Phase.QUIET,
            Phase.NOISY,
            Phase.PAUSE);
  }

  @Test
  void stretchesOfNoLength_areLeftOut() {
    assertThat(Agenda.of(Duration.ZERO, Duration.ofSeconds(1)).stretches())
        .isEqualTo(List.of(new Agenda.Stretch(Phase.QUIET, Duration.ofSeconds(1))));
  }

  @Test
  void agendaThatMeasuresNothing_isRefused() {
    assertThatThrownBy(() -> Agenda.of(Duration.ofSeconds(1), Duration.ZERO))
        .hasMessageContaining("above 0");
  }

  @Test
  void everyMoment_belongsToOneStretch_andToAPauseBeforeAndAfter() {
    // Close to the end of the clock's range, where plain comparisons go wrong.
    long start = Long.MAX_VALUE - 7 * SECOND;
    Timetable timetable = Timetable.of(TWO_ROUNDS, start);
    assertThat(timetable.at(start - 1)).isEqualTo(Phase.PAUSE);
    assertThat(timetable.at(start)).isEqualTo(Phase.WARM_UP);
    assertThat(timetable.at(start + 2 * SECOND)).isEqualTo(Phase.REHEARSAL);
    assertThat(timetable.at(start + 5 * SECOND)).isEqualTo(Phase.QUIET);
    assertThat(timetable.at(start + 15 * SECOND - 1)).isEqualTo(Phase.QUIET);
    assertThat(timetable.at(start + 15 * SECOND)).isEqualTo(Phase.NOISY);
    assertThat(timetable.at(start + 26 * SECOND)).isEqualTo(Phase.QUIET);
    assertThat(timetable.at(timetable.endNanos())).isEqualTo(Phase.PAUSE);
    assertThat(timetable.lasts(Phase.NOISY)).isEqualTo(20 * SECOND);
  }

  @Test
  void runThatIsCutOff_countsTheTimeUntilThen() {
    Timetable cut = Timetable.of(TWO_ROUNDS, 0).until(18 * SECOND);
    assertThat(cut.lasts(Phase.QUIET)).isEqualTo(10 * SECOND);
    assertThat(cut.lasts(Phase.NOISY)).isEqualTo(3 * SECOND);
    assertThat(cut.at(19 * SECOND)).isEqualTo(Phase.PAUSE);
  }
}
