package io.lqrealtime.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.record.IndexRecord;
import io.lqrealtime.record.IndexRecordCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the index as a gateway would: of each record what is past what it has. */
final class IndexReader implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
  private final Map<Integer, Long> covered = new TreeMap<>();

  IndexReader(String bootstrapServers, String topic) {
    this.consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions = new ArrayList<>();
    for (int i = 0; i < ServiceTopics.PARTITIONS; i++) {
      partitions.add(new TopicPartition(topic, i));
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Reads on until the last message of each partition is covered. */
  void awaitAll(Map<Integer, Map<Long, Long>> expected) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!expected.entrySet().stream().allMatch(this::covers)) {
      assertThat(System.nanoTime() - end).as("in time: covered up to %s", covered).isNegative();
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
        records.add(record);
        covered.merge(
            record.partition(), IndexRecordCodec.decode(record.value()).stretch().to(), Math::max);
      }
    }
  }

  private boolean covers(Map.Entry<Integer, Map<Long, Long>> partition) {
    long last = ((TreeMap<Long, Long>) partition.getValue()).lastKey();
    return covered.getOrDefault(partition.getKey(), 0L) > last;
  }

  void assertWhole(Map<Integer, Map<Long, Long>> expected) {
    System.out.println(records.size() + " index records");
    Map<Integer, Long> upTo = new TreeMap<>();
    Map<Integer, Map<Long, Long>> listed = new TreeMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      IndexRecord index = IndexRecordCodec.decode(record.value());
      IndexRecord.Stretch stretch = index.stretch();
      assertThat(record.key()).isNull();
      assertThat(stretch.partition()).isEqualTo(record.partition());
      assertThat(stretch.from())
          .as("%s: no hole", stretch)
          .isLessThanOrEqualTo(upTo.getOrDefault(record.partition(), 0L));
      upTo.merge(record.partition(), stretch.to(), Math::max);
      Map<Long, Long> here = new TreeMap<>();
      for (int i = 0; i < index.channels(); i++) {
        PrimitiveIterator.OfLong offsets = index.offsets(i);
        while (offsets.hasNext()) {
          here.put(offsets.nextLong(), index.fingerprint(i));
        }
      }
      assertThat(here)
          .as("%s", stretch)
          .isEqualTo(
              ((TreeMap<Long, Long>) expected.get(record.partition()))
                  .subMap(stretch.from(), stretch.to()));
      listed.computeIfAbsent(record.partition(), p -> new TreeMap<>()).putAll(here);
    }
    assertThat(listed).isEqualTo(expected);
    assertThat(listed.keySet()).as("all partitions had messages").hasSize(3);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
