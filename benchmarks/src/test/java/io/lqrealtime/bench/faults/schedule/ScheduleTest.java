package io.lqrealtime.bench.faults.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final Set<Fault> ALL = EnumSet.allOf(Fault.class);
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final Duration HALF_AN_HOUR = Duration.ofMinutes(30);

  @Test
  void sameSeed_givesTheSameSchedule_andAnotherSeedAnother() {
    Schedule first = Schedule.random(1, HALF_AN_HOUR, PAUSE, ALL);
    assertThat(Schedule.random(1, HALF_AN_HOUR, PAUSE, ALL)).isEqualTo(first);
    assertThat(Schedule.random(2, HALF_AN_HOUR, PAUSE, ALL).steps()).isNotEqualTo(first.steps());
  }

  @Test
  void halfAnHour_hasEveryFaultByItself_andPairsAfter() {
    for (int seed = 0; seed < 50; seed++) {
      List<Schedule.Step> steps = Schedule.random(seed, HALF_AN_HOUR, PAUSE, ALL).steps();
      assertThat(steps.stream().flatMap(step -> step.entries().stream()).map(Schedule.Entry::fault))
          .as("seed %d", seed)
          .containsAll(ALL);
      List<Schedule.Step> early =
          steps.stream()
              .filter(step -> step.at().compareTo(HALF_AN_HOUR.dividedBy(2)) < 0)
              .toList();
      assertThat(early).allSatisfy(step -> assertThat(step.entries()).hasSize(1));
      assertThat(steps).anySatisfy(step -> assertThat(step.entries()).hasSize(2));
    }
  }

  @Test
  void pair_neverHasOneTargetTwice() {
    for (int seed = 0; seed < 50; seed++) {
      for (Schedule.Step step : Schedule.random(seed, HALF_AN_HOUR, PAUSE, ALL).steps()) {
        assertThat(step.entries().stream().map(Schedule.Entry::targetName))
            .as("seed %d, %s", seed, step)
            .doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void steps_beginInTime_oneAfterTheOther() {
    Schedule schedule = Schedule.random(7, HALF_AN_HOUR, PAUSE, ALL);
    Duration before = Duration.ZERO;
    for (Schedule.Step step : schedule.steps()) {
      assertThat(step.at()).isGreaterThanOrEqualTo(before).isLessThan(HALF_AN_HOUR);
      before = step.at().plus(step.lasts());
    }
  }

  @Test
  void only_leavesTheOthersOut() {
    Schedule schedule = Schedule.random(3, HALF_AN_HOUR, PAUSE, Set.of(Fault.KILL_BROKER));
    assertThat(schedule.steps())
        .isNotEmpty()
        .allSatisfy(
            step ->
                assertThat(step.entries())
                    .singleElement()
                    .extracting(Schedule.Entry::fault)
                    .isEqualTo(Fault.KILL_BROKER));
  }

  @Test
  void rollingRestartAlone_isRepeated() {
    assertThat(Schedule.random(3, HALF_AN_HOUR, PAUSE, Set.of(Fault.ROLLING_RESTART)).steps())
        .hasSizeGreaterThan(10);
  }

  @Test
  void rollingUpgradesAndRestarts_takeTurns() {
    assertThat(
            Schedule.random(
                    3,
                    HALF_AN_HOUR,
                    PAUSE,
                    Set.of(Fault.ROLLING_RESTART, Fault.ROLLING_UPGRADE, Fault.FLUSH_REDIS))
                .steps()
                .stream()
                .map(step -> step.entries().getFirst().fault())
                .filter(fault -> fault != Fault.FLUSH_REDIS))
        .startsWith(Fault.ROLLING_UPGRADE, Fault.ROLLING_RESTART, Fault.ROLLING_UPGRADE);
  }

  @Test
  void noFault_isAnEmptySchedule() {
    assertThat(Schedule.random(3, HALF_AN_HOUR, PAUSE, Set.of()).steps()).isEmpty();
  }

  @Test
  void faults_areFoundByTheirNames() {
    for (Fault fault : Fault.values()) {
      assertThat(Fault.parse(fault.text())).contains(fault);
    }
    assertThat(Fault.parse("nonsense")).isEmpty();
  }

  @Test
  void text_listsEachFaultWithTimeTargetAndLength() {
    String text =
        Schedule.random(1, Duration.ofMinutes(1), PAUSE, Set.of(Fault.PAUSE_ROUTER)).toString();
    assertThat(text)
        .startsWith("schedule of seed 1\n")
        .containsPattern("5\\.0 s  pause-router +router-[12] +[0-9.]+ s");
  }
}
