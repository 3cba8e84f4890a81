package io.lqrealtime.gateway.security.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RefreshPlanTest {
  private static final long SECOND = 1_000_000_000L;

  /** What nanoTime says may be anything, and overflow. */
  private static final long START = Long.MAX_VALUE - Duration.ofSeconds(5).toNanos();

  private final RefreshPlan plan =
      new RefreshPlan(RefreshPlan.Times.ofUrl(Duration.ofMinutes(5)), START);

  @Test
  void url_isReadEveryInterval() {
    assertThat(plan.wait(START, false)).isEqualTo(300 * SECOND);
    assertThat(plan.wait(START + 299 * SECOND, false)).isEqualTo(SECOND);
    assertThat(plan.wait(START + 300 * SECOND, false)).isZero();
  }

  @Test
  void missedKey_bringsItForward_butNotWithinTheGap() {
    assertThat(plan.wait(START, true)).isEqualTo(10 * SECOND);
    assertThat(plan.wait(START + 60 * SECOND, true)).isNegative();
    plan.succeeded(START + 60 * SECOND);
    assertThat(plan.wait(START + 60 * SECOND, true)).isEqualTo(10 * SECOND);
  }

  @Test
  void failures_areRetriedWithAPauseThatDoublesToAMinute_andSuccessEndsThat() {
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      plan.failed(START);
      pauses.add(plan.wait(START, false) / SECOND);
    }
    assertThat(pauses).containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);

    assertThat(plan.wait(START, true)).as("asked for").isEqualTo(10 * SECOND);
    plan.succeeded(START);
    assertThat(plan.wait(START, false)).isEqualTo(300 * SECOND);
  }

  @Test
  void missedKey_doesNotPutARetryOff() {
    plan.failed(START);
    assertThat(plan.wait(START, true)).isEqualTo(SECOND);
  }

  @Test
  void retries_areNeverRarerThanTheInterval() {
    RefreshPlan quick = new RefreshPlan(RefreshPlan.Times.ofUrl(Duration.ofSeconds(20)), START);
    for (int i = 0; i < 9; i++) {
      quick.failed(START);
    }
    assertThat(quick.wait(START, false)).isEqualTo(20 * SECOND);
  }

  @Test
  void file_isLookedAtEveryTwoSeconds_whoeverAsks_andAtLeastEveryTenAfterFailures() {
    RefreshPlan file = new RefreshPlan(RefreshPlan.Times.ofFile(), START);
    assertThat(file.wait(START, false)).isEqualTo(2 * SECOND);
    assertThat(file.wait(START, true)).isEqualTo(2 * SECOND);
    for (int i = 0; i < 9; i++) {
      file.failed(START);
    }
    assertThat(file.wait(START, false)).isEqualTo(10 * SECOND);
  }
}
