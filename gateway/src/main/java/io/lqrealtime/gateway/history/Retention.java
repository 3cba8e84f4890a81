package io.lqrealtime.gateway.history;

import io.lqrealtime.gateway.history.IndexReader.Found;
import java.util.Arrays;

/**
 * From where on the past of each partition can be had: both the log and its index have to be
 * retained. Asks the index only when the beginning of one of them has moved. Confined to one
 * thread.
 */
final class Retention {
  private static final long UNKNOWN = -1;

  /** What is known of it. */
  sealed interface Earliest {
    /**
     * @param offset the first one that can be had; the log's end where there is none
     */
    record At(long offset) implements Earliest {}

    /**
     * The index has nothing of the log yet.
     *
     * @param next where it ends
     */
    record NotYet(long next) implements Earliest {}
  }

  private final LogOffsets offsets;
  private final IndexReader index;
  private final long[] logBegin;
  private final long[] indexBegin;
  private final long[] earliest;

  Retention(LogOffsets offsets, IndexReader index) {
    this.offsets = offsets;
    this.index = index;
    int partitions = offsets.partitions();
    this.logBegin = new long[partitions];
    this.indexBegin = new long[partitions];
    this.earliest = new long[partitions];
    Arrays.fill(earliest, UNKNOWN);
  }

  Earliest earliest(int partition) {
    long begin = offsets.begin(partition);
    long beginOfIndex = offsets.indexBegin(partition);
    if (earliest[partition] != UNKNOWN
        && logBegin[partition] == begin
        && indexBegin[partition] == beginOfIndex) {
      return new Earliest.At(earliest[partition]);
    }
    if (!offsets.isBeforeEnd(partition, begin, System.nanoTime())) {
      return new Earliest.At(begin);
    }
    switch (index.find(partition, begin)) {
      case Found.Covered covered -> earliest[partition] = begin;
      case Found.Gone(long oldest) -> earliest[partition] = oldest;
      case Found.NotYet notYet -> {
        return new Earliest.NotYet(notYet.next());
      }
    }
    logBegin[partition] = begin;
    indexBegin[partition] = beginOfIndex;
    return new Earliest.At(earliest[partition]);
  }
}
