package io.lqrealtime.gateway.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/**
 * Where the partitions of the log and of its index begin and end, asked of the broker as seldom as
 * answers allow: one question for all partitions that somebody has lately wanted to know of, and
 * what it brought is good for a moment. An end is only taken from before a question where it can't
 * have become wrong by then.
 *
 * <p>Throws Kafka's exceptions. Confined to one thread.
 */
final class LogOffsets {
  /** How long what was deleted in the meantime may be thought to be there. */
  private static final long BEGINNING_FRESH_NANOS = Duration.ofSeconds(1).toNanos();

  private static final long INDEX_END_FRESH_NANOS = Duration.ofMillis(20).toNanos();
  private static final long WANTED_NANOS = Duration.ofSeconds(1).toNanos();

  private final Consumer<byte[], byte[]> consumer;
  private final Duration within;
  private final TopicPartition[] log;
  private final TopicPartition[] index;
  private final Known begin;
  private final Known end;
  private final Known indexBegin;
  private final Known indexEnd;
  private boolean alone;

  /** Offsets of the partitions, when they were asked for, and when they were last wanted. */
  private static final class Known {
    final long[] offset;
    final long[] askedNanos;
    final long[] wantedNanos;
    final boolean[] present;

    Known(int partitions) {
      offset = new long[partitions];
      askedNanos = new long[partitions];
      wantedNanos = new long[partitions];
      present = new boolean[partitions];
    }

    boolean isSince(int partition, long nanos) {
      return present[partition] && askedNanos[partition] - nanos >= 0;
    }

    void put(int partition, long value, long nanos) {
      offset[partition] = value;
      askedNanos[partition] = nanos;
      present[partition] = true;
    }
  }

  LogOffsets(
      Consumer<byte[], byte[]> consumer,
      String logTopic,
      String indexTopic,
      int partitions,
      Duration within) {
    this.consumer = consumer;
    this.within = within;
    this.log = new TopicPartition[partitions];
    this.index = new TopicPartition[partitions];
    for (int i = 0; i < partitions; i++) {
      log[i] = new TopicPartition(logTopic, i);
      index[i] = new TopicPartition(indexTopic, i);
    }
    this.begin = new Known(partitions);
    this.end = new Known(partitions);
    this.indexBegin = new Known(partitions);
    this.indexEnd = new Known(partitions);
  }

  int partitions() {
    return log.length;
  }

  /** The first offset of the log that is retained. */
  long begin(int partition) {
    beginnings(partition);
    return begin.offset[partition];
  }

  /** The first offset of the index that is retained. */
  long indexBegin(int partition) {
    beginnings(partition);
    return indexBegin.offset[partition];
  }

  /** Where it begins and ends may have changed: asks again when it is next wanted. */
  void forget(int partition) {
    begin.present[partition] = false;
    end.present[partition] = false;
    indexBegin.present[partition] = false;
    indexEnd.present[partition] = false;
  }

  /** The log's end, as it was at this time of {@link System#nanoTime} or later. */
  long endSince(int partition, long nanos) {
    if (!end.isSince(partition, nanos)) {
      ends(log, end, partition);
    }
    return end.offset[partition];
  }

  /** Whether an offset was given out at this time or before. */
  boolean isBeforeEnd(int partition, long offset, long nanos) {
    return end.present[partition] && offset < end.offset[partition]
        || offset < endSince(partition, nanos);
  }

  /** The log's end; where it is past the offset, it may be an old one. */
  long endPast(int partition, long offset) {
    return end.present[partition] && offset < end.offset[partition]
        ? end.offset[partition]
        : endSince(partition, System.nanoTime());
  }

  /** The index's end; where it is past the offset, it may be somewhat old. */
  long indexEndPast(int partition, long offset) {
    if (!indexEnd.present[partition]
        || offset >= indexEnd.offset[partition]
            && !indexEnd.isSince(partition, System.nanoTime() - INDEX_END_FRESH_NANOS)) {
      ends(index, indexEnd, partition);
    }
    return indexEnd.offset[partition];
  }

  /** The index was seen to go so far. */
  void indexReaches(int partition, long newEnd) {
    if (newEnd > indexEnd.offset[partition]) {
      indexEnd.offset[partition] = newEnd;
    }
  }

  /** The first offset of the log that was appended at this time or later. */
  OptionalLong first(int partition, long epochMillis) {
    return first(log[partition], epochMillis);
  }

  /** The first offset of the index with this time or a later one. */
  OptionalLong firstOfIndex(int partition, long epochMillis) {
    return first(index[partition], epochMillis);
  }

  private OptionalLong first(TopicPartition partition, long epochMillis) {
    // Times before 1970 are Kafka's special values.
    OffsetAndTimestamp found =
        consumer
            .offsetsForTimes(Map.of(partition, Math.max(0, epochMillis)), within)
            .get(partition);
    return found == null ? OptionalLong.empty() : OptionalLong.of(found.offset());
  }

  private void beginnings(int partition) {
    long now = System.nanoTime();
    begin.wantedNanos[partition] = now;
    if (begin.isSince(partition, now - BEGINNING_FRESH_NANOS)) {
      return;
    }
    List<TopicPartition> asked = new ArrayList<>();
    for (int i = 0; i < log.length; i++) {
      if (i == partition || isWanted(begin, i, now)) {
        asked.add(log[i]);
        asked.add(index[i]);
      }
    }
    alone = true;
    Map<TopicPartition, Long> answer = consumer.beginningOffsets(asked, within);
    alone = false;
    for (int i = 0; i < log.length; i++) {
      Long first = answer.get(log[i]);
      Long firstOfIndex = answer.get(index[i]);
      if (first != null && firstOfIndex != null) {
        begin.put(i, first, now);
        indexBegin.put(i, firstOfIndex, now);
      }
    }
  }

  private void ends(TopicPartition[] topic, Known ends, int partition) {
    long now = System.nanoTime();
    ends.wantedNanos[partition] = now;
    List<TopicPartition> asked = new ArrayList<>();
    for (int i = 0; i < topic.length; i++) {
      if (i == partition || isWanted(ends, i, now)) {
        asked.add(topic[i]);
      }
    }
    alone = true;
    Map<TopicPartition, Long> answer = consumer.endOffsets(asked, within);
    alone = false;
    for (int i = 0; i < topic.length; i++) {
      Long last = answer.get(topic[i]);
      if (last != null) {
        ends.put(i, last, now);
      }
    }
  }

  /** After a failure each partition is asked for by itself: one without a leader fails them all. */
  private boolean isWanted(Known known, int partition, long now) {
    return !alone
        && known.wantedNanos[partition] != 0
        && now - known.wantedNanos[partition] < WANTED_NANOS;
  }
}
