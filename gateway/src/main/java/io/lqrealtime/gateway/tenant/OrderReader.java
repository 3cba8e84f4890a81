package io.lqrealtime.gateway.tenant;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.id.Position;
import io.lqrealtime.id.Region;
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
import org.apache.kafka.clients.consumer.CloseOptions;
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
 * Reads the tenants topic: first what is in force, then what is decided while it runs. A router
 * that was paused, or does its work again, may repeat what it wrote, so
 *
 * <ul>
 *   <li>an order that lasts changes nothing where it is not newer than the one in force with the
 *       same key, and neither does the tombstone of such a one;
 *   <li>an order of a moment is obeyed once: nothing stays of it by which a repeat could be known,
 *       but one router at a time passes on a partition of the inbound log, in order. So what is not
 *       past the newest one that was obeyed from there came before.
 * </ul>
 *
 * <p>Orders that last can't be told by that, for compaction takes away the first of two: what is
 * left may well be older than what comes before it.
 *
 * <p>Memory is bounded by what is in force, and by the number of partitions. A record that can't be
 * read is skipped and counted.
 */
public final class OrderReader implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(OrderReader.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);

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

  /** A partition of the inbound log, whichever log that is. */
  private record Source(Region region, int partition) {}

  private final Consumer<byte[], byte[]> consumer;
  private final TopicPartition partition;
  private final Obedient obedient;
  private final OrderMetrics metrics;
  private final Map<ByteBuffer, Given> inForce = new HashMap<>();
  private volatile int inForceCount;
  private final Map<Source, Position> newestOfAMoment = new HashMap<>();
  private final CountDownLatch stopSignal = new CountDownLatch(1);

  /** What is read was given before this gateway was there. */
  private boolean atStart;

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

  /** Orders that hold until others take their place: policies, revocations. From any thread. */
  public int inForce() {
    return inForceCount;
  }

  /**
   * Reads what is in force, before the thread starts.
   *
   * @throws TimeoutException if Kafka does not give it in time
   */
  public void readUpToNow(Duration within) throws TimeoutException {
    long deadline = System.nanoTime() + within.toNanos();
    Optional<Long> end = Optional.empty();
    atStart = true;
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
          atStart = false;
          log.info("{} orders about tenants are in force", inForce.size());
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
      consumer.close(CloseOptions.timeout(CLOSE_WITHIN));
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
      takeBack(key, position(record));
      return;
    }
    TenantOrder order =
        TenantOrderCodec.decode(header(record, RecordHeader.TYPE), record.value()).order();
    Position position =
        position(record).orElseThrow(() -> new IllegalArgumentException("no position"));
    boolean isNew =
        switch (order) {
          case TenantOrder.Disconnect _, TenantOrder.Unsubscribe _ -> isNewOfAMoment(position);
          case TenantOrder.SetPolicy _, TenantOrder.Revoke _ ->
              takesForce(key, new Given(position, order));
        };
    if (!isNew) {
      log.debug("The order at {} came before, or is replaced", position);
      return;
    }
    if (atStart) {
      log.debug("By order of {} at {}, before this start: {}", order.by(), position, order);
    } else {
      log.info("By order of {} at {}: {}", order.by(), position, order);
    }
    obedient.obey(order);
    metrics.obeyed(order);
  }

  private boolean isNewOfAMoment(Position position) {
    Source source = new Source(position.region(), position.partition());
    Position newest = newestOfAMoment.get(source);
    boolean isNew = newest == null || TenantOrderCodec.replaces(position, newest);
    if (isNew) {
      newestOfAMoment.put(source, position);
    }
    return isNew;
  }

  private boolean takesForce(ByteBuffer key, Given given) {
    Given former = inForce.get(key);
    boolean isNew =
        former == null || TenantOrderCodec.replaces(given.position(), former.position());
    if (isNew) {
      inForce.put(key, given);
      inForceCount = inForce.size();
    }
    return isNew;
  }

  /**
   * Ends what is in force, by a tombstone: compaction may have taken the order that it belongs to.
   *
   * @param of where that order lies; former routers did not say
   */
  private void takeBack(ByteBuffer key, Optional<Position> of) {
    Given given = inForce.get(key);
    if (given == null
        || !of.map(last -> TenantOrderCodec.ends(last, given.position())).orElse(true)) {
      return;
    }
    inForce.remove(key);
    inForceCount = inForce.size();
    switch (given.order()) {
      case TenantOrder.SetPolicy set ->
          obedient.obey(new TenantOrder.SetPolicy(set.tenant(), set.by(), TenantPolicy.DEFAULT));
      case TenantOrder.Revoke revoke ->
          obedient.obey(new TenantOrder.Revoke(revoke.tenant(), revoke.by(), revoke.target(), 0));
      case TenantOrder.Disconnect _, TenantOrder.Unsubscribe _ -> {
        // Of a moment, and never in force.
      }
    }
  }

  private static Optional<Position> position(ConsumerRecord<byte[], byte[]> record) {
    return record.headers().lastHeader(RecordHeader.POSITION) == null
        ? Optional.empty()
        : Optional.of(Position.parse(header(record, RecordHeader.POSITION)));
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    if (header == null || header.value() == null) {
      throw new IllegalArgumentException("no header " + name);
    }
    return new String(header.value(), UTF_8);
  }
}
