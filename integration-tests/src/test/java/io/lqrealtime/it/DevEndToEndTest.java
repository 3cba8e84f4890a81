package io.lqrealtime.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.DevProcess;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.Http;
import io.lqrealtime.it.fixture.Metric;
import io.lqrealtime.it.fixture.TestClient;
import io.lqrealtime.it.fixture.Topic;
import io.lqrealtime.topic.Placement;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What {@code lq dev} promises, from its first line to its end, and after it was killed. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DevEndToEndTest {
  private static final int MESSAGES = 5_000;
  private static final int PARTITIONS = 4;

  @TempDir static Path directory;
  private static DevProcess dev;

  @BeforeAll
  static void start() throws Exception {
    dev = DevProcess.start(directory.resolve("data"));
  }

  @AfterAll
  static void end() throws Exception {
    dev.close();
  }

  @Test
  @Order(1)
  void standardOutput_hasTheContractsLinesAndNothingElse() throws Exception {
    List<String> lines = dev.process().output();

    assertThat(lines)
        .satisfiesExactlyInAnyOrder(
            line -> assertThat(line).matches("ready ws://localhost:\\d+/ws"),
            line -> assertThat(line).matches("page http://localhost:\\d+/"),
            line -> assertThat(line).matches("kafka 127\\.0\\.0\\.1:\\d+"),
            line -> assertThat(line).matches("redis 127\\.0\\.0\\.1:\\d+"),
            line -> assertThat(line).matches("management 127\\.0\\.0\\.1:\\d+"),
            line -> assertThat(line).matches("token [\\w-]+\\.[\\w-]+\\.[\\w-]+"));
    assertThat(dev.process().log()).doesNotContain(dev.token());
  }

  @Test
  void messages_bothWays_comeOnceInOrderWithThePositionOfTheirAck() throws Exception {
    String channel = "room.duplex";
    try (TestClient alice = dev.connect("acme", "alice");
        TestClient bob = dev.connect("acme", "bob");
        TestClient stranger = dev.connect("globex", "eve")) {
      for (TestClient client : List.of(alice, bob, stranger)) {
        client.subscribe(channel);
      }

      Thread aliceSends = Thread.ofPlatform().start(() -> publishMany(alice, channel, "a"));
      Thread bobSends = Thread.ofPlatform().start(() -> publishMany(bob, channel, "b"));
      Exchange atAlice = new Exchange();
      Exchange atBob = new Exchange();
      Thread bobReads = Thread.ofPlatform().start(() -> atBob.read(bob));
      atAlice.read(alice);
      bobReads.join();
      aliceSends.join();
      bobSends.join();

      assertThat(atAlice.sequence("a")).isEqualTo(range());
      assertThat(atAlice.sequence("b")).isEqualTo(range());
      assertThat(atBob.positions).isEqualTo(atAlice.positions);
      assertThat(atAlice.acks).hasSize(MESSAGES).allSatisfy(atAlice::isPositionOf);
      assertThat(atBob.acks).hasSize(MESSAGES).allSatisfy(atAlice::isPositionOf);
      assertThat(new HashSet<>(atAlice.positions.values())).hasSize(2 * MESSAGES);
      assertThat(atAlice.froms).containsExactlyInAnyOrder("alice", "bob");
      assertThat(alice.everythingSoFar()).isEmpty();
      assertThat(bob.everythingSoFar()).isEmpty();
      assertThat(stranger.everythingSoFar()).isEmpty();
    }
  }

  private static void publishMany(TestClient client, String channel, String prefix) {
    for (int n = 0; n < MESSAGES; n++) {
      client.publish(prefix + n, channel, Integer.toString(n));
    }
  }

  private static List<Integer> range() {
    List<Integer> range = new ArrayList<>();
    for (int n = 0; n < MESSAGES; n++) {
      range.add(n);
    }
    return range;
  }

  /** What one side gets: the messages of both, and the acks of its own. */
  private static final class Exchange {
    private final Map<String, String> positions = new HashMap<>();
    private final Map<String, String> acks = new HashMap<>();
    private final Map<String, List<Integer>> sequences = new HashMap<>();
    private final Set<String> froms = new HashSet<>();

    void read(TestClient client) {
      for (int frames = 0; frames < 3 * MESSAGES; frames++) {
        Frame frame = client.poll(Await.PATIENCE).orElseThrow();
        if (frame.type().equals("ack")) {
          acks.put(frame.id(), frame.position());
        } else {
          assertThat(frame.type()).as(frame.text()).isEqualTo("message");
          positions.put(frame.id(), frame.position());
          froms.add(frame.field("from"));
          sequences
              .computeIfAbsent(frame.id().substring(0, 1), prefix -> new ArrayList<>())
              .add(frame.payload().asInt());
        }
      }
    }

    List<Integer> sequence(String prefix) {
      return sequences.getOrDefault(prefix, List.of());
    }

    void isPositionOf(String id, String position) {
      assertThat(position).isEqualTo(positions.get(id));
    }
  }

  @Test
  void payload_ofAnyJson_comesByteForByte() throws Exception {
    List<String> payloads =
        List.of(
            "1.50",
            "1e400",
            "-0",
            "123456789012345678901234567890",
            "null",
            "\"\"",
            "[ ]",
            "{\"z\":1,  \"a\" : [1 , 2.00,\t3E+2],\"z\":2}",
            "\"\\u00e9\\/\\n\\ud83d\\ude00\"",
            "\"é日本語😀\u2028\"",
            "{\"\\u0061\":\"\\\"}]\"}",
            "\"" + "x".repeat(60_000) + "\"");
    try (TestClient client = dev.connect("acme", "bytes")) {
      client.subscribe("room.bytes");
      for (int i = 0; i < payloads.size(); i++) {
        client.publishAcked("p" + i, "room.bytes", payloads.get(i));
      }
      assertThat(client.messages(payloads.size()).stream().map(Frame::rawPayload))
          .isEqualTo(payloads);
    }
  }

  @Test
  void record_onAnotherPartitionThanItsHome_arrivesOnceFromItsHome() throws Exception {
    int home = home("acme", "room.moved");
    try (TestClient client = dev.connect("acme", "reader")) {
      client.subscribe("room.moved");
      for (int partition = 0; partition < PARTITIONS; partition++) {
        produce(partition, "acme", "{\"on\" : " + partition + "}", "channel", "room.moved");
      }
      List<Frame> messages = client.messages(PARTITIONS);

      assertThat(messages.stream().map(frame -> frame.payload().path("on").asInt()))
          .containsExactlyInAnyOrder(0, 1, 2, 3);
      assertThat(messages)
          .allSatisfy(
              frame -> assertThat(frame.position()).matches("local\\.[^.]+\\." + home + "\\.\\d+"));
      // What is published now comes after whatever a second copy would have come with.
      client.publishAcked("after", "room.moved", "\"after\"");
      assertThat(client.messages(1).getFirst().id()).isEqualTo("after");
    }
  }

  @Test
  void record_ofPlainProducer_carriesIdAndFrom() throws Exception {
    try (TestClient client = dev.connect("acme", "reader")) {
      client.subscribe("room.backend");
      RecordMetadata where =
          produce(
              null, "acme", "[1.50]", "channel", "room.backend", "id", "order-1", "from", "shop");
      Frame message = client.messages(1).getFirst();

      assertThat(message.id()).isEqualTo("order-1");
      assertThat(message.field("from")).isEqualTo("shop");
      assertThat(message.rawPayload()).isEqualTo("[1.50]");
      assertThat(message.json().path("time").asLong()).isEqualTo(where.timestamp());
      assertThat(message.position()).endsWith("." + where.partition() + "." + where.offset());
    }
  }

  @Test
  void record_asCloudEventInBinaryMode_arrives() throws Exception {
    try (TestClient client = dev.connect("acme", "reader")) {
      client.subscribe("room.events");
      produce(
          null,
          "acme",
          "{\"total\":9.90}",
          "ce_specversion",
          "1.0",
          "ce_type",
          "order.placed",
          "ce_id",
          "event-7",
          "ce_source",
          "/shop",
          "ce_subject",
          "room.events",
          "content-type",
          "application/json");
      Frame message = client.messages(1).getFirst();

      assertThat(message.id()).isEqualTo("event-7");
      assertThat(message.field("from")).isEqualTo("/shop");
      assertThat(message.rawPayload()).isEqualTo("{\"total\":9.90}");
    }
  }

  @Test
  void record_ofKcat_arrives() throws Exception {
    assumeTrue(
        Arrays.stream(System.getenv("PATH").split(":"))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "kcat"))),
        "kcat is not installed");
    try (TestClient client = dev.connect("acme", "reader")) {
      client.subscribe("room.kcat");
      Process kcat =
          new ProcessBuilder(
                  "kcat",
                  "-b",
                  dev.kafka(),
                  "-P",
                  "-t",
                  "lq.inbound",
                  "-k",
                  "acme",
                  "-H",
                  "channel=room.kcat")
              .redirectErrorStream(true)
              .start();
      kcat.getOutputStream().write("{\"hello\":\"world\"}\n".getBytes(UTF_8));
      kcat.getOutputStream().close();
      assertThat(kcat.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(kcat.exitValue())
          .as(new String(kcat.getInputStream().readAllBytes(), UTF_8))
          .isZero();

      assertThat(client.messages(1).getFirst().rawPayload()).isEqualTo("{\"hello\":\"world\"}");
    }
  }

  @Test
  void record_thatIsNoMessage_goesToDeadLettersWithOriginAndReason() throws Exception {
    Map<String, RecordMetadata> expected = new HashMap<>();
    expected.put("no-key", produce(1, null, "1", "channel", "room.1"));
    expected.put("bad-key", produce(1, "no tenant!", "1", "channel", "room.1"));
    expected.put("no-channel", produce(1, "acme", "1"));
    expected.put("bad-channel", produce(1, "acme", "1", "channel", "no channel"));
    expected.put("not-json", produce(1, "acme", "{\"a\":", "channel", "room.1"));
    expected.put(
        "too-large", produce(1, "acme", "\"" + "x".repeat(70_000) + "\"", "channel", "room.1"));
    expected.put("unknown-type", produce(1, "acme", "1", "channel", "room.1", "type", "gossip"));
    expected.put("forged-control", produce(1, "acme", "1", "type", "gateway-down"));

    List<ConsumerRecord<byte[], byte[]>> dead =
        Topic.read(dev.kafka(), "lq.dead-letter", expected.size());

    assertThat(dead.stream().map(record -> header(record, "reason")))
        .containsExactlyInAnyOrderElementsOf(expected.keySet());
    assertThat(dead)
        .allSatisfy(
            record -> {
              RecordMetadata origin = expected.get(header(record, "reason"));
              assertThat(header(record, "origin-topic")).isEqualTo("lq.inbound");
              assertThat(header(record, "origin-partition")).isEqualTo("1");
              assertThat(header(record, "origin-offset")).isEqualTo("" + origin.offset());
            });
  }

  @Test
  void presence_showsAllWhoSubscribed() throws Exception {
    try (TestClient alice = dev.connect("acme", "alice");
        TestClient bob = dev.connect("acme", "bob");
        TestClient stranger = dev.connect("globex", "eve")) {
      for (TestClient client : List.of(alice, bob, stranger)) {
        client.subscribe("room.presence");
      }
      // A view of Redis, which follows in a moment.
      Await.until(
          "both are shown",
          Await.PATIENCE,
          () -> presence(alice, "room.presence").payload().path("connections").asInt() == 2);
      Frame shown = presence(alice, "room.presence");

      assertThat(shown.payload().path("users").asInt()).isEqualTo(2);
      List<String> members = new ArrayList<>();
      shown
          .payload()
          .path("members")
          .forEach(m -> members.add(m.path("user").asText() + " " + m.path("connection").asText()));
      assertThat(members)
          .containsExactlyInAnyOrder("alice " + alice.connection(), "bob " + bob.connection());
    }
  }

  private static Frame presence(TestClient client, String channel) {
    client.send("{\"type\":\"presence\",\"id\":\"who\",\"channel\":\"" + channel + "\"}");
    return client.expectAnswer("presence", "who");
  }

  @Test
  void page_isServed() throws Exception {
    HttpResponse<String> page = Http.get(dev.page());

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-type").orElse("")).startsWith("text/html");
    assertThat(page.body()).contains("<html");
  }

  @Test
  void management_servesHealthAndTheMetricsOfTheContract() throws Exception {
    try (TestClient client = dev.connect("acme", "metrics")) {
      client.subscribe("room.metrics");
      client.publishAcked("m", "room.metrics", "1");
      client.messages(1);
      client.send("nonsense");
      client.expect("error");

      assertThat(Http.get(dev.management("/health/live")).statusCode()).isEqualTo(200);
      assertThat(Http.get(dev.management("/health/ready")).statusCode()).isEqualTo(200);
      String metrics = Http.get(dev.management("/metrics")).body();
      for (String name :
          List.of(
              "websocket_active_connections",
              "websocket_connections_total\\{.*outcome=.*",
              "websocket_messages_received_total",
              "websocket_messages_delivered_total",
              "lq_publish_ack_seconds_(count|bucket).*",
              "lq_delivery_seconds_(count|bucket).*",
              "lq_outbound_lagging_connections",
              "lq_errors_total\\{.*code=.*",
              "lq_dead_letters_total\\{.*reason=.*")) {
        assertThat(metrics).containsPattern("(?m)^" + name);
      }
    }
  }

  @Test
  void client_thatDoesNotRead_countsAsLaggingUntilItDoes() throws Exception {
    String payload = "\"" + "x".repeat(60_000) + "\"";
    try (TestClient slow = dev.connect("acme", "slow");
        TestClient writer = dev.connect("acme", "writer")) {
      slow.subscribe("room.slow");
      assertThat(lagging()).isZero();
      slow.raw().connection().pauseReading();
      int published = 0;
      // The kernel's buffers take some megabytes before the gateway has to wait.
      while (lagging() == 0 && published < 500) {
        writer.publishAcked("slow" + published, "room.slow", payload);
        published++;
      }
      assertThat(lagging()).isEqualTo(1);

      slow.raw().connection().resumeReading();
      List<Frame> messages = slow.messages(published);
      assertThat(messages.getLast().id()).isEqualTo("slow" + (published - 1));
      Await.until("nobody lags", Await.PATIENCE, () -> lagging() == 0);
    }
  }

  private static double lagging() throws Exception {
    String metrics = Http.get(dev.management("/metrics")).body();
    assertThat(metrics).contains("\nlq_outbound_lagging_connections ");
    return Metric.sum(metrics, "lq_outbound_lagging_connections");
  }

  @Test
  @Order(Integer.MAX_VALUE - 1)
  void sigterm_endsItInOrder() throws Exception {
    long begun = System.nanoTime();
    dev.process().terminate();
    int code = dev.process().awaitExit(Duration.ofSeconds(30));
    System.out.printf(
        "lq dev ended %d ms after SIGTERM%n",
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));

    assertThat(code).isIn(0, 143);
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void sigkillUnderLoad_losesNothingThatWasAcked_toWhoResumes() throws Exception {
    dev.close();
    dev = DevProcess.start(directory.resolve("data"));
    List<String> acked = new ArrayList<>();
    String seen;
    try (TestClient client = dev.connect("acme", "before");
        TestClient publisher = dev.connect("acme", "publisher")) {
      client.subscribe("room.kept");
      for (int i = 0; i < 300; i++) {
        publisher.publish("kept-" + i, "room.kept", Integer.toString(i));
      }
      // It is killed while the later ones are on their way: some are acked and some are not.
      for (int i = 0; i < 200; i++) {
        acked.add(publisher.expectAck("kept-" + i).position());
      }
      seen = client.messages(50).getLast().position();
      dev.process().kill();
    }
    assertThat(seen).isEqualTo(acked.get(49));
    dev = DevProcess.start(directory.resolve("data"));
    System.out.printf("lq dev was ready %d ms after SIGKILL%n", dev.readyAfterMillis());

    try (TestClient client = dev.connect("acme", "after")) {
      client.send(
          "{\"type\":\"subscribe\",\"id\":\"s\",\"channel\":\"room.kept\",\"since\":\"%s\"}"
              .formatted(seen));
      assertThat(client.expectSubscribed("room.kept").field("recovered")).isEqualTo("true");
      client.expect("live");
      List<Frame> missed =
          client.everythingSoFar().stream().filter(f -> f.type().equals("message")).toList();
      assertThat(missed.stream().map(Frame::position))
          .startsWith(acked.subList(50, 200).toArray(String[]::new))
          .doesNotHaveDuplicates();
      assertThat(missed.stream().map(f -> f.payload().asInt()))
          .containsExactlyElementsOf(IntStream.range(50, 50 + missed.size()).boxed().toList());
      String after = client.publishOnce("room.kept", "2").position();
      assertThat(client.messages(1).getFirst().position()).isEqualTo(after);
      assertThat(offset(after)).isGreaterThan(offset(acked.getLast()));
      assertThat(log(after)).isEqualTo(log(acked.getLast()));
    }
  }

  private static long offset(String position) {
    return Long.parseLong(position.substring(position.lastIndexOf('.') + 1));
  }

  private static String log(String position) {
    return position.substring(0, position.lastIndexOf('.'));
  }

  private static int home(String tenant, String channel) {
    return new Placement(PARTITIONS).home(new TenantId(tenant), new Channel(channel));
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }

  private static RecordMetadata produce(
      Integer partition, String tenant, String value, String... headers) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", dev.kafka()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              "lq.inbound",
              partition,
              tenant == null ? null : tenant.getBytes(UTF_8),
              value.getBytes(UTF_8));
      for (int i = 0; i < headers.length; i += 2) {
        record.headers().add(headers[i], headers[i + 1].getBytes(UTF_8));
      }
      return producer.send(record).get(60, TimeUnit.SECONDS);
    }
  }
}
