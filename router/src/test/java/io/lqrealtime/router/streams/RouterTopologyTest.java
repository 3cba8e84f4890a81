package io.lqrealtime.router.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Position;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecordCodec;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.GatewayRecordCodec;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.router.core.ControlKeys;
import io.lqrealtime.router.core.IdBudget;
import io.lqrealtime.tenant.Target;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.lqrealtime.tenant.TenantPolicy;
import io.lqrealtime.topic.Placement;
import io.lqrealtime.topic.TopicNames;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The topology without a broker; partition 0 of a log that is said to have as many as needed. */
class RouterTopologyTest {
  private static final TopicNames NAMES = new TopicNames("lq");
  private static final Region REGION = new Region("local");
  private static final TenantId ACME = new TenantId("acme");
  private static final ControlKey KEY =
      new ControlKey("0123456789abcdef0123456789abcdef".getBytes(UTF_8));

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ActivePartitions partitions = new ActivePartitions();
  private final IdBudget ids = new IdBudget(100_000);
  private final AtomicLong committed = new AtomicLong(-1);
  private final FixedTopics topics = new FixedTopics("lq.gateway.a");
  private TopologyTestDriver driver;
  private TestInputTopic<byte[], byte[]> inbound;

  @BeforeEach
  void start() {
    start(1);
  }

