package io.lqrealtime.bench.load;

/**
 * When messages are due, fixed before the run: message {@code i} at {@code i / rate} seconds, or in
 * bursts of several that are due together. It does not wait for the server, which is what makes a
 * load open.
 *
 * @param perSecond messages a second, all publishers together
 * @param burst how many are due at the same moment
 */
public record Schedule(long perSecond, int burst) {

  /** The highest rate: the sender's thread is one. */
  public static final long MAX_PER_SECOND = 1_000_000;

  public Schedule {
    if (perSecond < 1 || perSecond > MAX_PER_SECOND) {
      throw new IllegalArgumentException(
          "the rate must be 1 to " + MAX_PER_SECOND + " a second, not " + perSecond);
    }
    if (burst < 1 || burst > 10_000) {
      throw new IllegalArgumentException("a burst must be 1 to 10000 messages, not " + burst);
    }
  }

  /** The nanosecond after the start when this burst (from 0) is due. */
  public long dueNanos(long burstNumber) {
    long message = Math.multiplyExact(burstNumber, (long) burst);
    return message / perSecond * 1_000_000_000L + message % perSecond * 1_000_000_000L / perSecond;
  }
}
