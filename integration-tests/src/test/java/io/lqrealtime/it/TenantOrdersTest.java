package io.lqrealtime.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lqrealtime.app.order.OrderDesk;
import io.lqrealtime.bench.client.HandshakeException;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Cluster.Node;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.LqCommand;
import io.lqrealtime.it.fixture.LqProcess;
import io.lqrealtime.it.fixture.TestClient;
import io.lqrealtime.it.fixture.Topic;
import io.lqrealtime.tenant.Target;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantPolicy.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Operators step in by commands: on whichever gateway it concerns, and without a restart. */
class TenantOrdersTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static Cluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = Cluster.start().with(2, 1);
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  @Test
  void policy_takesEffectOnAllGateways_andOnOnesThatStartLater_untilItIsTakenBack()
      throws Exception {
    JsonNode set = lq("tenants", "set", "small", "--connections", "1", "--by", "carol").getFirst();
    assertThat(set.path("tenant").asText()).isEqualTo("small");
    assertThat(set.path("policy").path("connections").asInt()).isEqualTo(1);
    assertThat(set.path("by").asText()).isEqualTo("carol");

    for (int i = 0; i < 2; i++) {
      Node gateway = cluster.gateway(i);
      try (TestClient only = connectWhenLetIn(gateway, "small", "alice")) {
        Await.until(
            "a second one is refused", Await.PATIENCE, () -> isRefused(gateway, "small", "bob"));
        assertThat(only.isOpen()).isTrue();
      }
    }

    lq("tenants", "set", "small", "--messages-per-second", "7");
    List<JsonNode> shown = lq("tenants", "show", "small");
    assertThat(shown).hasSize(1);
    assertThat(shown.getFirst().path("policy"))
        .isEqualTo(JSON.readTree("{\"connections\":1,\"messagesPerSecond\":7}"));

    Node later = cluster.launchGateway("gateway-later");
    later.awaitReady();
    try (TestClient only = connectWhenLetIn(later, "small", "alice")) {
      assertThat(isRefused(later, "small", "bob")).isTrue();
      assertThat(only.isOpen()).isTrue();

      lq("tenants", "reset", "small");
      Await.until("another is let in", Await.PATIENCE, () -> !isRefused(later, "small", "bob"));
    }
    assertThat(lq("tenants", "show", "small")).isEmpty();
  }

  @Test
  void disconnect_closesTheUsersConnectionsOnAllGateways_andNoOthers() throws Exception {
    try (TestClient here = cluster.connect(cluster.gateway(0), "acme", "mallory");
        TestClient there = cluster.connect(cluster.gateway(1), "acme", "mallory");
        TestClient other = cluster.connect(cluster.gateway(0), "acme", "alice");
        TestClient namesake = cluster.connect(cluster.gateway(1), "globex", "mallory")) {
      lq("clients", "disconnect", "acme", "--user", "mallory");

      assertThat(here.closeCode()).isEqualTo(4403);
      assertThat(there.closeCode()).isEqualTo(4403);
      other.subscribe("room.1");
      namesake.subscribe("room.1");

      lq("clients", "disconnect", "acme", "--connection", other.connection());
      assertThat(other.closeCode()).isEqualTo(4403);
      assertThat(namesake.isOpen()).isTrue();
    }
    // The token is still good.
    cluster.connect(cluster.gateway(0), "acme", "mallory").close();
  }

  @Test
  void unsubscribe_endsTheSubscription_andKeepsTheConnection() throws Exception {
    try (TestClient reader = cluster.connect(cluster.gateway(0), "acme", "reader");
        TestClient writer = cluster.connect(cluster.gateway(1), "acme", "writer")) {
      reader.subscribe("room.ended");
      reader.subscribe("room.kept");

      lq("clients", "unsubscribe", "acme", "--channel", "room.ended", "--user", "reader");

      Frame told = reader.expect("unsubscribed");
      assertThat(told.channel()).isEqualTo("room.ended");
      assertThat(told.field("reason")).isEqualTo("forbidden");
      writer.publishOnce("room.ended", "1");
      writer.publishOnce("room.kept", "2");
      assertThat(reader.messages(1).getFirst().channel()).isEqualTo("room.kept");
    }
  }

  @Test
  void tail_saysWhatOrderEndedIt() throws Exception {
    Node gateway = cluster.gateway(0);
    String[] tail = {
      "tail",
      "room.tailed",
      "--url",
      gateway.uri().toString(),
      "--token",
      cluster.tokens().of("acme", "tailing")
    };
    try (LqProcess unsubscribed = cluster.command(tail)) {
      Await.until("it reads", Await.PATIENCE, () -> unsubscribed.log().contains("\"subscribed\""));
      lq("clients", "unsubscribe", "acme", "--channel", "room.tailed", "--user", "tailing");

      assertThat(unsubscribed.awaitExit(Await.PATIENCE)).isEqualTo(1);
      assertThat(unsubscribed.log()).contains("\"unsubscribed\"");
    }
    try (LqProcess disconnected = cluster.command(tail)) {
      Await.until("it reads", Await.PATIENCE, () -> disconnected.log().contains("\"subscribed\""));
      lq("clients", "disconnect", "acme", "--user", "tailing");

      assertThat(disconnected.awaitExit(Await.PATIENCE)).isEqualTo(1);
      assertThat(disconnected.log())
          .contains("closed by the server with 4403")
          .doesNotContain("PT");
    }
  }

  @Test
  void revoke_closesConnectionsOfOldTokens_andRefusesThese_butTakesNewOnes() throws Exception {
    Instant expires = Instant.now().plus(Duration.ofHours(1));
    Instant cut = Instant.now().minusSeconds(60);
    String old = cluster.tokens().issuedAt("revoked", "eve", cut.minusSeconds(60), expires);
    String fresh = cluster.tokens().issuedAt("revoked", "eve", cut.plusSeconds(30), expires);
    try (TestClient byOld = TestClient.connect(cluster.gateway(0).uri(), old);
        TestClient byFresh = TestClient.connect(cluster.gateway(1).uri(), fresh)) {
      lq("clients", "revoke", "revoked", "--user", "eve", "--issued-before", cut.toString());

      assertThat(byOld.closeCode()).isEqualTo(4403);
      for (int i = 0; i < 2; i++) {
        Node gateway = cluster.gateway(i);
        Await.until(
            "the old token is refused",
            Await.PATIENCE,
            () -> {
              HandshakeException refused =
                  catchThrowableOfType(
                      HandshakeException.class,
                      () -> TestClient.connect(gateway.uri(), old).close());
              return refused != null
                  && refused.status() == 401
                  && refused.body().contains("revoked");
            });
      }
      byFresh.subscribe("room.1");
      byFresh.send("{\"type\":\"refresh\",\"id\":\"r\",\"payload\":{\"token\":\"" + old + "\"}}");
      assertThat(byFresh.expectError("r").code()).isEqualTo("forbidden");
    }
    assertThat(lq("tenants", "show", "revoked"))
        .singleElement()
        .satisfies(line -> assertThat(line.path("user").asText()).isEqualTo("eve"));
  }

  @Test
  void orderThatSomebodyAppendsAgain_isNotObeyed() throws Exception {
    lq("tenants", "set", "repeated", "--connections", "1");
    lq("tenants", "set", "repeated", "--connections", "2");
    ConsumerRecord<byte[], byte[]> former =
        Topic.all(cluster.kafka().bootstrapServers(), "lq.inbound").stream()
            .filter(record -> isPolicyOf("repeated", record))
            .findFirst()
            .orElseThrow();

    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", cluster.kafka().bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer
          .send(
              new ProducerRecord<>(
                  former.topic(),
                  former.partition(),
                  null,
                  former.key(),
                  former.value(),
                  former.headers()))
          .get();
    }

    Await.until(
        "the repetition is a dead letter",
        Await.PATIENCE,
        () ->
            Topic.all(cluster.kafka().bootstrapServers(), "lq.dead-letter").stream()
                .anyMatch(
                    record ->
                        isPolicyOf("repeated", record)
                            && "stale-control".equals(header(record, "reason"))));
    assertThat(lq("tenants", "show", "repeated"))
        .singleElement()
        .satisfies(
            line -> assertThat(line.path("policy").path("connections").asInt()).isEqualTo(2));
  }

  @Test
  void orderThatRoutersDoNotObey_isSaidToBeRefused_andWhy() throws Exception {
    TenantOrder order =
        new TenantOrder.Disconnect(new TenantId("forged"), "mallory", new Target.Everyone());

    assertThat(cluster.desk("local").give(order, Cluster.seal("x".repeat(40))))
        .isInstanceOfSatisfying(
            OrderDesk.Given.Refused.class,
            refused -> assertThat(refused.why()).startsWith("forged-control"));
    assertThat(cluster.desk("mars").give(order, Cluster.seal(Cluster.CONTROL_KEY)))
        .isInstanceOfSatisfying(
            OrderDesk.Given.Refused.class,
            refused -> assertThat(refused.why()).startsWith("misplaced-control"));
  }

  @Test
  void thoseWhoChangeAPolicyAtOnce_undoNothingOfEachOthers() throws Exception {
    TenantId tenant = new TenantId("contended");
    OrderDesk.Seal seal = Cluster.seal(Cluster.CONTROL_KEY);
    for (int round = 1; round <= 3; round++) {
      int value = round;
      List<Future<OrderDesk.Given>> changes = new ArrayList<>();
      try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
        for (Kind kind : List.of(Kind.CONNECTIONS, Kind.CHANNELS, Kind.CONNECTIONS_PER_USER)) {
          changes.add(
              threads.submit(
                  () ->
                      cluster
                          .policies()
                          .change(tenant, "ops", policy -> policy.with(kind, value), seal)));
        }
      }
      for (Future<OrderDesk.Given> change : changes) {
        assertThat(change.get()).isInstanceOf(OrderDesk.Given.Announced.class);
      }
      assertThat(cluster.desk("local").inForce())
          .filteredOn(standing -> standing.order().tenant().equals(tenant))
          .singleElement()
          .satisfies(
              standing ->
                  assertThat(((TenantOrder.SetPolicy) standing.order()).policy().limits())
                      .isEqualTo(
                          Map.of(
                              Kind.CONNECTIONS,
                              value,
                              Kind.CHANNELS,
                              value,
                              Kind.CONNECTIONS_PER_USER,
                              value)));
    }
  }

  /** As where the prefix is another one, or the topics have not been made: Kafka does answer. */
  @Test
  void topicsThatAreNotThere_areNotTakenForAKafkaThatDoesNotAnswer() {
    Map<String, String> elsewhere = Map.of("LQ_TOPIC_PREFIX", "elsewhere");

    LqCommand show = cluster.run(elsewhere, "tenants", "show", "small");
    assertThat(show.exitCode()).isEqualTo(1);
    assertThat(show.err()).contains("elsewhere.tenants").contains("there is none");

    LqCommand set = cluster.run(elsewhere, "tenants", "set", "small", "--connections", "1");
    assertThat(set.exitCode()).isEqualTo(1);
    assertThat(set.err()).contains("elsewhere.inbound").contains("there is none");

    LqCommand describe = cluster.run(elsewhere, "topics", "describe");
    assertThat(describe.exitCode()).isEqualTo(1);
    assertThat(describe.err()).contains("no topic whose name begins with elsewhere");
  }

  @Test
  void changesThatWaitForARouter_areNotUndoneByLaterOnes() throws Exception {
    lq("tenants", "set", "waiting", "--connections", "500");
    cluster.router(0).process().terminate();
    assertThat(cluster.router(0).process().awaitExit(PATIENCE)).isEqualTo(143);

    LqProcess alice = cluster.command("tenants", "set", "waiting", "--messages-per-second", "7");
    awaitPoliciesOf("waiting", 2);
    LqProcess bob = cluster.command("tenants", "set", "waiting", "--channels", "9");
    awaitPoliciesOf("waiting", 3);
    assertThat(alice.awaitExit(PATIENCE)).as(alice.toString()).isEqualTo(1);
    assertThat(bob.awaitExit(PATIENCE)).as(bob.toString()).isEqualTo(1);
    cluster.launchRouter("router-after").awaitReady();

    JsonNode all = JSON.readTree("{\"connections\":500,\"messagesPerSecond\":7,\"channels\":9}");
    Await.until(
        "all are in force",
        Await.PATIENCE,
        () -> lq("tenants", "show", "waiting").getFirst().path("policy").equals(all));
  }

  private static void awaitPoliciesOf(String tenant, int count) throws Exception {
    Await.until(
        "the order is in the log",
        Await.PATIENCE,
        () ->
            Topic.all(cluster.kafka().bootstrapServers(), "lq.inbound").stream()
                    .filter(record -> isPolicyOf(tenant, record))
                    .count()
                == count);
  }

  private static boolean isPolicyOf(String tenant, ConsumerRecord<byte[], byte[]> record) {
    return record.key() != null
        && new String(record.key(), UTF_8).equals(tenant)
        && "tenant-policy".equals(header(record, "type"));
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), UTF_8);
  }

  private static List<JsonNode> lq(String... arguments) throws Exception {
    LqCommand command = cluster.run(arguments);
    assertThat(command.exitCode()).as(String.join(" ", arguments) + command).isZero();
    List<JsonNode> lines = new ArrayList<>();
    for (String line : command.lines()) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private static TestClient connectWhenLetIn(Node gateway, String tenant, String user)
      throws Exception {
    TestClient[] client = new TestClient[1];
    Await.until(
        user + " is let in",
        Await.PATIENCE,
        () -> {
          try {
            client[0] = cluster.connect(gateway, tenant, user);
            return true;
          } catch (HandshakeException e) {
            return false;
          }
        });
    return client[0];
  }

  private static boolean isRefused(Node gateway, String tenant, String user) throws Exception {
    try {
      cluster.connect(gateway, tenant, user).close();
      return false;
    } catch (HandshakeException e) {
      assertThat(e.status()).isEqualTo(503);
      return true;
    }
  }
}
