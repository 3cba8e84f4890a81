package io.lqrealtime.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.lqrealtime.embedded.EmbeddedRedis;
import io.lqrealtime.embedded.RedisOptions;
import io.lqrealtime.embedded.SelfSignedCertificate;
import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.DocumentedAcls;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.Http;
import io.lqrealtime.it.fixture.LqCommand;
import io.lqrealtime.it.fixture.LqProcess;
import io.lqrealtime.it.fixture.Ports;
import io.lqrealtime.it.fixture.SecuredKafka;
import io.lqrealtime.it.fixture.TestClient;
import io.lqrealtime.it.fixture.Tokens;
import io.lqrealtime.it.fixture.Topic;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * The service on a Kafka that lets nobody in without a login over TLS, and allows each role what
 * docs/OPERATIONS.md says, and nothing else.
 */
class KafkaSecurityTest {
  private static final String SECRET = "a-secret-that-tokens-are-signed-with-in-tests";
  private static final int PARTITIONS = 4;
  private static final Tokens TOKENS = new Tokens(SECRET);

  private static final String CONTROL_KEY = "a-key-that-control-records-are-signed-with";

  /** What the broker's authorizer says of each thing that it is asked to allow. */
  private static final Set<String> AUDIT = new ConcurrentSkipListSet<>();

  @TempDir private static Path directory;
  private static SecuredKafka kafka;
  private static EmbeddedRedis redis;
  private static List<AclBinding> acls;

  /** A role that runs. */
  private record Node(LqProcess process, int wsPort, int managementPort) implements AutoCloseable {
    private String ready() throws Exception {
      if (Http.status("http://127.0.0.1:" + managementPort + "/health/live") != 200) {
        return "no answer";
      }
      var answer = Http.get("http://127.0.0.1:" + managementPort + "/health/ready");
      return answer.statusCode() + " " + answer.body();
    }

    private void awaitReady() throws Exception {
      Await.until(
          "it is ready",
          Await.PATIENCE,
          () -> {
            assertThat(process.isAlive()).as(process.toString()).isTrue();
            return ready().startsWith("200");
          },
          process::toString);
    }

    private TestClient connect(String user) throws IOException {
      return TestClient.connect(
          URI.create("ws://127.0.0.1:" + wsPort + "/ws"), TOKENS.of("acme", user));
    }

    @Override
    public void close() throws InterruptedException {
      process.close();
    }
  }

  @BeforeAll
  static void start() throws Exception {
    Logger audit = (Logger) LoggerFactory.getLogger("kafka.authorizer.logger");
    audit.setLevel(Level.DEBUG);
    audit.setAdditive(false);
    AppenderBase<ILoggingEvent> appender =
        new AppenderBase<>() {
          @Override
          protected void append(ILoggingEvent event) {
            if (!event.getFormattedMessage().contains("User:ANONYMOUS")) {
              AUDIT.add(event.getFormattedMessage());
            }
          }
        };
    appender.start();
    audit.addAppender(appender);
    acls = DocumentedAcls.read();
    kafka =
        SecuredKafka.start(
            SelfSignedCertificate.make(directory, "kafka"),
            List.of("gateway", "router", "topics", "operator", "backend", "reader", "stranger"));
    kafka.allow(acls);
    redis = EmbeddedRedis.start(RedisOptions.ephemeral());
    LqCommand topics =
        LqCommand.run(
            kafka.environment("topics"),
            "topics",
            "create",
            "--partitions",
            "" + PARTITIONS,
            "--replication-factor",
            "1",
            "--min-insync-replicas",
            "1");
    assertThat(topics.exitCode()).as(topics.toString()).isZero();
  }

  @AfterAll
  static void end() {
    redis.close();
    kafka.close();
  }

  private static Node launch(String role, String id, Map<String, String> kafkaEnvironment)
      throws IOException {
    Map<String, String> environment = new HashMap<>(kafkaEnvironment);
    int wsPort = Ports.free();
    int managementPort = Ports.free();
    environment.put("LQ_GATEWAY_ID", id);
    environment.put("LQ_AUTH_HS256_SECRET", SECRET);
    environment.put("LQ_CONTROL_KEY", CONTROL_KEY);
    environment.put("LQ_LEASE", "2s");
    // Who is refused does not wait for them.
    environment.put("LQ_START_TIMEOUT", "5m");
    environment.put("LQ_ROUTER_TOPIC_WAIT", "5m");
    environment.put("WS_HOST", "127.0.0.1");
    environment.put("WS_PORT", "" + wsPort);
    environment.put("LQ_MANAGEMENT_PORT", "" + managementPort);
    environment.put("REDIS_HOST", redis.host());
    environment.put("REDIS_PORT", "" + redis.port());
    return new Node(
        LqProcess.start(role + "-" + id, 256, environment, role), wsPort, managementPort);
  }

