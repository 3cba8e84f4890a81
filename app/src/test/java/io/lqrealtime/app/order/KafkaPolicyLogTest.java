package io.lqrealtime.app.order;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.app.topics.TopicAdmin;
import io.lqrealtime.app.topics.TopicPlan;
import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.embedded.KafkaOptions;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.lqrealtime.tenant.TenantPolicy;
import io.lqrealtime.tenant.TenantPolicy.Kind;
import io.lqrealtime.topic.TopicNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What counts of a tenant's policies in a real Kafka. No router runs. */
class KafkaPolicyLogTest {
  private static final Region LOCAL = new Region("local");
  private static final TopicNames NAMES = new TopicNames(TopicNames.DEFAULT_PREFIX);
  private static final TopicPartition HOME = new TopicPartition("lq.inbound", 0);
  private static final ControlKey KEY = new ControlKey("k".repeat(32).getBytes(UTF_8));
  private static final ControlKey ANOTHER = new ControlKey("a".repeat(32).getBytes(UTF_8));
  private static final ControlKey FORGED = new ControlKey("f".repeat(32).getBytes(UTF_8));
  private static final OrderDesk.Seal SEAL =
      new OrderDesk.Seal(KEY, List.of(ANOTHER), FormatVersion.FIRST);

  private static EmbeddedKafka kafka;
  private static Map<String, Object> client;
  private static KafkaProducer<byte[], byte[]> producer;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start(KafkaOptions.ephemeral());
    client = Map.of("bootstrap.servers", kafka.bootstrapServers());
    TopicAdmin.create(client, new TopicPlan(NAMES, 1, (short) 1, 1, Duration.ofDays(1), -1));
    producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @AfterAll
  static void end() {
    producer.close();
    kafka.close();
  }

  private static OrderTopics topics() {
    return new OrderTopics(client, NAMES, LOCAL, Duration.ofSeconds(30));
  }

  private static KafkaPolicyLog open(TenantId tenant) throws Exception {
    return KafkaPolicyLog.open(topics(), tenant, "ops", SEAL);
  }

  private static TenantPolicy last(TenantId tenant) throws Exception {
    try (KafkaPolicyLog log = open(tenant)) {
      return log.last();
    }
  }

  private static TenantPolicy channels(int limit) {
    return TenantPolicy.DEFAULT.with(Kind.CHANNELS, limit);
  }

  private static TenantOrderCodec.Encoded order(
      TenantId tenant, TenantPolicy policy, ControlKey key, Region region, long issued) {
    return TenantOrderCodec.encode(
        new TenantOrderCodec.Addressed(
            region, 0, issued, new TenantOrder.SetPolicy(tenant, "ops", policy)),
        key,
        FormatVersion.FIRST);
  }

  private static TenantOrderCodec.Encoded order(TenantId tenant, TenantPolicy policy) {
    return order(tenant, policy, KEY, LOCAL, System.currentTimeMillis());
  }

  /** Returns its offset. */
  private static long append(TenantOrderCodec.Encoded order) throws Exception {
    return send("lq.inbound", order.key(), order.value(), order.headers());
  }

  private static long send(String topic, byte[] key, byte[] value, Map<String, String> headers)
      throws Exception {
    RecordHeaders recordHeaders = new RecordHeaders();
    headers.forEach((name, text) -> recordHeaders.add(name, text.getBytes(UTF_8)));
    return producer
        .send(new ProducerRecord<>(topic, 0, null, key, value, recordHeaders))
        .get(30, TimeUnit.SECONDS)
        .offset();
  }

  /** What a router does with an order, but for its commit. */
  private static void passOn(TenantId tenant, TenantOrderCodec.Encoded order, long offset)
      throws Exception {
    send(
        "lq.tenants",
        (tenant + " tenant-policy").getBytes(UTF_8),
        order.value(),
        Map.of(
            "type",
            "tenant-policy",
            "position",
            topics().home(tenant).position(offset).toString()));
  }

