package io.lqrealtime.router.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ChannelFingerprint;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.IndexRecord;
import io.lqrealtime.record.IndexRecordCodec;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.router.core.ControlKeys;
import io.lqrealtime.router.core.IdBudget;
import io.lqrealtime.topic.Placement;
import io.lqrealtime.topic.TopicNames;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PrimitiveIterator;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the topology writes to the index and persists for it; the driver commits after each record.
 */
class IndexTopologyTest {
  private static final TopicNames NAMES = new TopicNames("lq");
  private static final TenantId ACME = new TenantId("acme");
  private static final Duration INDEX_AFTER = Duration.ofMillis(PartitionRouter.INDEX_AFTER_MILLIS);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ActivePartitions partitions = new ActivePartitions();
  private final IdBudget ids = new IdBudget(100_000);
  private TopologyTestDriver driver;
  private TestInputTopic<byte[], byte[]> inbound;

  @BeforeEach
  void start() {
    start(1 << 20);
  }

  private void start(long cacheBytes) {
    RouterContext context =
        new RouterContext(
            NAMES,
            new Region("local"),
            new LogId(7),
            new Placement(1),
            ControlKeys.of(new ControlKey("0123456789abcdef0123456789abcdef".getBytes(UTF_8))),
            1_000,
            FormatVersion.FIRST,
            Duration.ofMinutes(2),
            ids,
            new CommitMarks(),
            new FixedTopics(),
            partition -> OptionalLong.empty(),
            partitions,
            new RouterMetrics(meters, partitions, ids));
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "router-test");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:9092");
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, cacheBytes);
    driver = new TopologyTestDriver(RouterTopology.of(context), settings);
    inbound =
        driver.createInputTopic(
            NAMES.inbound(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  @Test
  void messages_areInTheIndexAfterAWhile_andAnIdlePartitionWritesNothing() {
    publish("room", "m1", 5_000);
    publish("hall", "m2", 6_000);
    publish("room", "m1", 7_000);
    assertThat(records(NAMES.index())).isEmpty();

    driver.advanceWallClockTime(INDEX_AFTER);
    List<TestRecord<byte[], byte[]>> written = records(NAMES.index());
    assertThat(written).hasSize(1);
    assertThat(written.getFirst().key()).isNull();
    assertThat(written.getFirst().timestamp()).isEqualTo(7_000);
    IndexRecord index = IndexRecordCodec.decode(written.getFirst().value());
    assertThat(index.stretch())
        .isEqualTo(new IndexRecord.Stretch(new Region("local"), new LogId(7), 0, 0, 3));
    assertThat(offsets(index, "room")).containsExactly(0L);
    assertThat(offsets(index, "hall")).containsExactly(1L);
    assertThat(meters.counter("lq_router_duplicates_total").count()).isEqualTo(1);
    assertThat(meters.counter("lq_routed_total").count()).isEqualTo(2);
    assertThat(meters.counter("lq_router_index_records_total").count()).isEqualTo(1);
    assertThat(meters.get("lq_router_ids").gauge().value()).isEqualTo(2);

    driver.advanceWallClockTime(INDEX_AFTER.multipliedBy(20));
    assertThat(records(NAMES.index())).isEmpty();

    publish("room", "m3", 8_000);
    driver.advanceWallClockTime(INDEX_AFTER);
    assertThat(IndexRecordCodec.decode(records(NAMES.index()).getFirst().value()).stretch())
        .extracting(IndexRecord.Stretch::from, IndexRecord.Stretch::to)
        .containsExactly(3L, 4L);
  }

  @Test
  void manyMessages_areInTheIndexAtOnce() {
    for (int i = 0; i <= PartitionRouter.INDEX_AT_MESSAGES; i++) {
      publish("room", "m" + i, 5_000);
    }

    IndexRecord index = IndexRecordCodec.decode(records(NAMES.index()).getFirst().value());
    assertThat(offsets(index, "room")).hasSize(PartitionRouter.INDEX_AT_MESSAGES);
    driver.advanceWallClockTime(INDEX_AFTER);
    assertThat(IndexRecordCodec.decode(records(NAMES.index()).getFirst().value()).stretch())
        .extracting(IndexRecord.Stretch::from, IndexRecord.Stretch::to)
        .containsExactly(2_048L, 2_049L);
  }

  /** One record a commit for the index and one for ids, and of the former only the last stay. */
  @Test
  void commit_persistsWhatWasRead() {
    for (int i = 0; i < 10; i++) {
      publish("room", "m" + i, 5_000);
      driver.advanceWallClockTime(INDEX_AFTER);
    }

    Map<Integer, Integer> puts = new TreeMap<>();
    Map<String, byte[]> present = new TreeMap<>();
    for (TestRecord<byte[], byte[]> record : records("router-test-recent-changelog")) {
      assertThat(record.timestamp()).as("the context is the marked record's").isEqualTo(5_000);
      if (record.value() == null) {
        present.remove(java.util.HexFormat.of().formatHex(record.key()));
      } else {
        puts.merge((int) record.key()[0], 1, Integer::sum);
        present.put(java.util.HexFormat.of().formatHex(record.key()), record.value());
      }
    }
    assertThat(puts).isEqualTo(Map.of(1, 10, 2, 10));
    assertThat(present.keySet()).filteredOn(key -> key.startsWith("01")).hasSizeBetween(1, 3);
    assertThat(present.keySet()).filteredOn(key -> key.startsWith("02")).hasSize(10);
    assertThat(driver.producedTopicNames())
        .doesNotContain("router-test-" + CommitMarks.STORE + "-changelog");
  }

  /** A cache that overflows is flushed amid a record: that says nothing about the producer. */
  @Test
  void markThatIsEvicted_persistsButProvesNothing() {
    driver.close();
    start(0);
    for (int i = 0; i < 10; i++) {
      publish("room", "m" + i, 5_000);
      driver.advanceWallClockTime(INDEX_AFTER);
    }

    assertThat(records("router-test-recent-changelog"))
        .hasSize(20)
        .allMatch(record -> record.value() != null);
    assertThat(records(NAMES.index())).hasSize(10);

    for (int i = 0; i < 32; i++) {
      driver.advanceWallClockTime(Duration.ofSeconds(1));
    }
    publish("room", "last", 5_000);
    assertThat(records("router-test-recent-changelog"))
        .as("after many commits it is proven")
        .filteredOn(record -> record.value() == null)
        .hasSizeGreaterThanOrEqualTo(9);
  }

  @Test
  void expiredIds_areForgottenAndRemoved() {
    publish("room", "m1", 5_000);
    publish("room", "m2", 400_000);
    publish("room", "m3", 400_001);
    assertThat(meters.get("lq_router_ids").gauge().value()).isEqualTo(3);

    driver.advanceWallClockTime(Duration.ofSeconds(1));
    driver.advanceWallClockTime(Duration.ofSeconds(1));

    assertThat(meters.get("lq_router_ids").gauge().value()).isEqualTo(2);
    assertThat(records("router-test-recent-changelog"))
        .filteredOn(record -> record.value() == null && record.key()[0] == 2)
        .hasSize(1);
  }

  @Test
  void closedPartition_givesItsIdsBack() {
    publish("room", "m1", 5_000);
    driver.close();

    assertThat(ids.held()).isZero();
    start();
  }

  private void publish(String channel, String id, long time) {
    RecordHeaders headers = new RecordHeaders();
    headers.add(RecordHeader.CHANNEL, channel.getBytes(UTF_8));
    headers.add(RecordHeader.ID, id.getBytes(UTF_8));
    inbound.pipeInput(
        new TestRecord<>(ACME.value().getBytes(UTF_8), "1".getBytes(UTF_8), headers, time));
  }

  private List<TestRecord<byte[], byte[]>> records(String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  private static List<Long> offsets(IndexRecord index, String channel) {
    List<Long> offsets = new ArrayList<>();
    PrimitiveIterator.OfLong all =
        index.offsets(ChannelFingerprint.of(ACME, new Channel(channel)), -1, Long.MAX_VALUE);
    while (all.hasNext()) {
      offsets.add(all.nextLong());
    }
    return offsets;
  }
}
