package io.lqrealtime.gateway.limit;

/**
 * How many messages, and bytes of them, may pass in a second. As many may pass at once after a
 * second's rest.
 *
 * @param messagesPerSecond 1 to {@value #HIGHEST}
 * @param bytesPerSecond 1 to {@value #HIGHEST}; one message of any size passes in a second whatever
 *     this says
 */
public record RateLimit(long messagesPerSecond, long bytesPerSecond) {
  /** One token a nanosecond, which is as fine as a bucket can be. */
  public static final long HIGHEST = 1_000_000_000;

  public RateLimit {
    if (messagesPerSecond < 1
        || messagesPerSecond > HIGHEST
        || bytesPerSecond < 1
        || bytesPerSecond > HIGHEST) {
      throw new IllegalArgumentException("a rate is 1 to " + HIGHEST + " a second");
    }
  }
}
