package io.lqrealtime.gateway.history;

import io.lqrealtime.gateway.history.HistoryConsumers.Fetching;
import io.lqrealtime.gateway.inbound.InboundLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What history's thread reads with: five consumers and the caches in front of them. Confined to
 * that thread, but for {@link #wakeup} and {@link #cacheBytes}.
 */
final class HistoryReaders {
  private static final Logger log = LoggerFactory.getLogger(HistoryReaders.class);

  /** Clients that read far back at the same time, without each moving the other's reader. */
  private static final int STREAMS = 2;

  private static final int STREAM_BYTES = 512 << 10;
  private static final int JUMP_BYTES = 64 << 10;
  private static final int INDEX_BYTES = 256 << 10;
  private static final int LEAST_BYTES = 16 << 10;

  /** What a fetch brings has to stay in the cache until it is used. */
  private static final int FETCH_SHARE = 8;

  /** Nothing else can be fetched meanwhile, by the same consumer. */
  private static final Duration TAIL_WAIT = Duration.ofMillis(25);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

  /** Of the cache, the index has one part in so many. */
  private static final int INDEX_SHARE = 4;

  private final List<Consumer<byte[], byte[]>> consumers = new ArrayList<>();
  private final long cacheBytes;
  private final BlockCache blocks;
  private final RunCache runs;
  private final IndexTail tail;
  private final Turns turns;

  /**
   * @param othersWait whether somebody waits for a turn
   * @throws org.apache.kafka.common.KafkaException if a consumer can't be made
   */
  HistoryReaders(
      HistoryConsumers source,
      String indexTopic,
      InboundLog inbound,
      long cacheBytes,
      HistoryMetrics metrics,
      Pace pace,
      BooleanSupplier othersWait) {
    int partitions = inbound.placement().partitions();
    this.cacheBytes = cacheBytes;
    try {
      Consumer<byte[], byte[]> scan = consumer(source, "index", INDEX_BYTES, Duration.ZERO);
      LogOffsets offsets =
          new LogOffsets(scan, inbound.topic(), indexTopic, partitions, pace.answered());
      this.blocks = new BlockCache(cacheBytes - cacheBytes / INDEX_SHARE);
      this.runs = new RunCache(partitions, cacheBytes / INDEX_SHARE);
      List<SequentialReader> streams = new ArrayList<>();
      for (int i = 1; i <= STREAMS; i++) {
        streams.add(
            new SequentialReader(
                consumer(source, "stream-" + i, STREAM_BYTES, Duration.ZERO),
                inbound.topic(),
                pace.answered(),
                metrics::read));
      }
      SequentialReader jumps =
          new SequentialReader(
              consumer(source, "jump", JUMP_BYTES, Duration.ZERO),
              inbound.topic(),
              pace.answered(),
              metrics::read);
      BodyReader bodies = new BodyReader(blocks, offsets, streams, jumps, metrics);
      IndexReader index =
          new IndexReader(
              inbound,
              new SequentialReader(scan, indexTopic, pace.answered(), metrics::read),
              offsets,
              bodies,
              runs);
      Retention retention = new Retention(offsets, index);
      this.tail =
          new IndexTail(consumer(source, "tail", INDEX_BYTES, TAIL_WAIT), indexTopic, index);
      this.turns =
          new Turns(
              offsets,
              retention,
              new PageBuilder(inbound, offsets, index, bodies, blocks, retention, pace, othersWait),
              metrics,
              pace);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Consumer<byte[], byte[]> consumer(
      HistoryConsumers source, String purpose, int most, Duration holdBack) {
    int bytes = Math.clamp(cacheBytes / FETCH_SHARE, LEAST_BYTES, most);
    Consumer<byte[], byte[]> made = source.create(new Fetching(purpose, bytes, holdBack));
    consumers.add(made);
    return made;
  }

  Turns turns() {
    return turns;
  }

  IndexTail tail() {
    return tail;
  }

  long cacheBytes() {
    return blocks.bytes() + runs.bytes();
  }

  /** Whoever waits for Kafka waits no longer, and reads no more. From any thread. */
  void wakeup() {
    consumers.forEach(Consumer::wakeup);
  }

  void close() {
    for (Consumer<byte[], byte[]> consumer : consumers) {
      try {
        consumer.close(CloseOptions.timeout(CLOSE_WITHIN));
      } catch (RuntimeException e) {
        log.warn("A consumer of the past was not closed in order", e);
      }
    }
  }
}
