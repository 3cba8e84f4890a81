package io.lqrealtime.router.streams;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Kafka every {@link #PERIOD}, on a thread of its own, what the group has committed: Streams
 * does not tell its processors, and that a commit's flush went well does not mean that the offsets
 * were taken.
 *
 * <p>Kafka is asked once at the start, for what was restored, and then only while more than {@value
 * #FEW} closed entries wait for the answer. What can't be had is asked for again; until then the
 * last answer stands, which is right, only late.
 *
 * <p>Safe for use by several threads.
 */
final class CommittedOffsets implements GroupProgress, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommittedOffsets.class);

  static final Duration PERIOD = Duration.ofSeconds(2);
  static final int FEW = 100;

  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final Source source;
  private final IntSupplier closedEntries;
  private final Duration period;
  private final Thread thread;
  private volatile Map<Integer, Long> committed = Map.of();

  /** What the group has committed, by partition of the inbound log. */
  @FunctionalInterface
  interface Source {
    Map<Integer, Long> ask() throws ExecutionException, TimeoutException, InterruptedException;
  }

  /**
   * @param closedEntries how many wait, in this process
   */
  CommittedOffsets(Source source, IntSupplier closedEntries, Duration period) {
    this.source = source;
    this.closedEntries = closedEntries;
    this.period = period;
    this.thread = Thread.ofPlatform().daemon().name("lq-router-commits").unstarted(this::run);
  }

  /** Needs Describe on the group, which Read includes. */
  static Source of(Admin admin, String group, String topic) {
    return () -> {
      Map<TopicPartition, OffsetAndMetadata> all =
          admin
              .listConsumerGroupOffsets(group)
              .partitionsToOffsetAndMetadata()
              .get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      Map<Integer, Long> offsets = new HashMap<>();
      all.forEach(
          (partition, offset) -> {
            // Null where nothing is committed.
            if (offset != null && partition.topic().equals(topic)) {
              offsets.put(partition.partition(), offset.offset());
            }
          });
      return offsets;
    };
  }

  void start() {
    thread.start();
  }

  @Override
  public OptionalLong committed(int partition) {
    Long offset = committed.get(partition);
    return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      if (!thread.join(CLOSE_WITHIN)) {
        LOG.warn("Asking for committed offsets did not end within {}", CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      ask();
      while (true) {
        Thread.sleep(period);
        if (closedEntries.getAsInt() > FEW) {
          ask();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ask() throws InterruptedException {
    try {
      committed = Map.copyOf(source.ask());
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      LOG.debug("The committed offsets can't be had", e);
    }
  }
}
