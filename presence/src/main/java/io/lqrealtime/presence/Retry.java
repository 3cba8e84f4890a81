package io.lqrealtime.presence;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * When something that failed is tried again: after pauses that double, up to {@value
 * #LONGEST_PAUSE_SECONDS} s, each spread by half of it to both sides, so that all who wait for the
 * same thing do not come at once when it is back.
 *
 * @param atNanos by a clock that only rises
 * @param pause before it was spread
 */
record Retry(long atNanos, Duration pause) {
  static final int LONGEST_PAUSE_SECONDS = 5;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(LONGEST_PAUSE_SECONDS);

  /** After a failure, which the former retry has led to; null after the first. */
  static Retry after(@Nullable Retry former, long nowNanos) {
    Duration pause = former == null ? FIRST_PAUSE : former.pause.multipliedBy(2);
    if (pause.compareTo(LONGEST_PAUSE) > 0) {
      pause = LONGEST_PAUSE;
    }
    long wait = pause.toNanos() / 2 + ThreadLocalRandom.current().nextLong(pause.toNanos());
    return new Retry(nowNanos + wait, pause);
  }

  /** Nanoseconds to it; 0 or less if it is due. */
  long nanosLeft(long nowNanos) {
    return atNanos - nowNanos;
  }
}
