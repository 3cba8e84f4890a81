package io.lqrealtime.router;

import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.GatewayRecordCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic of one partition from its beginning, and keeps what it read. */
final class TopicReader implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

  TopicReader(ServiceTopics topics, String topic) {
    this(topics, topic, 0);
  }

  TopicReader(ServiceTopics topics, String topic, int number) {
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                topics.environment().get("LQ_KAFKA_BOOTSTRAP_SERVERS"),
                "fetch.max.wait.ms",
                50),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    TopicPartition partition = new TopicPartition(topic, number);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
  }

  /** Reads on until what has been read is enough. */
  List<ConsumerRecord<byte[], byte[]>> until(
      Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!enough.test(records)) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within " + PATIENCE + ", after " + records.size());
      }
      consumer.poll(Duration.ofMillis(50)).forEach(records::add);
    }
    return List.copyOf(records);
  }

  /** Reads on until there are so many messages. */
  List<GatewayRecord.Message> messages(int count) {
    until(read -> only(GatewayRecord.Message.class).size() >= count);
    return only(GatewayRecord.Message.class);
  }

  <T extends GatewayRecord> List<T> only(Class<T> type) {
    return records.stream()
        .map(TopicReader::decode)
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  static GatewayRecord decode(ConsumerRecord<byte[], byte[]> record) {
    return GatewayRecordCodec.decode(
        record.headers().lastHeader(GatewayRecordCodec.HEADER).value(), record.value());
  }

  @Override
  public void close() {
    consumer.close();
  }
}
