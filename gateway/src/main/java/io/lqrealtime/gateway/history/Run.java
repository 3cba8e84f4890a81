package io.lqrealtime.gateway.history;

import io.lqrealtime.record.IndexRecord;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Index records that follow one another in the index, and where they lie there. When it is let go
 * of, it still says which part of the index to read for which offsets.
 */
final class Run {
  /** How many records a stretch may come too late, after those past it. */
  static final int LOOK_AHEAD = 64;

  private static final int OVERHEAD_BYTES = 160;
  private static final int RECORD_OVERHEAD_BYTES = 96;
  private static final IndexRecord[] NONE = new IndexRecord[0];

  private final int partition;
  private final long from;
  private final long first;
  private long next;
  private long to;
  private @Nullable IndexRecord[] records = NONE;

  /**
   * For each record, the furthest that it and those before it go: rises, also where they overlap.
   */
  private long[] reach = new long[0];

  private int size;
  private boolean loaded = true;
  private long cost = OVERHEAD_BYTES;

  /**
   * @param first where its first record lies in the index
   */
  Run(int partition, IndexRecord record, long first, int bytes) {
    this.partition = partition;
    this.from = record.stretch().from();
    this.first = first;
    this.next = first;
    append(record, bytes);
  }

  void append(IndexRecord record, int bytes) {
    if (size == records.length) {
      records = Arrays.copyOf(records, Math.max(4, size * 2));
      reach = Arrays.copyOf(reach, records.length);
    }
    to = Math.max(to, record.stretch().to());
    records[size] = record;
    reach[size] = to;
    size++;
    next++;
    cost += bytes + RECORD_OVERHEAD_BYTES;
  }

  /** The next record of the index says nothing about this log. */
  void pass() {
    next++;
  }

  /** Keeps only what it says about the index. */
  void unload() {
    records = NONE;
    reach = new long[0];
    size = 0;
    loaded = false;
    cost = OVERHEAD_BYTES;
  }

  boolean isLoaded() {
    return loaded;
  }

  /** The record that says what was routed at this offset of the log, if it is here. */
  @Nullable IndexRecord covering(long offset) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (reach[middle] > offset) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    for (int i = low; i < Math.min(size, low + LOOK_AHEAD); i++) {
      IndexRecord record = records[i];
      if (record != null && covers(record, offset)) {
        return record;
      }
    }
    return null;
  }

  static boolean covers(IndexRecord record, long offset) {
    return record.stretch().from() <= offset && offset < record.stretch().to();
  }

  int partition() {
    return partition;
  }

  /** The first offset of the log that its first record covers. */
  long from() {
    return from;
  }

  /** Past the furthest offset of the log that a record covers. */
  long to() {
    return to;
  }

  /** Where its first record lies in the index. */
  long first() {
    return first;
  }

  /** Where what follows it lies in the index. */
  long next() {
    return next;
  }

  long cost() {
    return cost;
  }
}
