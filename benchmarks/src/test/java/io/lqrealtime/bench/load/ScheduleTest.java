package io.lqrealtime.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ScheduleTest {

  @Test
  void due_isEvenlySpaced_andDoesNotDriftAtAnOddRate() {
    Schedule schedule = new Schedule(3, 1);
    assertThat(schedule.dueNanos(0)).isZero();
    assertThat(schedule.dueNanos(1)).isEqualTo(333_333_333);
    assertThat(schedule.dueNanos(3)).isEqualTo(1_000_000_000);
    assertThat(schedule.dueNanos(3L * 86_400 * 365)).isEqualTo(86_400L * 365 * 1_000_000_000);
  }

  @Test
  void burst_keepsTheRateOfMessages() {
    assertThat(new Schedule(1_000, 8).dueNanos(125)).isEqualTo(1_000_000_000);
  }

  @Test
  void rateOrBurstOutOfBounds_isRefused() {
    assertThatThrownBy(() -> new Schedule(0, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Schedule(1, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
