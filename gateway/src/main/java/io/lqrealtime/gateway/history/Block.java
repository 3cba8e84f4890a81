package io.lqrealtime.gateway.history;

import org.jspecify.annotations.Nullable;

/**
 * The records of {@value #SIZE} offsets of a partition, from a multiple of that on, as far as they
 * have been read: the first ones, and more as the log grows.
 */
final class Block {
  static final int SIZE = 128;

  /** Its arrays, and its place in the cache. */
  private static final int OVERHEAD_BYTES = 16 * SIZE + 200;

  private static final long NO_RECORD = Long.MIN_VALUE;

  private final long start;
  private final @Nullable Body[] bodies = new @Nullable Body[SIZE];
  private final long[] times = new long[SIZE];
  private int known;
  private long cost = OVERHEAD_BYTES;

  Block(long start) {
    this.start = start;
  }

  static long startOf(long offset) {
    return offset & -SIZE;
  }

  long start() {
    return start;
  }

  /** The first offset of which it does not know yet what is there. */
  long end() {
    return start + known;
  }

  /** What it costs to keep. */
  long cost() {
    return cost;
  }

  /** The next record. What was left out is no record. */
  void add(long offset, long time, @Nullable Body body) {
    reach(offset);
    int place = (int) (offset - start);
    times[place] = time;
    bodies[place] = body;
    known = place + 1;
    if (body != null) {
      cost += body.cost();
    }
  }

  /** There is no record but those added before this offset. */
  void reach(long offset) {
    int upTo = (int) Math.min(SIZE, offset - start);
    while (known < upTo) {
      times[known++] = NO_RECORD;
    }
  }

  /** The message there, or null if it is none. */
  @Nullable Body body(long offset) {
    return bodies[(int) (offset - start)];
  }

  /** A frame has taken the place of a body. */
  void recost(int difference) {
    cost += difference;
  }

  /** The offset of the first record from this one on, or -1. */
  long firstRecord(long from) {
    for (int i = (int) (from - start); i < known; i++) {
      if (times[i] != NO_RECORD) {
        return start + i;
      }
    }
    return -1;
  }

  long time(long offset) {
    return times[(int) (offset - start)];
  }
}
