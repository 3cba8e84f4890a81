package io.lqrealtime.gateway.tenant;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.id.Position;
import io.lqrealtime.record.RecordFormatException;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.lqrealtime.tenant.TenantPolicy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the tenants topic: first what is in force, then what is decided while it runs. An order
 * that is not newer than one with the same key changes nothing (a router that was paused, or does
 * its work again, may repeat it).
 *
 * <p>Memory is bounded by what the topic holds. A record that can't be read is skipped and counted.
 */
public final class OrderReader implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(OrderReader.class);
  private static final Duration POLL = Duration.ofMillis(500);

  /** What obeys; called in the topic's order, on one thread at a time. */
  @FunctionalInterface
  public interface Obedient {
    void obey(TenantOrder order);
  }

  /** What is counted. Called on the reader's thread. */
  public interface OrderMetrics {
    void obeyed(TenantOrder order);

    void unreadableOrder();
  }

  private record Given(Position position, TenantOrder order) {}

  private final Consumer<byte[], byte[]> consumer;
  private final TopicPartition partition;
  private final Obedient obedient;
  private final OrderMetrics metrics;
  private final Map<ByteBuffer, Given> inForce = new HashMap<>();
  private final CountDownLatch stopSignal = new CountDownLatch(1);

  /**
   * @param consumer closed by this reader's thread
   * @param topic the tenants topic, of one partition
   */
  public OrderReader(
      Consumer<byte[], byte[]> consumer, String topic, Obedient obedient, OrderMetrics metrics) {
    this.consumer = consumer;
    this.partition = new TopicPartition(topic, 0);
    this.obedient = obedient;
    this.metrics = metrics;
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
  }

  /**
   * Reads what is in force, before the thread starts.
   *
   * @throws TimeoutException if Kafka does not give it in time
   */
  public void readUpToNow(Duration within) throws TimeoutException {
    long deadline = System.nanoTime() + within.toNanos();
    Optional<Long> end = Optional.empty();
    while (System.nanoTime() - deadline < 0) {
      try {
        if (end.isEmpty()) {
          end =
              Optional.of(
                  consumer
                      .endOffsets(List.of(partition), POLL.multipliedBy(4))
                      .getOrDefault(partition, 0L));
        }
        if (consumer.position(partition, POLL.multipliedBy(4)) >= end.get()) {
          return;
        }
        step();
      } catch (org.apache.kafka.common.errors.TimeoutException e) {
        log.debug("Kafka did not answer in time, and is asked again", e);
      }
    }
    throw new TimeoutException("no answer about " + partition);
  }

  /** Ends the thread soon. */
  public void stop() {
    stopSignal.countDown();
    consumer.wakeup();
  }

  @Override
  public void run() {
    try {
      while (stopSignal.getCount() > 0) {
        try {
          step();
        } catch (WakeupException e) {
          // Stopped: the loop's condition says so.
        } catch (OffsetOutOfRangeException e) {
          log.warn("{} is not what it was, and is read anew", partition);
          consumer.seekToBeginning(List.of(partition));
        } catch (InterruptException e) {
          throw new InterruptedException();
        } catch (KafkaException e) {
          log.warn("Reading {} failed, and is tried again", partition, e);
          var _ = stopSignal.await(500, TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      consumer.close();
    }
  }

  private void step() {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
    for (ConsumerRecord<byte[], byte[]> record : records) {
      try {
        handle(record);
      } catch (RecordFormatException | IllegalArgumentException e) {
        log.warn(
            "{}@{} can't be read, and is skipped: {}", partition, record.offset(), e.getMessage());
        metrics.unreadableOrder();
      }
    }
  }

  private void handle(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null) {
      throw new IllegalArgumentException("no key");
    }
    ByteBuffer key = ByteBuffer.wrap(record.key());
    if (record.value() == null) {
      Optional.ofNullable(inForce.remove(key)).ifPresent(given -> takeBack(given.order()));
      return;
    }
    TenantOrder order =
        TenantOrderCodec.decode(header(record, RecordHeader.TYPE), record.value()).order();
    Given given = new Given(Position.parse(header(record, RecordHeader.POSITION)), order);
    Given former = inForce.get(key);
    if (former != null && !TenantOrderCodec.replaces(given.position(), former.position())) {
      return;
    }
    inForce.put(key, given);
    log.info("By order of {} at {}: {}", order.by(), given.position(), order);
    obedient.obey(order);
    metrics.obeyed(order);
  }

  /** A tombstone where the order before it was not seen: compaction may have taken that. */
  private void takeBack(TenantOrder order) {
    switch (order) {
      case TenantOrder.SetPolicy set ->
          obedient.obey(new TenantOrder.SetPolicy(set.tenant(), set.by(), TenantPolicy.DEFAULT));
      case TenantOrder.Revoke revoke ->
          obedient.obey(new TenantOrder.Revoke(revoke.tenant(), revoke.by(), revoke.target(), 0));
      case TenantOrder.Disconnect _, TenantOrder.Unsubscribe _ -> {
        // Of a moment that is over.
      }
    }
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    if (header == null || header.value() == null) {
      throw new IllegalArgumentException("no header " + name);
    }
    return new String(header.value(), UTF_8);
  }
}
