package io.lqrealtime.router.core;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** How many ids all partitions of a process may hold. Safe for use by several threads. */
public final class IdBudget {
  private final int max;
  private final AtomicInteger held = new AtomicInteger();
  private final LongAdder dropped = new LongAdder();

  public IdBudget(int max) {
    this.max = max;
  }

  /** Ids held now. */
  public int held() {
    return held.get();
  }

  /** Ids that were forgotten before their time. */
  public long dropped() {
    return dropped.sum();
  }

  /** Counts one more; false if that is more than may be held. */
  boolean add() {
    return held.incrementAndGet() <= max;
  }

  void release(int count) {
    held.addAndGet(-count);
  }

  void releaseEarly(int count) {
    release(count);
    dropped.add(count);
  }
}
