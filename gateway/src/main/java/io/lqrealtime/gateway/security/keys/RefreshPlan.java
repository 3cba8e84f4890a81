package io.lqrealtime.gateway.security.keys;

import java.time.Duration;

/**
 * When a JWK Set is read the next time. Every {@code interval}; sooner when a token names a key
 * that is not known, but never within {@code gap} of the last time, however many ask; and after a
 * failure with a pause that doubles from {@code firstRetry} to {@code maxRetry}. Times are {@link
 * System#nanoTime}'s. Not safe for several threads.
 */
final class RefreshPlan {
  private final long interval;
  private final long gap;
  private final long firstRetry;
  private final long maxRetry;
  private long last;
  private long pause;

  /** A plan's times. */
  record Times(Duration interval, Duration gap, Duration firstRetry, Duration maxRetry) {
    private static final Duration FILE_INTERVAL = Duration.ofSeconds(2);
    private static final Duration FILE_MAX_RETRY = Duration.ofSeconds(10);
    private static final Duration URL_GAP = Duration.ofSeconds(10);
    private static final Duration URL_FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration URL_MAX_RETRY = Duration.ofMinutes(1);

    /** Looking costs next to nothing, so nobody has to ask. */
    static Times ofFile() {
      return new Times(FILE_INTERVAL, FILE_INTERVAL, FILE_INTERVAL, FILE_MAX_RETRY);
    }

    static Times ofUrl(Duration interval) {
      Duration longest = interval.compareTo(URL_MAX_RETRY) < 0 ? interval : URL_MAX_RETRY;
      return new Times(interval, URL_GAP, URL_FIRST_RETRY, longest);
    }
  }

  /**
   * @param now when the first reading, a good one, was done
   */
  RefreshPlan(Times times, long now) {
    this.interval = times.interval().toNanos();
    this.gap = times.gap().toNanos();
    this.firstRetry = times.firstRetry().toNanos();
    this.maxRetry = times.maxRetry().toNanos();
    succeeded(now);
  }

  void succeeded(long now) {
    last = now;
    pause = 0;
  }

  void failed(long now) {
    last = now;
    pause = pause == 0 ? firstRetry : Math.min(2 * pause, maxRetry);
  }

  /**
   * Nanoseconds until the next reading is due; 0 or less if it is.
   *
   * @param asked whether a key was missed since the last reading began
   */
  long wait(long now, boolean asked) {
    long planned = pause == 0 ? interval : pause;
    return last + (asked ? Math.min(planned, gap) : planned) - now;
  }
}
