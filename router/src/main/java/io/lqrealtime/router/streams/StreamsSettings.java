package io.lqrealtime.router.streams;

import io.lqrealtime.router.RouterConfig;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The settings of Kafka Streams, each with its reason.
 *
 * <p>Time that others wait for one gateway: a record for a topic that is gone waits for {@code
 * max.block.ms} if the producer has forgotten it, or for {@code delivery.timeout.ms} in the flush
 * of a commit if it has not; together less than 5 s.
 */
final class StreamsSettings {
  static final int MAX_BLOCK_MS = 1_500;
  static final int DELIVERY_TIMEOUT_MS = 2_500;
  private static final int REQUEST_TIMEOUT_MS = 2_000;
  private static final int TASK_TIMEOUT_MS = 120_000;

  private StreamsSettings() {}

  static Properties of(
      RouterConfig config, Path stateDirectory, ProductionFailures.Ports failures) {
    Properties settings = new Properties();
    settings.putAll(config.kafka());
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, config.topics().routerApplicationId());
    settings.put(StreamsConfig.CLIENT_ID_CONFIG, "lq-router-" + ProcessHandle.current().pid());
    settings.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
    settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.standbys());
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, config.replicationFactor());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, (long) config.cacheBytes());
    settings.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.NO_OPTIMIZATION);
    settings.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
    // Data ends a poll at once; what waits for its end are commits and heartbeats.
    settings.put(StreamsConfig.POLL_MS_CONFIG, 50L);
    settings.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, 0L);
    settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 500);
    settings.put(StreamsConfig.TASK_TIMEOUT_MS_CONFIG, (long) TASK_TIMEOUT_MS);
    settings.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, ProductionFailures.class);
    settings.put(ProductionFailures.PORTS, failures);
    consumer(settings, config);
    producer(settings, config);
    return settings;
  }

  private static void consumer(Properties settings, RouterConfig config) {
    long session = config.sessionTimeout().toMillis();
    main(settings, ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) session);
    main(settings, ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int) (session / 4));
    main(settings, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    // Of a partition that is flooded, what has been fetched is processed before another's record
    // has
    // its turn: so little is fetched at a time, and polled for often.
    main(settings, ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 128 << 10);
    main(settings, ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 500);
    main(settings, ConsumerConfig.METADATA_MAX_AGE_CONFIG, 30_000);
  }

  private static void producer(Properties settings, RouterConfig config) {
    produce(settings, ProducerConfig.LINGER_MS_CONFIG, 0);
    produce(settings, ProducerConfig.ACKS_CONFIG, "all");
    produce(settings, ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    produce(settings, ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MS);
    produce(settings, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
    produce(settings, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
    produce(settings, ProducerConfig.METADATA_MAX_AGE_CONFIG, 30_000);
    // A topic that was not written to for five minutes would be forgotten, and looked up again
    // while the thread waits.
    produce(settings, ProducerConfig.METADATA_MAX_IDLE_CONFIG, 86_400_000L);
    // A payload at its bound has to fit with headers, key and framing.
    produce(
        settings,
        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
        Math.max(1 << 20, config.maxPayloadBytes() + (512 << 10)));
  }

  private static void main(Properties settings, String key, Object value) {
    settings.put(StreamsConfig.mainConsumerPrefix(key), value);
  }

  private static void produce(Properties settings, String key, Object value) {
    settings.put(StreamsConfig.producerPrefix(key), value);
  }
}