  @Test
  void rolesWithTheDocumentedAcls_doAllTheirWork() throws Exception {
    try (Node router = launch("router", "r", kafka.environment("router"));
        Node gateway = launch("gateway", "gateway-1", kafka.environment("gateway"));
        Node doomed = launch("gateway", "gateway-2", kafka.environment("gateway"))) {
      router.awaitReady();
      gateway.awaitReady();
      doomed.awaitReady();
      try (TestClient alice = gateway.connect("alice");
          TestClient bob = doomed.connect("bob")) {
        String since = alice.subscribe("room.1");
        bob.subscribe("room.1");
        alice.publishAcked("1", "room.1", "{\"n\":1}");
        assertThat(bob.messages(1).getFirst().rawPayload()).isEqualTo("{\"n\":1}");
        produceToEveryPartition();
        assertThat(alice.messages(1 + PARTITIONS))
            .extracting(Frame::rawPayload)
            .contains("{\"n\":1}", "{\"n\":10}", "{\"n\":13}");
        alice.send(
            "{\"type\":\"history\",\"id\":\"h\",\"channel\":\"room.1\",\"since\":\"%s\"}"
                .formatted(since));
        assertThat(alice.expectAnswer("history", "h").payload().path("messages")).hasSize(5);
        try (TestClient late = gateway.connect("late")) {
          late.send(
              "{\"type\":\"subscribe\",\"id\":\"s\",\"channel\":\"room.1\",\"since\":\"earliest\"}");
          assertThat(late.messages(1 + PARTITIONS)).hasSize(5);
        }
        // The sweeper, and a gateway's return to its topic.
        doomed.process().kill();
        Await.until(
            "the router finds it dead",
            Await.PATIENCE,
            () -> router.process().log().contains("Gateway gateway-2"));
      }
      try (Node returned = launch("gateway", "gateway-2", kafka.environment("gateway"))) {
        returned.awaitReady();
        try (TestClient bob = returned.connect("bob")) {
          bob.subscribe("room.1");
          bob.publishAcked("2", "room.1", "2");
          assertThat(bob.messages(1)).hasSize(1);
        }
      }
      assertOperatorSetsAPolicy();
      assertThat(Topic.read(kafka.plain(), "lq.dead-letter", 1)).hasSize(1);
      assertThat(readAsBackend(2 + PARTITIONS)).isGreaterThanOrEqualTo(2 + PARTITIONS);
      LqCommand topics = LqCommand.run(kafka.environment("topics"), "topics", "describe");
      assertThat(topics.exitCode()).as(topics.toString()).isZero();
      assertThat(topics.lines()).hasSizeGreaterThanOrEqualTo(3);
    }
    assertNoneIsTooMuch();
  }

  private static void assertOperatorSetsAPolicy() throws Exception {
    Map<String, String> environment = new HashMap<>(kafka.environment("operator"));
    environment.put("LQ_CONTROL_KEY", CONTROL_KEY);
    // It ends well only when it has read from lq.tenants what the router wrote there.
    LqCommand tenants =
        LqCommand.run(environment, "tenants", "set", "acme", "--connections", "500");
    assertThat(tenants.exitCode()).as(tenants.toString()).isZero();
    assertThat(tenants.lines()).anyMatch(line -> line.contains("\"connections\":500"));
  }

  /** One is the tenant's home, the others are forwarded; and one that is no JSON. */
  private static void produceToEveryPartition() throws Exception {
    try (KafkaProducer<String, String> backend =
        new KafkaProducer<>(
            kafka.client("backend"), new StringSerializer(), new StringSerializer())) {
      List<RecordHeader> headers = List.of(new RecordHeader("channel", "room.1".getBytes(UTF_8)));
      for (int partition = 0; partition < PARTITIONS; partition++) {
        ProducerRecord<String, String> record =
            new ProducerRecord<>(
                "lq.inbound", partition, "acme", "{\"n\":1%d}".formatted(partition));
        headers.forEach(header -> record.headers().add(header));
        backend.send(record).get(60, TimeUnit.SECONDS);
      }
      ProducerRecord<String, String> broken = new ProducerRecord<>("lq.inbound", "acme", "{");
      headers.forEach(header -> broken.headers().add(header));
      backend.send(broken).get(60, TimeUnit.SECONDS);
    }
  }

