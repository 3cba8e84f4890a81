package io.lqrealtime.gateway.inbound;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Kafka refuses what this process writes: its login, or a right that it lacks. That is
 * nothing which time mends, so it is told once, and again after each write that went through. It
 * counts for {@link #COUNTS_FOR}: a gateway that is not ready gets no clients, whose messages would
 * find out whether it is over. Safe for several threads.
 */
final class Refusals {
  static final Duration COUNTS_FOR = Duration.ofMinutes(1);
  private static final Logger log = LoggerFactory.getLogger(Refusals.class);

  private record Refusal(String why, long nanos) {}

  private final LongSupplier nanoClock;
  private volatile @Nullable Refusal last;

  Refusals(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** A write has ended so; null where it went through. */
  void outcome(@Nullable Exception failure) {
    if (failure == null) {
      if (last != null) {
        last = null;
        log.info("Kafka takes what this process writes again");
      }
    } else if (failure instanceof ApiException why && isRefusal(why)) {
      if (last == null) {
        log.error("Kafka refuses what this process writes: {}", why.toString());
      }
      last = new Refusal(why.toString(), nanoClock.getAsLong());
    }
  }

  private static boolean isRefusal(ApiException failure) {
    return failure instanceof AuthorizationException || failure instanceof AuthenticationException;
  }

  Optional<String> current() {
    Refusal refusal = last;
    return refusal == null || nanoClock.getAsLong() - refusal.nanos > COUNTS_FOR.toNanos()
        ? Optional.empty()
        : Optional.of(refusal.why);
  }
}
