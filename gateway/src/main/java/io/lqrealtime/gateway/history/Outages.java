package io.lqrealtime.gateway.history;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * For which partitions Kafka does not answer: they are left alone for a while that grows with each
 * failure, since each attempt costs everybody's time. Confined to one thread.
 */
final class Outages {
  private static final long FIRST_NANOS = Duration.ofMillis(500).toNanos();
  private static final long LONGEST_NANOS = Duration.ofSeconds(2).toNanos();
  private static final int GENERAL = 2;

  private record Outage(long untilNanos, long lengthNanos) {}

  private final Map<Integer, Outage> outages = new HashMap<>();
  private int inARow;

  /** Whether it is too early to try again. */
  boolean isSuspect(int partition) {
    Outage outage = outages.get(partition);
    return outage != null && outage.untilNanos() - System.nanoTime() > 0;
  }

  /** Whether nothing is answered, whichever the partition. */
  boolean isGeneral() {
    return inARow >= GENERAL;
  }

  void answered(int partition) {
    inARow = 0;
    outages.remove(partition);
  }

  /**
   * @return whether that is news
   */
  boolean failed(int partition) {
    inARow++;
    Outage before = outages.get(partition);
    long length = before == null ? FIRST_NANOS : Math.min(LONGEST_NANOS, 2 * before.lengthNanos());
    outages.put(partition, new Outage(System.nanoTime() + length, length));
    return before == null;
  }
}