  /** Reads until so many have come, or nothing more is to be hoped for. */
  private static int readAsBackend(int wanted) {
    try (KafkaConsumer<String, String> reader =
        new KafkaConsumer<>(
            kafka.client("reader"), new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partitions =
          IntStream.range(0, PARTITIONS)
              .mapToObj(partition -> new TopicPartition("lq.inbound", partition))
              .toList();
      reader.assign(partitions);
      reader.seekToBeginning(partitions);
      int count = 0;
      long end = System.nanoTime() + Await.PATIENCE.toNanos();
      while (count < wanted && System.nanoTime() - end < 0) {
        count += reader.poll(Duration.ofMillis(200)).count();
      }
      return count;
    }
  }

  /** Each documented right is one that the broker was asked for, so that none is too much. */
  private static void assertNoneIsTooMuch() {
    for (AclBinding binding : acls) {
      Pattern asked =
          Pattern.compile(
              "Principal = %s is Allowed operation = %s .*resource = %s:LITERAL:%s%s for request.*"
                  .formatted(
                      binding.entry().principal(),
                      binding.entry().operation(),
                      binding.pattern().resourceType() == ResourceType.GROUP ? "Group" : "Topic",
                      Pattern.quote(binding.pattern().name()),
                      binding.pattern().patternType() == PatternType.PREFIXED ? "\\S+" : ""),
              Pattern.DOTALL);
      assertThat(AUDIT.stream().anyMatch(line -> asked.matcher(line).matches()))
          .as("somebody made use of %s", binding)
          .isTrue();
    }
  }

  private static AclBinding acl(String principal, String topicOrGroup, AclOperation operation) {
    return acls.stream()
        .filter(
            acl ->
                acl.entry().principal().equals("User:" + principal)
                    && acl.pattern().name().equals(topicOrGroup)
                    && acl.entry().operation() == operation)
        .findFirst()
        .orElseThrow();
  }

  private static void assertEnds(Node node, String... saying) throws Exception {
    assertThat(node.process().awaitExit(Await.PATIENCE)).as(node.process().toString()).isEqualTo(1);
    assertThat(node.process().log()).contains(saying);
  }

  @Test
  void whoMayNothing_orIsNotWhoItSays_endsAndSaysWhy() throws Exception {
    try (Node stranger = launch("gateway", "stranger", kafka.environment("stranger"));
        Node liar = launch("gateway", "liar", kafka.environment("gateway", "wrong"))) {
      assertEnds(stranger, "lq.inbound", "Authorization");
      assertEnds(liar, "Authentication failed");
    }
    try (Node stranger = launch("router", "stranger", kafka.environment("stranger"));
        Node liar = launch("router", "liar", kafka.environment("router", "wrong"))) {
      assertEnds(stranger, "lq.inbound", "Authorization");
      assertEnds(liar, "Authentication failed");
    }
  }

  @Test
  void roleThatLacksARight_doesNotGetReady_andSaysWhich() throws Exception {
    List<AclBinding> missing =
        List.of(
            acl("gateway", "lq.inbound", AclOperation.WRITE),
            acl("router", "lq.dead-letter", AclOperation.WRITE));
    for (AclBinding acl : missing) {
      kafka.disallow(acl);
    }
    try (Node gateway = launch("gateway", "lacking", kafka.environment("gateway"));
        Node router = launch("router", "lacking", kafka.environment("router"))) {
      assertEnds(gateway, "lq.inbound", "WRITE");
      assertEnds(router, "lq.dead-letter");
    } finally {
      kafka.allow(missing);
    }
    AclBinding group = acl("router", "lq.router", AclOperation.READ);
    kafka.disallow(group);
    try (Node router = launch("router", "groupless", kafka.environment("router"))) {
      Await.until(
          "the router says what it lacks",
          Await.PATIENCE,
          () -> router.process().log().contains("GroupAuthorizationException"),
          router.process()::toString);
      assertThat(router.ready()).doesNotStartWith("200");
    } finally {
      kafka.allow(List.of(group));
    }
  }

  @Test
  void rightThatIsTakenAway_turnsTheGatewayNotReady_andBackWithIt() throws Exception {
    AclBinding write = acl("gateway", "lq.inbound", AclOperation.WRITE);
    try (Node router = launch("router", "revoked", kafka.environment("router"));
        Node gateway = launch("gateway", "revoked", kafka.environment("gateway"))) {
      router.awaitReady();
      gateway.awaitReady();
      try (TestClient alice = gateway.connect("alice")) {
        alice.publishAcked("1", "room.revoked", "1");
        kafka.disallow(write);
        // The broker follows the controller, which has answered: until then it still takes some.
        Frame[] refusal = new Frame[1];
        int[] sent = new int[1];
        Await.until(
            "a publish is refused",
            Await.PATIENCE,
            () -> {
              String id = "revoked-" + sent[0]++;
              alice.publish(id, "room.revoked", "2");
              refusal[0] = alice.expect("answer", frame -> frame.id().equals(id), Await.PATIENCE);
              return refusal[0].type().equals("error");
            });
        assertThat(refusal[0].code()).isEqualTo("unavailable");
        assertThat(gateway.ready()).startsWith("503").contains("Kafka refuses", "lq.inbound");
        Await.until(
            "it is in the log",
            Await.PATIENCE,
            () -> gateway.process().log().contains("Kafka refuses what this process writes"));
        kafka.allow(List.of(write));
        Await.until(
            "a publish goes through again",
            Await.PATIENCE,
            () -> {
              alice.publish("3", "room.revoked", "3");
              Frame answer =
                  alice.expect("answer", frame -> frame.id().equals("3"), Await.PATIENCE);
              return answer.type().equals("ack");
            });
        gateway.awaitReady();
      } finally {
        kafka.allow(List.of(write));
      }
    }
  }
}
