package io.lqrealtime.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lqrealtime.gateway.limit.Throttle.Decision;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ThrottleTest {
  private final AtomicLong nanos = new AtomicLong(1);
  private final Throttle throttle = Throttle.ofOneThread(new RateLimit(10, 1000), nanos::get);

  @Test
  void messages_upToTheRate_passAtOnce_andThenAsTheyAreRefilled() {
    assertThat(passing(20, 1)).isEqualTo(10);

    nanos.addAndGet(Duration.ofMillis(300).toNanos());
    assertThat(passing(20, 1)).isEqualTo(3);

    nanos.addAndGet(Duration.ofMinutes(10).toNanos());
    assertThat(passing(20, 1)).isEqualTo(10);
  }

  @Test
  void debt_isPaidByTheNewLimit() {
    assertThat(throttle.nanosOwed()).isZero();
    throttle.charge(11_000);
    assertThat(Duration.ofNanos(throttle.nanosOwed()))
        .isBetween(Duration.ofSeconds(10), Duration.ofMillis(10_002));

    throttle.use(new RateLimit(10, 10_000));
    assertThat(Duration.ofNanos(throttle.nanosOwed()))
        .isBetween(Duration.ofSeconds(1), Duration.ofMillis(1_002));
    nanos.addAndGet(Duration.ofMillis(1_002).toNanos());
    assertThat(throttle.nanosOwed()).isZero();
  }

  @Test
  void refusedMessage_saysWhenItWouldPass() {
    passing(10, 1);

    Decision.Waits waits = (Decision.Waits) throttle.take(1);

    assertThat(waits.forBytes()).isFalse();
    assertThat(waits.nanos()).isEqualTo(Duration.ofMillis(100).toNanos());
    nanos.addAndGet(waits.nanos());
    assertThat(throttle.take(1)).isEqualTo(Decision.PASSES);
  }

  @Test
  void bytes_areCountedToo_andARefusedMessageIsNotCountedAtAll() {
    assertThat(passing(2, 500)).isEqualTo(2);

    assertThat(throttle.take(100))
        .isEqualTo(new Decision.Waits(true, Duration.ofMillis(100).toNanos()));
    assertThat(passing(20, 100)).isZero();
    nanos.addAndGet(Duration.ofMillis(100).toNanos());
    assertThat(passing(20, 10)).isEqualTo(9);
  }

  @Test
  void messageLargerThanASecondsBytes_passesOnceASecond() {
    assertThat(passing(3, 5000)).isEqualTo(1);
    nanos.addAndGet(Duration.ofMillis(999).toNanos());
    assertThat(passing(3, 5000)).isZero();
    nanos.addAndGet(Duration.ofMillis(1).toNanos());
    assertThat(passing(3, 5000)).isEqualTo(1);
  }

  @Test
  void otherLimit_holdsFromThenOn_andWhatWasTakenStaysTaken() {
    passing(10, 1);
    throttle.use(new RateLimit(100, 1000));
    assertThat(passing(200, 1)).isZero();

    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(passing(200, 1)).isEqualTo(100);

    throttle.use(new RateLimit(1, 1000));
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    assertThat(passing(200, 1)).isEqualTo(1);
  }

  @Test
  void sharedThrottle_letsNoMorePass_howeverManyThreadsAsk() throws Exception {
    Throttle shared = Throttle.shared(new RateLimit(1000, 1_000_000), nanos::get);
    AtomicInteger passed = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        threads.execute(
            () -> {
              for (int j = 0; j < 1000; j++) {
                if (shared.take(1) instanceof Decision.Passes) {
                  passed.incrementAndGet();
                }
              }
            });
      }
      threads.shutdown();
      assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(passed).hasValue(1000);
  }

  @Test
  void whatIsCharged_countsInAnyCase_andTheDebtIsWaitedFor() {
    Throttle charged = Throttle.ofOneThread(new RateLimit(RateLimit.HIGHEST, 1_000), nanos::get);
    assertThat(charged.charge(1_000)).isEqualTo(Decision.PASSES);
    assertThat(charged.charge(500)).isEqualTo(new Decision.Waits(true, 500_000_000));
    assertThat(charged.charge(500)).isEqualTo(new Decision.Waits(true, 1_000_000_000));
  }

  @Test
  void rates_areBounded() {
    assertThatIllegalArgumentException().isThrownBy(() -> new RateLimit(0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new RateLimit(1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new RateLimit(RateLimit.HIGHEST + 1, 1));
  }

  private int passing(int messages, int size) {
    int passed = 0;
    for (int i = 0; i < messages; i++) {
      if (throttle.take(size) instanceof Decision.Passes) {
        passed++;
      }
    }
    return passed;
  }
}
