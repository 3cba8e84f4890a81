package io.lqrealtime.presence;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.TenantId;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TenantRetriesTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId OTHER = new TenantId("other");

  private long nanos;
  private final TenantRetries retries = new TenantRetries(() -> nanos);

  @Test
  void onlyWhoFailed_waits_andEachTimeForLonger_upToABound() {
    assertThat(retries.nanosToNext()).isEmpty();
    long longest = 0;
    for (int i = 0; i < 12; i++) {
      retries.failed(ACME);
      long pause = Math.min(100L << i, 5_000);
      long wait = retries.nanosToNext().orElseThrow();
      assertThat(wait).isBetween(millis(pause / 2), millis(pause * 3 / 2));
      longest = Math.max(longest, wait);
      assertThat(retries.mayTry(ACME)).isFalse();
      assertThat(retries.mayTry(OTHER)).isTrue();
      nanos += wait;
      assertThat(retries.mayTry(ACME)).isTrue();
    }
    assertThat(longest).isLessThanOrEqualTo(millis(7_500));
  }

  @Test
  void whoSucceeded_beginsWithAShortPauseAgain() {
    for (int i = 0; i < 10; i++) {
      retries.failed(ACME);
    }
    retries.succeeded(ACME);
    assertThat(retries.nanosToNext()).isEmpty();
    retries.failed(ACME);
    assertThat(retries.nanosToNext().orElseThrow()).isLessThanOrEqualTo(millis(150));
  }

  @Test
  void theNearestIsNext_andWhoHasNothingToWriteIsForgotten() {
    retries.failed(ACME);
    long near = retries.nanosToNext().orElseThrow();
    nanos += near / 2;
    retries.failed(OTHER);
    assertThat(retries.nanosToNext().orElseThrow()).isLessThanOrEqualTo(near - near / 2);

    retries.retain(Set.of(OTHER));
    assertThat(retries.mayTry(ACME)).isTrue();
    assertThat(retries.mayTry(OTHER)).isFalse();
    retries.reset();
    assertThat(retries.mayTry(OTHER)).isTrue();
  }

  private static long millis(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }
}
