package io.lqrealtime.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Clients as others would use them against the broker. */
final class KafkaClients {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Without a bound, closing can wait for a broker that has ended. */
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private KafkaClients() {}

  static void createTopic(EmbeddedKafka kafka, String topic, int partitions) throws Exception {
    Admin admin =
        Admin.create(
            Map.<String, Object>of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()));
    try {
      admin
          .createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
          .all()
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } finally {
      admin.close(CLOSE_WITHIN);
    }
  }

  static KafkaProducer<String, String> producer(EmbeddedKafka kafka) {
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            kafka.bootstrapServers(),
            ProducerConfig.ACKS_CONFIG,
            "all"),
        new StringSerializer(),
        new StringSerializer()) {
      @Override
      public void close() {
        close(CLOSE_WITHIN);
      }
    };
  }

  /** Returns when the broker has acknowledged every value. */
  static void produce(EmbeddedKafka kafka, String topic, List<String> values) throws Exception {
    try (KafkaProducer<String, String> producer = producer(kafka)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (String value : values) {
        sent.add(producer.send(new ProducerRecord<>(topic, value, value)));
      }
      producer.flush();
      for (Future<RecordMetadata> record : sent) {
        record.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    }
  }

  /** Reads as a new member of the group, from its offsets on, until so many values are there. */
  static List<String> consume(EmbeddedKafka kafka, String topic, String group, int count) {
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer = consumer(kafka, group, Map.of())) {
      consumer.subscribe(List.of(topic));
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (values.size() < count && System.nanoTime() < deadline) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
          values.add(record.value());
        }
      }
      consumer.commitSync();
    }
    assertThat(values).hasSize(count);
    return values;
  }

  /** Becomes a member of the group that is missed after this time, and leaves it. */
  static void join(EmbeddedKafka kafka, String topic, String group, int sessionMillis) {
    Map<String, Object> session =
        Map.of(
            ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
            sessionMillis,
            ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
            sessionMillis / 3);
    try (KafkaConsumer<String, String> consumer = consumer(kafka, group, session)) {
      consumer.subscribe(List.of(topic));
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (consumer.assignment().isEmpty()) {
        assertThat(System.nanoTime()).as("a member in time").isLessThan(deadline);
        var _ = consumer.poll(Duration.ofMillis(100));
      }
    }
  }

  private static KafkaConsumer<String, String> consumer(
      EmbeddedKafka kafka, String group, Map<String, Object> more) {
    Map<String, Object> all = new HashMap<>(more);
    all.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
    all.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
  }
}
