package io.lqrealtime.gateway.delivery;

import io.lqrealtime.gateway.session.Delivery;
import io.lqrealtime.gateway.transport.EventLoop;
import io.lqrealtime.record.GatewayRecordCodec;
import io.lqrealtime.record.RecordFormatException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
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
 * Reads the gateway's topic, from its claim on, and hands each poll's deliveries to every I/O
 * thread: one task a thread and poll. Without a consumer group: where it reads is decided by the
 * claim.
 *
 * <p>It waits for I/O threads that are too far behind, and so does the topic then: nothing is
 * buffered beyond the consumer's bounded fetch.
 */
public final class GatewayTopicReader implements Runnable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(GatewayTopicReader.class);

  /** Told, on the reader's thread, what the gateway has to do about itself. */
  public interface Standing {
    /**
     * This generation is over: claim again. Blocks.
     *
     * @return where to read on; empty if it could not be done now and is to be tried again
     */
    Optional<GatewayTopic.Claimed> takeNewGeneration() throws InterruptedException;

    /** Another process has claimed this gateway's id. */
    void leave();
  }

  private final Consumer<byte[], byte[]> consumer;
  private final TopicPartition partition;
  private final ChannelRegistry registry;
  private final RecordHandler handler;
  private final List<EventLoop> loops;
  private final Standing standing;
  private final AtomicReference<String> restartReason = new AtomicReference<>();
  private final CountDownLatch stopSignal = new CountDownLatch(1);
  private volatile long lastPollNanos = System.nanoTime();

  public GatewayTopicReader(
      Consumer<byte[], byte[]> consumer,
      TopicPartition partition,
      GatewayIdentity identity,
      int inboundPartitions,
      ChannelRegistry registry,
      RecentMessages recent,
      List<EventLoop> loops,
      DeliveryMetrics metrics,
      Standing standing) {
    this.consumer = consumer;
    this.partition = partition;
    this.registry = registry;
    this.handler = new RecordHandler(identity, registry, inboundPartitions, recent, metrics);
    this.loops = List.copyOf(loops);
    this.standing = standing;
    consumer.assign(List.of(partition));
  }

  /** To be called before the thread starts. */
  public void startAt(GatewayTopic.Claimed claimed) {
    consumer.seek(partition, claimed.offset() + 1);
  }

  /**
   * Asks for a new generation, from any thread: the lease was overslept, or the topic is another.
   */
  public void restart(String reason) {
    restartReason.set(reason);
  }

  /** Nanoseconds since the reader last came back from Kafka. */
  public long nanosSinceLastPoll() {
    return System.nanoTime() - lastPollNanos;
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
          restart("its topic no longer holds the offset it was to read: " + e.getMessage());
        } catch (RecordFormatException | KafkaException e) {
          if (e instanceof InterruptException) {
            throw new InterruptedException();
          }
          log.warn("Reading {} failed, and is tried again", partition, e);
          pause();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      consumer.close(CloseOptions.timeout(CLOSE_WITHIN));
    }
  }

  private void step() throws InterruptedException {
    String reason = restartReason.get();
    if (reason != null) {
      startOver(reason);
    }
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
    lastPollNanos = System.nanoTime();
    if (records.isEmpty()) {
      return;
    }
    List<Delivery> batch = new ArrayList<>(records.count());
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (!handle(record, batch)) {
        break;
      }
    }
    hand(batch);
  }

  /** Returns whether to go on with the batch. */
  private boolean handle(ConsumerRecord<byte[], byte[]> record, List<Delivery> batch) {
    Header header = record.headers().lastHeader(GatewayRecordCodec.HEADER);
    byte[] value = record.value();
    RecordHandler.Duty duty;
    try {
      if (header == null) {
        throw new RecordFormatException("no header");
      }
      duty =
          handler.handle(
              GatewayRecordCodec.decode(header.value(), value == null ? new byte[0] : value),
              batch::add);
    } catch (RecordFormatException e) {
      log.warn("{}@{} can't be read: {}", partition, record.offset(), e.getMessage());
      handler.unreadable(batch::add);
      restart("a record of its topic can't be read");
      return true;
    }
    return switch (duty) {
      case NONE -> true;
      case NEW_GENERATION -> {
        restart("the router has closed this generation");
        yield true;
      }
      case LEAVE -> {
        log.error("Another process has claimed this gateway's id: leaving");
        stopSignal.countDown();
        standing.leave();
        yield false;
      }
    };
  }

  private void startOver(String reason) throws InterruptedException {
    log.warn("Starting over under a new generation: {}", reason);
    Optional<GatewayTopic.Claimed> taken = standing.takeNewGeneration();
    if (taken.isEmpty()) {
      pause();
      return;
    }
    GatewayTopic.Claimed claimed = taken.get();
    restartReason.compareAndSet(reason, null);
    List<Delivery> lost = new ArrayList<>();
    handler.loseEverything(lost::add);
    registry.startOver(claimed.generation());
    consumer.seek(partition, claimed.offset() + 1);
    hand(lost);
  }

  private void hand(List<Delivery> batch) throws InterruptedException {
    if (batch.isEmpty()) {
      return;
    }
    List<Delivery> shared = List.copyOf(batch);
    for (EventLoop loop : loops) {
      loop.deliver(shared);
    }
  }

  /** Waits a moment before the next try, unless stopped. */
  private void pause() throws InterruptedException {
    var _ = stopSignal.await(500, TimeUnit.MILLISECONDS);
  }
}
