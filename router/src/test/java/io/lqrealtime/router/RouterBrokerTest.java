package io.lqrealtime.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.config.Environment;
import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.embedded.KafkaOptions;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.router.sweep.LeaseObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** The router on a real broker; a set of topics for each test. */
class RouterBrokerTest {
  /**
   * A router may take 4 s, and a busy machine adds to that. By Kafka's own settings it would be a
   * minute or two; the exact ones are looked at in {@code StreamsSettingsTest}.
   */
  private static final Duration MAX_DELAY = Duration.ofSeconds(20);

  private static final LeaseObserver UNSEEN =
      () -> {
        throw new IOException("no leases in this test");
      };

  private static EmbeddedKafka kafka;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private ServiceTopics topics;

  @BeforeAll
  static void startBroker() {
    kafka =
        EmbeddedKafka.start(
            KafkaOptions.ephemeral()
                .withProperty("group.min.session.timeout.ms", "500")
                .withProperty("auto.create.topics.enable", "false"));
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  @BeforeEach
  void createTopics(TestInfo test) throws Exception {
    String name = test.getTestMethod().orElseThrow().getName();
    topics = new ServiceTopics(kafka.bootstrapServers(), name.substring(0, name.indexOf('_')));
  }

  @AfterEach
  void closeClients() {
    topics.close();
  }

  @Test
  void messages_reachTheGateway_fromAnyPartition_andInvalidOnesTheDeadLetters() throws Exception {
    topics.createGateway("a");
    try (Router router = Router.start(topics.config(), meters, UNSEEN);
        TopicReader gateway = reader("a");
        TopicReader deadLetters = new TopicReader(topics, topics.names.deadLetter())) {
      topics.subscribe("a", 1);
      gateway.until(read -> !gateway.only(GatewayRecord.Subscribed.class).isEmpty());
      topics.publish("{\"n\":1}");
      topics.publish((ServiceTopics.home() + 1) % ServiceTopics.PARTITIONS, "{\"n\":2}");
      topics.publish("no json");

      assertThat(gateway.messages(2))
          .extracting(message -> new String(message.payload(), UTF_8))
          .containsExactlyInAnyOrder("{\"n\":1}", "{\"n\":2}");
      assertThat(gateway.messages(2)).allMatch(m -> m.partition() == ServiceTopics.home());
      ConsumerRecord<byte[], byte[]> dead = deadLetters.until(read -> !read.isEmpty()).getFirst();
      assertThat(new String(dead.headers().lastHeader(RecordHeader.DEAD_REASON).value(), UTF_8))
          .isEqualTo("not-json");
      await(() -> router.health() instanceof Health.Ready);
    }
  }

  @Test
  void missingTopicOfOneGateway_delaysNoOtherForLong() throws Exception {
    topics.createGateway("a");
    topics.createGateway("b");
    try (Router _ = Router.start(topics.config(), meters, UNSEEN);
        TopicReader gateway = reader("a")) {
      topics.subscribe("a", 1);
      topics.subscribe("b", 1);
      gateway.messages(0);
      List<Duration> delays = new ArrayList<>();
      // Warm: only the delays that follow are of interest.
      topics.publish("0");
      gateway.messages(1);

      topics.subscribe("never-created", 1);
      publishAndRead(gateway, 2, 10, delays);
      topics.delete(topics.names.gateway(new GatewayId("b")));
      publishAndRead(gateway, 12, 40, delays);

      assertThat(delays).allSatisfy(delay -> assertThat(delay).isLessThan(MAX_DELAY));
      System.out.println("longest delay beside missing topics: " + longest(delays));
      assertThat(meters.counter("lq_router_dropped_missing_topic_total").count()).isPositive();

      topics.createGateway("b");
      try (TopicReader back = reader("b")) {
        long end = System.nanoTime() + TopicReader.PATIENCE.toNanos();
        back.until(
            read -> {
              publishQuietly();
              assertThat(System.nanoTime()).isLessThan(end);
              return !back.only(GatewayRecord.Message.class).isEmpty();
            });
        GatewayRecord.Message first = back.only(GatewayRecord.Message.class).getFirst();
        assertThat(first.previous()).as("the gap shows").isNotEqualTo(GatewayRecord.NOTHING);
      }
    }
  }

  @Test
  void killedRouter_isResumedByAnother_withNothingLostAndNoGapHidden() throws Exception {
    topics.createGateway("a");
    int count = 60;
    Process first = RouterProcess.start(topics.environment());
    try (TopicReader gateway = reader("a")) {
      topics.subscribe("a", 1);
      for (int i = 0; i < count / 2; i++) {
        topics.publish(Integer.toString(i));
        if (i == 10) {
          gateway.messages(10);
        }
      }
      first.destroyForcibly();
      for (int i = count / 2; i < count; i++) {
        topics.publish(Integer.toString(i));
      }
      try (Router _ = Router.start(topics.config(), meters, UNSEEN)) {
        gateway.until(
            read ->
                gateway.only(GatewayRecord.Message.class).stream()
                        .map(GatewayRecord.Message::offset)
                        .distinct()
                        .count()
                    == count);
        assertContiguous(gateway.only(GatewayRecord.Message.class));
      }
    } finally {
      first.destroyForcibly().waitFor();
    }
  }

  @Test
  void channelsGivenUp_areForgottenOnceThatIsCommitted() throws Exception {
    topics.createGateway("a");
    List<Channel> channels =
        IntStream.range(0, 400).mapToObj(i -> new Channel("room-" + i)).toList();
    String changelog = topics.names.routerApplicationId() + "-directory-changelog";
    try (Router router = Router.start(topics.config(), meters, UNSEEN)) {
      await(() -> router.health() instanceof Health.Ready);
      topics.write(
          new ControlRecord.Subscribe(topics.origin("a", 1), ServiceTopics.ACME, channels));
      topics.write(
          new ControlRecord.Unsubscribe(topics.origin("a", 2), ServiceTopics.ACME, channels));

      try (TopicReader directory = new TopicReader(topics, changelog, ServiceTopics.home())) {
        directory.until(
            read ->
                read.stream().filter(record -> record.value() == null).count() == channels.size());
      }
      await(() -> meters.get("lq_directory_closed_entries").gauge().value() == 0);
    }
  }

  @Test
  void gatewayWithoutLease_isDeclaredDown() throws Exception {
    topics.createGateway("a");
    Map<String, String> environment = topics.environment();
    environment.put("LQ_LEASE", "2s");
    LeaseObserver none = () -> new LeaseObserver.Observation("epoch", Map.of());
    try (Router _ = Router.start(RouterConfig.from(new Environment(environment)), meters, none);
        TopicReader gateway = reader("a")) {
      topics.subscribe("a", 1);

      gateway.until(read -> !gateway.only(GatewayRecord.Down.class).isEmpty());
      assertThat(gateway.only(GatewayRecord.Down.class))
          .contains(new GatewayRecord.Down(ServiceTopics.home(), 1));
    }
  }

  @Test
  void recreatedLog_stopsTheRouter() throws Exception {
    try (Router router = Router.start(topics.config(), meters, UNSEEN)) {
      await(() -> router.health() instanceof Health.Ready);
      topics.delete(topics.names.inbound());

      await(() -> router.health() instanceof Health.Failed);
    }
  }

  @Test
  void absentTopics_stopTheStart_withTheirNames() throws Exception {
    topics.delete(topics.names.deadLetter());
    // The broker's metadata follows the controller's answer.
    await(() -> !topics.isListed(topics.names.deadLetter()));
    Map<String, String> environment = topics.environment();
    environment.put("LQ_ROUTER_TOPIC_WAIT", "0s");
    RouterConfig config = RouterConfig.from(new Environment(environment));

    assertThatThrownBy(() -> Router.start(config, meters, UNSEEN))
        .isInstanceOf(RouterException.class)
        .hasMessageContaining(topics.names.inbound())
        .hasMessageContaining(topics.names.deadLetter());
  }

  private void publishAndRead(TopicReader gateway, int from, int count, List<Duration> delays)
      throws Exception {
    for (int i = 0; i < count; i++) {
      long begun = System.nanoTime();
      topics.publish(Integer.toString(from + i));
      gateway.messages(from + i);
      delays.add(Duration.ofNanos(System.nanoTime() - begun));
    }
  }

  private void publishQuietly() {
    try {
      topics.publish("0");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Once each is taken by its first copy, every previous is the one before, or unknown. */
  private static void assertContiguous(List<GatewayRecord.Message> messages) {
    Map<Long, GatewayRecord.Message> byOffset = new TreeMap<>();
    messages.forEach(message -> byOffset.putIfAbsent(message.offset(), message));
    long last = GatewayRecord.NOTHING;
    for (GatewayRecord.Message message : byOffset.values()) {
      assertThat(message.previous()).isIn(last, GatewayRecord.UNKNOWN);
      last = message.offset();
    }
  }

  private static Duration longest(List<Duration> delays) {
    return delays.stream().max(Duration::compareTo).orElse(Duration.ZERO);
  }

  private TopicReader reader(String gateway) {
    return new TopicReader(topics, topics.names.gateway(new GatewayId(gateway)));
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TopicReader.PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      Thread.sleep(50);
    }
  }
}
