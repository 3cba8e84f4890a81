package io.lqrealtime.gateway;

import io.lqrealtime.gateway.history.HistoryConsumers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Builds the gateway's Kafka clients with the settings that its guarantees rest on. Each is closed
 * by whoever uses it, or all by {@link #abandon}.
 */
final class KafkaClients {
  private static final int PRODUCER_BUFFER_BYTES = 64 << 20;

  /** With no time at all an admin client's thread is waited for, without bounds. */
  private static final Duration CLOSE_WITHIN = Duration.ofMillis(100);

  private final GatewayConfig config;
  private final Queue<Runnable> closers = new ConcurrentLinkedQueue<>();

  KafkaClients(GatewayConfig config) {
    this.config = config;
  }

  Admin admin() {
    Admin admin = Admin.create(properties("admin"));
    closers.add(() -> admin.close(CLOSE_WITHIN));
    return admin;
  }

  /**
   * What may be under way in the {@link #producer} at once, in bytes of records: three quarters of
   * its buffer, for it also holds what is not filled of its batches.
   */
  int bytesUnderWay() {
    Object buffer =
        properties("producer")
            .getOrDefault(ProducerConfig.BUFFER_MEMORY_CONFIG, PRODUCER_BUFFER_BYTES);
    return Math.clamp(Long.parseLong(buffer.toString()) / 4 * 3, 1, Integer.MAX_VALUE);
  }

  /**
   * Durable, in order, and never blocking: see {@link
   * io.lqrealtime.gateway.inbound.InboundProducer}.
   */
  KafkaProducer<byte[], byte[]> producer() {
    Map<String, Object> properties = properties("producer");
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0);
    // A topic that is not sent to for five minutes would be forgotten, and with max.block.ms=0 the
    // next
    // send to it would fail.
    properties.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Duration.ofDays(1).toMillis());
    // Rebootstrapping drops all metadata when no broker answers, and a send that may not wait would
    // fail.
    properties.put(CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG, "none");
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    properties.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024);
    properties.putIfAbsent(ProducerConfig.BUFFER_MEMORY_CONFIG, PRODUCER_BUFFER_BYTES);
    properties.put(
        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) config.deliveryTimeout().toMillis());
    properties.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
        (int) Math.min(5000, config.deliveryTimeout().toMillis()));
    properties.putIfAbsent(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    closers.add(() -> producer.close(Duration.ZERO));
    return producer;
  }

  /** Reads by assignment from where it is told; an offset that is gone is an error, not a jump. */
  KafkaConsumer<byte[], byte[]> consumer(String role) {
    Map<String, Object> properties = properties(role);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1000);
    properties.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
    properties.putIfAbsent(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    properties.putIfAbsent(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 30_000);
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    closers.add(() -> consumer.close(CloseOptions.timeout(Duration.ZERO)));
    return consumer;
  }

  /** Reads the past by assignment, apart from what is live. */
  KafkaConsumer<byte[], byte[]> historyConsumer(HistoryConsumers.Fetching fetching) {
    Map<String, Object> properties = properties("history-" + fetching.purpose());
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, fetching.bytes());
    // Of several partitions as much as of one and a bit: it is what a fetch takes of memory.
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 2 * fetching.bytes());
    properties.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) fetching.holdBack().toMillis());
    // A fetch is taken as a whole, or the rest would be fetched again after the next seek.
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, Integer.MAX_VALUE);
    properties.putIfAbsent(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    properties.putIfAbsent(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 30_000);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** The gateway does not come to be: closes what was built for it, and waits for nothing. */
  void abandon() {
    closers.forEach(Runnable::run);
  }

  private Map<String, Object> properties(String role) {
    Map<String, Object> properties = new HashMap<>(config.kafka());
    properties.put("client.id", "lq-gateway-" + config.id() + "-" + role);
    return properties;
  }
}