  private void start(int inboundPartitions) {
    RouterContext context =
        new RouterContext(
            NAMES,
            REGION,
            new LogId(7),
            new Placement(inboundPartitions),
            ControlKeys.of(KEY),
            1_000,
            FormatVersion.FIRST,
            Duration.ofMinutes(2),
            ids,
            new CommitMarks(),
            topics,
            partition ->
                committed.get() < 0 ? OptionalLong.empty() : OptionalLong.of(committed.get()),
            partitions,
            new RouterMetrics(meters, partitions, ids));
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "router-test");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "nowhere:9092");
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
  void message_goesToTheGatewayThatSubscribed() {
    subscribe("a", 1, "room");
    publish("room", "{\"a\":1}");

    List<GatewayRecord> records = records("a");
    assertThat(records).hasSize(2);
    assertThat(records.getFirst()).isInstanceOf(GatewayRecord.Subscribed.class);
    GatewayRecord.Message message = (GatewayRecord.Message) records.getLast();
    assertThat(message.offset()).isEqualTo(1);
    assertThat(message.time()).isEqualTo(5_000);
    assertThat(new String(message.payload(), UTF_8)).isEqualTo("{\"a\":1}");
    assertThat(meters.counter("lq_routed_total").count()).isEqualTo(1);
    assertThat(meters.counter("lq_deliveries_total").count()).isEqualTo(2);
    assertThat(
            meters
                .counter("lq_control_records_total", "type", "subscribe", "outcome", "applied")
                .count())
        .isEqualTo(1);
  }

  @Test
  void recordForAMissingTopic_isDropped_andTheChainGoesOn() {
    subscribe("a", 1, "room");
    topics.missing("lq.gateway.a");
    publish("room", "1");
    assertThat(meters.counter("lq_router_dropped_missing_topic_total").count()).isEqualTo(1);
    records("a");

    topics.restore("lq.gateway.a");
    publish("room", "2");

    GatewayRecord.Message message = (GatewayRecord.Message) records("a").getFirst();
    assertThat(message.offset()).isEqualTo(2);
    assertThat(message.previous()).isEqualTo(1);
  }

  @Test
  void invalidRecord_goesToTheDeadLettersWithOriginAndReason() {
    RecordHeaders headers = new RecordHeaders();
    headers.add("channel", "room".getBytes(UTF_8));
    headers.add("mine", "kept".getBytes(UTF_8));
    inbound.pipeInput(new TestRecord<>(bytes("acme"), bytes("{"), headers, 5_000L));

    TestRecord<byte[], byte[]> dead = output(NAMES.deadLetter()).readRecord();
    assertThat(dead.key()).isEqualTo(bytes("acme"));
    assertThat(dead.value()).isEqualTo(bytes("{"));
    assertThat(header(dead, "mine")).isEqualTo("kept");
    assertThat(header(dead, RecordHeader.DEAD_REASON)).isEqualTo("not-json");
    assertThat(header(dead, RecordHeader.DEAD_TOPIC)).isEqualTo("lq.inbound");
    assertThat(header(dead, RecordHeader.DEAD_PARTITION)).isEqualTo("0");
    assertThat(header(dead, RecordHeader.DEAD_OFFSET)).isEqualTo("0");
    assertThat(meters.counter("lq_dead_letters_total", "reason", "not-json").count()).isEqualTo(1);
  }

  @Test
  void order_isRepeatedForTheGateways_andOneOfAMomentLeavesNothing() {
    give(
        new TenantOrder.SetPolicy(
            ACME, "ops", TenantPolicy.DEFAULT.with(TenantPolicy.Kind.CHANNELS, 5)));
    give(new TenantOrder.Disconnect(ACME, "ops", new Target.Everyone()));

    List<TestRecord<byte[], byte[]>> orders = output(NAMES.tenants()).readRecordsToList();
    assertThat(orders).hasSize(3);
    TestRecord<byte[], byte[]> policy = orders.getFirst();
    assertThat(policy.key()).isEqualTo(bytes("acme tenant-policy"));
    assertThat(header(policy, RecordHeader.TYPE)).isEqualTo("tenant-policy");
    assertThat(header(policy, RecordHeader.POSITION))
        .isEqualTo(new Position(REGION, new LogId(7), 0, 0).toString());
    assertThat(
            TenantOrderCodec.decode("tenant-policy", Objects.requireNonNull(policy.value()))
                .order())
        .isInstanceOf(TenantOrder.SetPolicy.class);
    assertThat(orders.get(1).key()).isEqualTo(bytes("acme disconnect everyone"));
    assertThat(orders.get(1).value()).isNotNull();
    assertThat(orders.get(2).key()).isEqualTo(bytes("acme disconnect everyone"));
    assertThat(orders.get(2).value()).isNull();
    assertThat(header(orders.get(2), RecordHeader.POSITION))
        .isEqualTo(header(orders.get(1), RecordHeader.POSITION));
  }

  @Test
  void orderThatIsAppendedAgain_isNotRepeatedForTheGateways() {
    TenantOrder order = new TenantOrder.Revoke(ACME, "ops", new Target.Everyone(), 5);
    give(order);
    give(order);

    assertThat(output(NAMES.tenants()).readRecordsToList()).hasSize(1);
    assertThat(header(output(NAMES.deadLetter()).readRecord(), RecordHeader.DEAD_REASON))
        .isEqualTo("stale-control");
  }

  private void give(TenantOrder order) {
    TenantOrderCodec.Encoded encoded =
        TenantOrderCodec.encode(
            new TenantOrderCodec.Addressed(REGION, 0, 5_000L, order), KEY, FormatVersion.FIRST);
    RecordHeaders headers = new RecordHeaders();
    encoded.headers().forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));
    inbound.pipeInput(new TestRecord<>(encoded.key(), encoded.value(), headers, 5_000L));
  }

  @Test
  void anythingAtAll_stopsNothing() {
    RecordHeaders many = new RecordHeaders();
    for (int i = 0; i < 2_000; i++) {
      many.add("h" + i, new byte[100]);
    }
    many.add("type", null);
    many.add("channel", new byte[300]);
    inbound.pipeInput(new TestRecord<>(null, null, new RecordHeaders(), 0L));
    inbound.pipeInput(new TestRecord<>(new byte[0], new byte[0], new RecordHeaders(), 0L));
    inbound.pipeInput(new TestRecord<>(new byte[100_000], new byte[900_000], many, 0L));

    List<TestRecord<byte[], byte[]>> dead = output(NAMES.deadLetter()).readRecordsToList();
    assertThat(dead).hasSize(3);
    assertThat(dead.getLast().value()).isNull();
    assertThat(dead.getLast().key()).isNull();
    assertThat(header(dead.getLast(), RecordHeader.DEAD_REASON)).isEqualTo("too-large");

    subscribe("a", 1, "room");
    publish("room", "1");
    assertThat(records("a")).hasSize(2);
  }

  @Test
  void messageOfAnotherPartition_isSentHomeOnceWithItsHeaders() {
    driver.close();
    int count = 2;
    while (new Placement(count).home(ACME, new Channel("room")) == 0) {
      count++;
    }
    start(count);
    publish("room", "1");

    // The driver has one partition, and feeds what is written to the log back into it.
    TestOutputTopic<byte[], byte[]> log = output(NAMES.inbound());
    TestRecord<byte[], byte[]> home = log.readRecord();
    assertThat(home.value()).isEqualTo(bytes("1"));
    assertThat(home.key()).isEqualTo(bytes("acme"));
    assertThat(header(home, RecordHeader.CHANNEL)).isEqualTo("room");
    assertThat(header(home, RecordHeader.ORIGIN)).isEqualTo("0@0");
    assertThat(header(home, RecordHeader.MAC)).isNotEmpty();
    assertThat(log.isEmpty()).isTrue();
    assertThat(header(output(NAMES.deadLetter()).readRecord(), RecordHeader.DEAD_REASON))
        .isEqualTo(DeadLetters.INTERNAL_ERROR);
    assertThat(meters.counter("lq_forwarded_total").count()).isEqualTo(1);
  }

  @Test
  void heartbeat_comesEverySecond() {
    subscribe("a", 1, "room");
    records("a");

    driver.advanceWallClockTime(Duration.ofSeconds(1));
    driver.advanceWallClockTime(Duration.ofSeconds(1));

    assertThat(records("a")).hasSize(2).hasOnlyElementsOfType(GatewayRecord.Heartbeat.class);
    assertThat(partitions.living()).isEqualTo(Map.of(0, Map.of(new GatewayId("a"), 1L)));
    assertThat(meters.get("lq_directory_entries").gauge().value()).isEqualTo(1);
  }

  @Test
  void channelGivenUp_isForgottenOnceThatIsCommitted() {
    subscribe("a", 1, "room");
    unsubscribe("a", 2, "room");
    output("router-test-directory-changelog").readRecordsToList();

    committed.set(0);
    driver.advanceWallClockTime(Duration.ofSeconds(1));
    assertThat(meters.get("lq_directory_closed_entries").gauge().value()).isEqualTo(1);

    committed.set(1);
    driver.advanceWallClockTime(Duration.ofSeconds(1));
    assertThat(meters.get("lq_directory_closed_entries").gauge().value()).isZero();
    assertThat(output("router-test-directory-changelog").readRecordsToList())
        .singleElement()
        .satisfies(record -> assertThat(record.value()).isNull());
  }

  @Test
  void directoryStore_doesNotMoveWithMessages() {
    subscribe("a", 1, "room");
    for (int i = 0; i < 100; i++) {
      publish("room", "1");
    }

    assertThat(output("router-test-directory-changelog").readRecordsToList())
        .as("the log, an entry, a gateway")
        .hasSize(3);
  }

  private void subscribe(String gateway, long sequence, String channel) {
    control(
        new ControlRecord.Subscribe(
            new ControlRecord.Origin(new GatewayId(gateway), 1, sequence, REGION, 0),
            ACME,
            List.of(new Channel(channel))));
  }

  private void unsubscribe(String gateway, long sequence, String channel) {
    control(
        new ControlRecord.Unsubscribe(
            new ControlRecord.Origin(new GatewayId(gateway), 1, sequence, REGION, 0),
            ACME,
            List.of(new Channel(channel))));
  }

  private void control(ControlRecord control) {
    ControlRecordCodec.Encoded encoded =
        ControlRecordCodec.encode(control, KEY, FormatVersion.FIRST);
    RecordHeaders headers = new RecordHeaders();
    headers.add(RecordHeader.TYPE, bytes(encoded.type()));
    headers.add(RecordHeader.MAC, bytes(encoded.mac()));
    inbound.pipeInput(new TestRecord<>(encoded.key(), encoded.value(), headers, 4_000L));
  }

  private void publish(String channel, String value) {
    RecordHeaders headers = new RecordHeaders();
    headers.add(RecordHeader.CHANNEL, bytes(channel));
    inbound.pipeInput(
        new TestRecord<>(bytes("acme"), bytes(value), headers, Instant.ofEpochMilli(5_000)));
  }

  private List<GatewayRecord> records(String gateway) {
    return output("lq.gateway." + gateway).readRecordsToList().stream()
        .map(
            record ->
                GatewayRecordCodec.decode(
                    record.headers().lastHeader(GatewayRecordCodec.HEADER).value(), record.value()))
        .toList();
  }

  private TestOutputTopic<byte[], byte[]> output(String topic) {
    return driver.createOutputTopic(
        topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static String header(TestRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
