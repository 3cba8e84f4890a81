package io.lqrealtime.gateway.history;

import java.time.Duration;
import java.util.List;
import java.util.function.IntConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Reads one partition of a topic at a time, on from where it was told. Reading on where it stands
 * costs no seek, and the next fetch is on its way already: Kafka's consumer asks for it when it
 * hands out the last one.
 *
 * <p>Throws Kafka's exceptions: {@link org.apache.kafka.clients.consumer.OffsetOutOfRangeException}
 * where the log does not hold the offset, {@link TimeoutException} where the broker does not answer
 * in time. Can be used again after each of them. Confined to one thread.
 */
final class SequentialReader {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int NOWHERE = -1;

  private final Consumer<byte[], byte[]> consumer;
  private final String topic;
  private final Duration within;
  private final IntConsumer bytesRead;
  private int partition = NOWHERE;
  private TopicPartition assigned;
  private long next;
  private long usedNanos = System.nanoTime();

  /**
   * @param within how long it waits for what is there
   */
  SequentialReader(
      Consumer<byte[], byte[]> consumer, String topic, Duration within, IntConsumer bytesRead) {
    this.consumer = consumer;
    this.topic = topic;
    this.within = within;
    this.bytesRead = bytesRead;
    this.assigned = new TopicPartition(topic, 0);
  }

  /** From where it reads on in the partition, or -1 if it stands in another. */
  long standsAt(int inPartition) {
    return partition == inPartition ? next : -1;
  }

  /** When it was last used, of {@link System#nanoTime}. */
  long usedNanos() {
    return usedNanos;
  }

  /**
   * The records that come next, as many as a fetch brings; none where up to the limit there is
   * none. {@link #standsAt} then says how far that goes.
   *
   * @param until what is there ends here
   */
  List<ConsumerRecord<byte[], byte[]>> read(int fromPartition, long from, long until) {
    long begun = System.nanoTime();
    usedNanos = begun;
    try {
      goTo(fromPartition, from);
      while (next < until) {
        List<ConsumerRecord<byte[], byte[]>> records = consumer.poll(POLL).records(assigned);
        if (!records.isEmpty()) {
          next = records.getLast().offset() + 1;
          count(records);
          return records;
        }
        // Past what is no record: markers of transactions.
        Duration left = within.minusNanos(System.nanoTime() - begun);
        next = consumer.position(assigned, left.isPositive() ? left : Duration.ZERO);
        if (next < until && !left.isPositive()) {
          throw new TimeoutException("nothing came of " + assigned + " from " + next + " on");
        }
      }
      return List.of();
    } catch (RuntimeException e) {
      partition = NOWHERE;
      throw e;
    }
  }

  private void goTo(int toPartition, long offset) {
    if (partition != toPartition) {
      assigned = new TopicPartition(topic, toPartition);
      consumer.assign(List.of(assigned));
    } else if (next == offset) {
      return;
    }
    consumer.seek(assigned, offset);
    partition = toPartition;
    next = offset;
  }

  private void count(List<ConsumerRecord<byte[], byte[]>> records) {
    int bytes = 0;
    for (ConsumerRecord<byte[], byte[]> record : records) {
      bytes += Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    }
    bytesRead.accept(bytes);
  }
}
