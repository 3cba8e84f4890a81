package io.lqrealtime.gateway.history;

import io.lqrealtime.record.MessageHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Brings records of the inbound log into the cache's blocks. What lies dense is read on, by readers
 * that stay where they are; what lies far apart by one with small fetches.
 *
 * <p>Throws Kafka's exceptions. Confined to one thread.
 */
final class BodyReader {
  /** Reading through so many records costs less than a fetch of its own. */
  static final int NEAR = 4 * Block.SIZE;

  private static final int MAX_NAMES = 10_000;

  private final BlockCache cache;
  private final LogOffsets offsets;
  private final List<SequentialReader> streams;
  private final SequentialReader jumps;
  private final HistoryMetrics metrics;
  private final Map<Names, Names> names = new HashMap<>();

  /**
   * @param streams read on where they stand, the one that was not used for longest elsewhere
   */
  BodyReader(
      BlockCache cache,
      LogOffsets offsets,
      List<SequentialReader> streams,
      SequentialReader jumps,
      HistoryMetrics metrics) {
    this.cache = cache;
    this.offsets = offsets;
    this.streams = streams;
    this.jumps = jumps;
    this.metrics = metrics;
  }

  /**
   * The block in which it is known what lies at the offset, or null if that is not retained.
   *
   * @param dense whether more will be wanted shortly past it
   */
  @Nullable Block block(int partition, long offset, boolean dense) {
    Block block = cache.get(partition, offset);
    if (block != null && block.end() > offset) {
      metrics.cacheHit();
      return block;
    }
    metrics.cacheMiss();
    try {
      return read(partition, offset, dense);
    } catch (OffsetOutOfRangeException e) {
      offsets.forget(partition);
      if (offset < offsets.begin(partition)) {
        return null;
      }
      return read(partition, offset, dense);
    }
  }

  private Block read(int partition, long offset, boolean dense) {
    Block wanted = cache.open(partition, offset);
    wanted.reach(Math.min(offset, offsets.begin(partition)));
    SequentialReader reader = choose(partition, wanted.end(), dense);
    long stands = reader.standsAt(partition);
    boolean readsThrough = stands >= 0 && stands <= wanted.end() && stands >= wanted.end() - NEAR;
    long from = readsThrough ? stands : wanted.end();
    long at = from;
    while (wanted.end() <= offset) {
      List<ConsumerRecord<byte[], byte[]>> records = reader.read(partition, at, offset + 1);
      at = reader.standsAt(partition);
      keep(partition, from, records, wanted);
      wanted.reach(at);
    }
    return wanted;
  }

  /**
   * Puts records into their blocks. One that is not known up to where the reading began would have
   * a hole, and is passed over.
   */
  private void keep(
      int partition, long from, List<ConsumerRecord<byte[], byte[]>> records, Block wanted) {
    Block block = wanted;
    for (ConsumerRecord<byte[], byte[]> record : records) {
      long offset = record.offset();
      long start = Block.startOf(offset);
      if (start != block.start()) {
        if (start > block.start() && block.end() >= from) {
          block.reach(offset);
        }
        block = start == wanted.start() ? wanted : cache.open(partition, offset);
      }
      if (offset >= block.end() && block.end() >= from) {
        long before = block.cost();
        block.add(offset, record.timestamp(), body(record));
        cache.changed(partition, block, before);
      }
    }
  }

  private SequentialReader choose(int partition, long from, boolean dense) {
    SequentialReader idle = streams.getFirst();
    for (SequentialReader stream : streams) {
      long at = stream.standsAt(partition);
      if (at >= 0 && at <= from && from - at <= (dense ? NEAR : 0)) {
        return stream;
      }
      if (stream.usedNanos() - idle.usedNanos() < 0) {
        idle = stream;
      }
    }
    return dense ? idle : jumps;
  }

  private @Nullable Body body(ConsumerRecord<byte[], byte[]> record) {
    byte[] key = record.key();
    byte[] value = record.value();
    if (key == null || value == null) {
      return null;
    }
    MessageHeaders headers = new MessageHeaders();
    for (Header header : record.headers()) {
      headers.add(header.key(), header.value());
    }
    if (!headers.isMessage()) {
      return MemberBody.read(headers, key, value)
          .map(event -> new Body(shared(event.names()), event.payload()))
          .orElse(null);
    }
    if (headers.channel().isEmpty()) {
      return null;
    }
    return new Body(
        shared(new Names(key, headers.channel().get())), record.timestamp(), headers, value);
  }

  private Names shared(Names read) {
    Names known = names.putIfAbsent(read, read);
    if (known != null) {
      return known;
    }
    if (names.size() > MAX_NAMES) {
      names.clear();
    }
    return read;
  }

  /** When the first record from the one offset to the other was appended, if there is one. */
  OptionalLong timeFrom(int partition, long offset, long end) {
    long at = offset;
    while (at < end) {
      Block block = block(partition, at, false);
      if (block == null) {
        return OptionalLong.empty();
      }
      long first = block.firstRecord(at);
      if (first >= 0) {
        return OptionalLong.of(block.time(first));
      }
      at = block.end();
    }
    return OptionalLong.empty();
  }
}