  private static void commit(long offset) throws Exception {
    try (Admin admin = Admin.create(client)) {
      admin
          .alterConsumerGroupOffsets("lq.router", Map.of(HOME, new OffsetAndMetadata(offset)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  private static long end(TopicPartition partition) throws Exception {
    try (Admin admin = Admin.create(client)) {
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.latest()))
          .partitionResult(partition)
          .get(30, TimeUnit.SECONDS)
          .offset();
    }
  }

  @Test
  void ordersThatWaitForARouter_count_theLastOfThem() throws Exception {
    TenantId tenant = new TenantId("waiting");
    assertThat(last(tenant)).isEqualTo(TenantPolicy.DEFAULT);

    append(order(tenant, channels(1)));
    append(order(tenant, channels(2), ANOTHER, LOCAL, System.currentTimeMillis()));

    assertThat(last(tenant)).isEqualTo(channels(2));
  }

  @Test
  void whatRoutersDoNotObey_doesNotCount() throws Exception {
    TenantId tenant = new TenantId("refused");
    long now = System.currentTimeMillis();
    TenantOrderCodec.Encoded former = order(tenant, channels(1));
    append(former);
    append(order(tenant, channels(2)));
    append(order(tenant, channels(3), FORGED, LOCAL, now));
    append(order(tenant, channels(4), KEY, new Region("mars"), now));
    append(order(tenant, channels(5), KEY, LOCAL, now - 70_000));
    append(order(new TenantId("other"), channels(6)));
    send("lq.inbound", former.key(), "{".getBytes(UTF_8), former.headers());
    send("lq.inbound", former.key(), former.value(), Map.of("channel", "room.1"));
    append(former);

    assertThat(last(tenant)).isEqualTo(channels(2));
  }

  @Test
  void orderThatWasPassedOn_andIsRepeated_doesNotCount() throws Exception {
    TenantId tenant = new TenantId("repeated");
    TenantOrderCodec.Encoded first = order(tenant, channels(1));
    TenantOrderCodec.Encoded second = order(tenant, channels(2));
    passOn(tenant, first, append(first));
    long at = append(second);
    passOn(tenant, second, at);
    commit(at + 1);
    append(first);

    assertThat(last(tenant)).isEqualTo(channels(2));
    append(order(tenant, channels(3)));
    assertThat(last(tenant)).isEqualTo(channels(3));
  }

  @Test
  void routerThatHasPassedOnMoreThanItCommitted_isNoFurtherBackForThat() throws Exception {
    TenantId tenant = new TenantId("uncommitted");
    commit(end(HOME));
    append(order(tenant, channels(1)));
    TenantOrderCodec.Encoded second = order(tenant, channels(2));
    passOn(tenant, second, append(second));

    assertThat(last(tenant)).isEqualTo(channels(2));
  }

  @Test
  void append_tellsWhatOthersPutBefore_andNothingTwice() throws Exception {
    TenantId tenant = new TenantId("contended");
    try (KafkaPolicyLog alice = open(tenant);
        KafkaPolicyLog bob = open(tenant)) {
      alice.last();
      bob.last();

      assertThat(append(alice, 1)).isEmpty();
      assertThat(append(bob, 2)).containsExactly(other(1));
      assertThat(append(alice, 3)).containsExactly(other(2));
      assertThat(append(alice, 4)).isEmpty();
      assertThat(append(bob, 5)).containsExactly(other(3), other(4));
    }
    assertThat(last(tenant)).isEqualTo(channels(5));
  }

  private static List<PolicyLog.Other> append(KafkaPolicyLog log, int channels) throws Exception {
    return log.append(channels(channels), change(channels)).others();
  }

  private static PolicyLog.Other other(int channels) {
    return new PolicyLog.Other(channels(channels), Optional.of(change(channels)));
  }

  private static PolicyChange change(int channels) {
    return PolicyChange.between(TenantPolicy.DEFAULT, channels(channels));
  }

  @Test
  void routersTooFarBehindToBeReadInTime_areSaid_andNothingIsOrdered() throws Exception {
    TenantId tenant = new TenantId("behind");
    TopicNames names = new TopicNames("behind");
    TopicAdmin.create(client, new TopicPlan(names, 1, (short) 1, 1, Duration.ofDays(1), -1));
    TopicPartition home = new TopicPartition(names.inbound(), 0);
    TenantOrderCodec.Encoded waiting = order(tenant, channels(1));
    send(names.inbound(), waiting.key(), waiting.value(), waiting.headers());
    // A broker that gives nothing before there are 50 MB stands for a log that takes long to read.
    Map<String, Object> slow = new HashMap<>(client);
    slow.put("fetch.min.bytes", 50_000_000);
    slow.put("fetch.max.wait.ms", 60_000);
    OrderTopics topics = new OrderTopics(slow, names, LOCAL, Duration.ofSeconds(10));
    PolicyDesk desk = new PolicyDesk((of, by, seal) -> KafkaPolicyLog.open(topics, of, by, seal));

    assertThatThrownBy(() -> desk.change(tenant, "ops", policy -> channels(9), SEAL))
        .isInstanceOf(TimeoutException.class)
        .hasMessageContaining("wait for routers")
        .hasMessageContaining("nothing was ordered");
    assertThat(end(home)).isEqualTo(1);
  }
}
