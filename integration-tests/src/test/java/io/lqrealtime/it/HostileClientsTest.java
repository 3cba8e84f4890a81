package io.lqrealtime.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Cluster.Node;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.Load;
import io.lqrealtime.it.fixture.RawSocket;
import io.lqrealtime.it.fixture.RawSocket.Answer;
import io.lqrealtime.it.fixture.TestClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that mean harm get the protocol's answer, and nobody else notices: on the same gateway
 * the clients of other tenants publish and receive all the while, every message once and in order,
 * and when the attackers have gone, nothing of them is left in the gateway's memory.
 *
 * <p>The attacks are tables: {@link HttpAttack}, {@link TokenAttack}, {@link FrameAttack} and
 * {@link TextAttack}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileClientsTest {
  private static final String TENANT = "hostile";
  private static final int MAX_FRAME = 1 << 20;
  private static final int MESSAGES_PER_SECOND = 1000;

  /** A quarter of the gateway's heap; a megabyte kept of each attacker is far more. */
  private static final long SOME_MEMORY = 64 << 20;

  private final ObjectMapper json = new ObjectMapper();

  private Cluster cluster;
  private Node gateway;
  private Load bystanders;
  private String token;
  private ServerSocket elsewhere;
  private List<TokenAttack> tokenAttacks;
  private long heapBefore;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    var rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
    var ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    Path jwks =
        Files.writeString(
            directory.resolve("jwks.json"),
            "{\"keys\":[%s,%s]}"
                .formatted(rsa.toPublicJWK().toJSONString(), ec.toPublicJWK().toJSONString()));
    cluster =
        Cluster.start(
                Map.of(
                    "LQ_AUTH_JWKS",
                    jwks.toString(),
                    "WS_MAX_FRAME_BYTES",
                    "" + MAX_FRAME,
                    "WS_MAX_MESSAGES_PER_SECOND",
                    "" + MESSAGES_PER_SECOND,
                    "WS_HEARTBEAT_SECONDS",
                    "5",
                    "WS_COMPRESSION",
                    "true"))
            .withRouterHere(1);
    gateway = cluster.gateway(0);
    token = cluster.tokens().of(TENANT, "mallory");
    elsewhere = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    tokenAttacks =
        TokenAttack.all(
            new TokenAttack.Keys(
                cluster.tokens().secret(),
                rsa,
                ec,
                new RSAKeyGenerator(2048).keyID("rsa").generate(),
                "http://127.0.0.1:" + elsewhere.getLocalPort() + "/jwks.json"));
    bystanders = Load.start(cluster, gateway);
    heapBefore = gateway.liveHeap();
  }

  /** What every attack has to leave behind: a gateway as before, and others who noticed nothing. */
  @AfterEach
  void othersAreServedAsEver() throws Exception {
    assertThat(gateway.process().isAlive()).isTrue();
    bystanders.awaitFlow(1);
  }

  @AfterAll
  void end() throws Exception {
    try {
      bystanders.stopAndCheck();
      assertThat(bystanders.receiversAt(0))
          .allSatisfy(receiver -> assertThat(receiver.isOpen()).isTrue())
          .allSatisfy(receiver -> assertThat(receiver.others()).isEmpty());
      assertThat(gateway.isReady()).isTrue();
      bystanders.close();
      awaitConnections(0);
      assertThat(gateway.liveHeap()).isLessThan(heapBefore + SOME_MEMORY);
    } finally {
      elsewhere.close();
      cluster.close();
    }
  }

  private void awaitConnections(int count) throws Exception {
    Await.until(
        "the gateway has forgotten all attackers",
        Await.PATIENCE,
        () -> gateway.metric("websocket_active_connections") == count);
  }

  static List<HttpAttack> httpAttacks() {
    return HttpAttack.all();
  }

  @ParameterizedTest
  @MethodSource("httpAttacks")
  void request_getsItsAnswer(HttpAttack attack) throws Exception {
    try (RawSocket raw = RawSocket.to(gateway.uri())) {
      sendAsFarAsItGoes(raw, attack.request());
      Answer answer = raw.answer();

      assertThat(answer.status()).as(answer.head()).isEqualTo(attack.status());
      assertThat(answer.head() + answer.body()).doesNotContain(token);
      if (attack.status() == 101) {
        assertThat(raw.text()).contains("\"type\":\"welcome\"");
        // Frames begin where the request ends, and nowhere else.
        raw.sendFrame(RawSocket.CLOSE, new byte[] {3, (byte) 0xe8});
        assertThat(raw.closeCode()).isEqualTo(1000);
      } else if (attack.code().isEmpty()) {
        assertThat(answer.body()).isEmpty();
        raw.awaitEnd();
      } else {
        assertRefusal(answer, attack.code());
        raw.awaitEnd();
      }
      if (attack.status() == 426) {
        assertThat(answer.head()).containsPattern("(?i)\r\nSec-WebSocket-Version: 13\r\n");
      }
    }
  }

  /** A server that has seen enough of a request answers and closes while more of it is sent. */
  private void sendAsFarAsItGoes(RawSocket raw, String request) {
    try {
      raw.send(request.replace("{token}", token).getBytes(ISO_8859_1));
    } catch (IOException e) {
      // What it answered before can still be read.
    }
  }

  private void assertRefusal(Answer answer, String code) throws IOException {
    JsonNode body = json.readTree(answer.body());
    assertThat(body.path("code").asText()).isEqualTo(code);
    assertThat(body.path("message").asText()).isNotEmpty();
  }

  @Test
  void whatFollowsAHandshakeInItsPacket_isFrames_andNoSecondRequest() throws Exception {
    String request = HttpAttack.with("").replace("{token}", token);
    try (RawSocket raw = RawSocket.to(gateway.uri())) {
      raw.send((request + request).getBytes(ISO_8859_1));
      assertThat(raw.answer().status()).isEqualTo(101);
      assertThat(raw.closeCode()).isEqualTo(1002);
      raw.awaitEnd();
    }
    try (RawSocket raw = RawSocket.to(gateway.uri())) {
      byte[] head = request.getBytes(ISO_8859_1);
      byte[] frame = RawSocket.masked(0x81, "{\"type\":\"ping\",\"id\":\"early\"}".getBytes(UTF_8));
      byte[] both = Arrays.copyOf(head, head.length + frame.length);
      System.arraycopy(frame, 0, both, head.length, frame.length);
      raw.send(both);
      assertThat(raw.answer().status()).isEqualTo(101);
      assertThat(raw.text()).contains("\"welcome\"");
      assertThat(raw.text()).contains("\"pong\"", "\"early\"");
    }
  }

  List<TokenAttack> tokenAttacks() {
    return tokenAttacks;
  }

  @ParameterizedTest
  @MethodSource("tokenAttacks")
  void token_isJudgedByTheGatewaysOwnKeys(TokenAttack attack) throws Exception {
    try (RawSocket raw = RawSocket.to(gateway.uri())) {
      Answer answer = raw.handshake("GET", "/ws", "Authorization: Bearer " + attack.token());
      assertThat(answer.status()).as(answer.body()).isEqualTo(attack.good() ? 101 : 401);
      if (!attack.good()) {
        assertRefusal(answer, "unauthorized");
        assertThat(answer.body()).doesNotContain(attack.token());
      }
    }
    try (TestClient client = TestClient.connect(gateway.uri(), token)) {
      client.send(
          "{\"type\":\"refresh\",\"id\":\"r\",\"payload\":{\"token\":\"%s\"}}"
              .formatted(attack.token()));
      // A token that is good is still of another user.
      assertThat(client.expectError("r").code()).isEqualTo("forbidden");
      assertThat(client.isOpen()).isTrue();
    }
    assertThat(isAskedForKeys()).as("a key is fetched from where the token says").isFalse();
  }

  private boolean isAskedForKeys() throws IOException {
    // A connection that was made waits in the backlog: there is nothing to wait for here.
    elsewhere.setSoTimeout(1);
    try {
      elsewhere.accept().close();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  static List<FrameAttack> frameAttacks() {
    return FrameAttack.all();
  }

  @ParameterizedTest
  @MethodSource("frameAttacks")
  void frame_thatBreaksARule_closesWithItsCode_andNothingAfterItCounts(FrameAttack attack)
      throws Exception {
    try (RawSocket raw = RawSocket.upgraded(gateway.uri(), token)) {
      assertIsClosedFor(attack, raw);
    }
  }

  static List<FrameAttack> deflatedAttacks() {
    return FrameAttack.deflated();
  }

  @ParameterizedTest
  @MethodSource("deflatedAttacks")
  void deflatedFrame_thatBreaksARule_closesWithItsCode(FrameAttack attack) throws Exception {
    try (RawSocket raw = RawSocket.deflating(gateway.uri(), token)) {
      assertIsClosedFor(attack, raw);
    }
  }

  private static void assertIsClosedFor(FrameAttack attack, RawSocket raw) throws IOException {
    raw.text();
    try {
      raw.send(attack.bytes());
      raw.sendFrame(RawSocket.TEXT, "{\"type\":\"ping\"}".getBytes(UTF_8));
    } catch (IOException e) {
      // It was closed before it had been sent all of that.
    }
    assertThat(raw.closeCode()).isEqualTo(attack.closeCode());
    raw.awaitEnd();
  }

  /** A kilobyte each on the wire, of a megabyte: held to the limit by what they say. */
  @Test
  void floodOfTextsThatInflateAThousandfold_isHeldToTheRateOfWhatTheySay() throws Exception {
    byte[] ping =
        RawSocket.deflated(
            "{\"type\":\"ping\",\"payload\":\"" + "a".repeat(MAX_FRAME - 100) + "\"}");
    assertThat(ping).hasSizeLessThan(MAX_FRAME / 500);
    try (RawSocket raw = RawSocket.deflating(gateway.uri(), token)) {
      raw.text();
      int sent = 100;
      long begin = System.nanoTime();
      for (int i = 0; i < sent; i++) {
        raw.send(ping);
      }
      int pongs = 0;
      for (int i = 0; i < sent; i++) {
        JsonNode answer = json.readTree(raw.text());
        if (answer.path("type").asText().equals("pong")) {
          pongs++;
        } else {
          assertThat(answer.path("payload").path("code").asText()).isEqualTo("rate_limited");
        }
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      // 16 frames are not counted; 16 MiB pass in each second, and as much at once.
      assertThat(pongs).isBetween(16, (int) (16 + 16 + 16 * seconds) + 1);
    }
  }

  static List<TextAttack> textAttacks() {
    return TextAttack.all();
  }

  @ParameterizedTest
  @MethodSource("textAttacks")
  void text_getsOneAnswer(TextAttack attack) throws Exception {
    try (TestClient client = TestClient.connect(gateway.uri(), token)) {
      String position = client.subscribe("room.here");
      String here = position.substring(0, position.lastIndexOf('.'));
      client.send(attack.text().replace("{here}", here));
      Optional<Frame> answer = client.poll(Await.PATIENCE);

      if (answer.isEmpty()) {
        assertThat("closed " + client.closeCode()).isEqualTo(attack.answer());
        return;
      }
      Frame frame = answer.get();
      assertThat(frame.type().equals("error") ? frame.code() : frame.type())
          .as(frame.text().substring(0, Math.min(500, frame.text().length())))
          .isEqualTo(attack.answer());
      assertThat(client.everythingSoFar())
          .as("what comes after the answer")
          .allSatisfy(later -> assertThat(later.type()).isEqualTo("live"));
    }
  }

  @Test
  void idOfControlCharacters_comesBackAsItWas_onAMessageToo() throws Exception {
    try (TestClient client = TestClient.connect(gateway.uri(), token)) {
      client.subscribe("room.ids");
      client.send(
          "{\"type\":\"publish\",\"id\":\"\\u0000\\r\\n\\u001b\\ud83d\\ude00\","
              + "\"channel\":\"room.ids\",\"payload\":1}");
      assertThat(client.expect("ack").id()).isEqualTo("\0\r\n\u001b\ud83d\ude00");
      assertThat(client.messages(1).getFirst().id()).isEqualTo("\0\r\n\u001b\ud83d\ude00");
    }
  }

  static Stream<Arguments> floods() {
    return Stream.of(
        flood("of an unknown type", i -> "{\"type\":\"shout\"}"),
        flood("of no JSON", i -> "nonsense"),
        flood("of bad channels", i -> "{\"type\":\"subscribe\",\"channel\":\"no channel\"}"),
        flood(
            "of channels of others",
            i -> "{\"type\":\"publish\",\"channel\":\"user:x\",\"payload\":1}"),
        flood("of tokens", i -> "{\"type\":\"refresh\",\"payload\":{\"token\":\"a.b.c\"}}"),
        flood(
            "of presence",
            i -> "{\"type\":\"presence\",\"id\":\"a\",\"channel\":\"room." + i + "\"}"),
        flood(
            "of history",
            i -> "{\"type\":\"history\",\"id\":\"a\",\"channel\":\"room." + i + "\"}"),
        flood("of subscriptions", i -> "{\"type\":\"subscribe\",\"channel\":\"room." + i + "\"}"));
  }

  private static Arguments flood(String name, IntFunction<String> frame) {
    return arguments(name, frame);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("floods")
  void flood_ofWhatIsRefused_isClosedWith1008(String name, IntFunction<String> frame)
      throws Exception {
    try (RawSocket raw = RawSocket.upgraded(gateway.uri(), token)) {
      try {
        for (int i = 0; i < 500; i++) {
          raw.sendFrame(RawSocket.TEXT, frame.apply(i).getBytes(UTF_8));
        }
      } catch (IOException e) {
        // It was closed on the way.
      }
      assertThat(raw.closeCode()).isEqualTo(1008);
    }
  }

  /** Each has an answer, so that all can be accounted for. */
  static Stream<Arguments> busyClients() {
    return Stream.of(
        flood("pings", i -> "{\"type\":\"ping\",\"id\":\"" + i + "\"}"),
        flood(
            "the same subscription and its end",
            i ->
                "{\"type\":\"%s\",\"id\":\"%d\",\"channel\":\"room.churn\"}"
                    .formatted(i % 2 == 0 ? "subscribe" : "unsubscribe", i)),
        flood(
            "ever other subscriptions and their ends",
            i ->
                "{\"type\":\"%s\",\"id\":\"%d\",\"channel\":\"churn.%d\"}"
                    .formatted(i % 2 == 0 ? "subscribe" : "unsubscribe", i, i / 2)),
        flood(
            "publishes",
            i ->
                "{\"type\":\"publish\",\"id\":\"%d\",\"channel\":\"room.1\",\"payload\":%d}"
                    .formatted(i, i)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("busyClients")
  void clientThatSendsTooFast_getsAnAnswerForEachFrame(String name, IntFunction<String> frame)
      throws Exception {
    int frames = 3 * MESSAGES_PER_SECOND;
    try (TestClient client = TestClient.connect(gateway.uri(), token)) {
      for (int i = 0; i < frames; i++) {
        client.send(frame.apply(i));
      }
      boolean[] answered = new boolean[frames];
      for (int i = 0; i < frames; i++) {
        Frame answer = client.poll(Await.PATIENCE).orElseThrow();
        int id = Integer.parseInt(answer.id());
        assertThat(answered[id]).as("answered before: %s", answer).isFalse();
        answered[id] = true;
        if (answer.type().equals("error")) {
          assertThat(answer.code()).isEqualTo("rate_limited");
          assertThat(answer.payload().path("retryAfterMs").asInt()).isBetween(1, 1000);
        }
      }
      assertThat(client.isOpen()).isTrue();
    }
  }

  @Test
  void publishesWithoutId_areHeldToTheRate_andComeInOrder() throws Exception {
    try (TestClient flood = TestClient.connect(gateway.uri(), token);
        TestClient reader = TestClient.connect(gateway.uri(), token)) {
      reader.subscribe("room.flood");
      int frames = 3 * MESSAGES_PER_SECOND;
      for (int i = 0; i < frames; i++) {
        flood.send("{\"type\":\"publish\",\"channel\":\"room.flood\",\"payload\":" + i + "}");
      }
      int refused = refusedBeforeItMaySpeakAgain(flood);
      List<Integer> numbers =
          reader.messages(frames - refused).stream()
              .map(message -> message.payload().asInt())
              .toList();
      assertThat(numbers).isSorted().doesNotHaveDuplicates();
    }
  }

  /** How many frames without an id were refused, once one with an id has come through. */
  private static int refusedBeforeItMaySpeakAgain(TestClient client) throws Exception {
    int[] refused = {0};
    Await.until(
        "it may speak again",
        Await.PATIENCE,
        () -> {
          client.send("{\"type\":\"ping\",\"id\":\"fence\"}");
          while (true) {
            Frame frame = client.poll(Await.PATIENCE).orElseThrow();
            if (frame.type().equals("pong")) {
              return true;
            }
            assertThat(frame.code()).isEqualTo("rate_limited");
            if (frame.id().equals("fence")) {
              return false;
            }
            refused[0]++;
          }
        });
    return refused[0];
  }

  private record Slow(String name, String said, String drip) {}

  /** Everything that an attacker can begin and not end, many times over. */
  @Test
  void clientsThatNeverEndWhatTheyBegan_areClosed() throws Exception {
    String head = HttpAttack.with("").replace("{token}", token);
    String unread = "Content-Length: 60000\r\n";
    List<Slow> slow =
        List.of(
            new Slow("silence", "", ""),
            new Slow("half a request", head.substring(0, head.length() / 2), ""),
            new Slow("one byte at a time", "GET /ws HTTP/1.1\r\nX: ", "x"),
            new Slow("no content", HttpAttack.with(unread).replace("{token}", token), ""),
            new Slow("no content, and no token", HttpAttack.anonymous("/ws", unread), ""),
            new Slow("content to no page", HttpAttack.anonymous("/x", unread), ""),
            new Slow("content a byte at a time", HttpAttack.anonymous("/ws", unread), "x"),
            new Slow("nothing after a refusal", HttpAttack.anonymous("/ws", ""), ""));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        slow.forEach(attack -> all.add(threads.submit(() -> awaitClosed(attack))));
        all.add(threads.submit(this::awaitTakenForDead));
        all.add(threads.submit(() -> awaitCutOff(HttpAttack.anonymous("/ws", ""))));
        all.add(threads.submit(() -> awaitCutOff(HttpAttack.anonymous("/x", ""))));
      }
      try {
        for (Future<?> one : all) {
          one.get(2 * Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }

  private Void awaitClosed(Slow attack) throws IOException {
    try (RawSocket raw = RawSocket.to(gateway.uri())) {
      raw.send(attack.said().getBytes(ISO_8859_1));
      if (!attack.drip().isEmpty()) {
        Thread.startVirtualThread(() -> drip(raw, attack.drip()));
      }
      raw.awaitEnd();
      return null;
    } catch (SocketTimeoutException e) {
      throw new AssertionError(attack.name() + " is held for ever", e);
    }
  }

  private static void drip(RawSocket raw, String drip) {
    try {
      while (true) {
        raw.send(drip.getBytes(ISO_8859_1));
        Thread.sleep(100);
      }
    } catch (IOException e) {
      // It was closed: what it waits for.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says the same again and again, and reads nothing. */
  private Void awaitCutOff(String request) throws IOException {
    byte[] many = request.repeat(100).getBytes(ISO_8859_1);
    try (RawSocket raw = RawSocket.to(gateway.uri())) {
      while (!Thread.currentThread().isInterrupted()) {
        raw.send(many);
      }
      throw new AssertionError("it is taken from and answered without end");
    } catch (SocketException e) {
      return null;
    }
  }

  private Void awaitTakenForDead() throws IOException {
    try (RawSocket raw = RawSocket.upgraded(gateway.uri(), token)) {
      raw.sendHead(RawSocket.TEXT, 1000);
      // No heartbeat, or a message not whole in time: the third heartbeat tells the latter, if the
      // kernel's table has not told the former by then, which takes long on a machine under load.
      assertThat(raw.closeCode()).isIn(4408, 1008);
      return null;
    }
  }

  /** Most of a message each, again and again, and then gone without a word. */
  @Test
  void attackersThatLeaveMuchUnfinished_leaveNothingInMemory() throws Exception {
    byte[] part = new byte[900_000];
    Arrays.fill(part, (byte) ' ');
    byte[] unfinished = RawSocket.masked(RawSocket.TEXT, part);
    byte[] head = ("GET /ws HTTP/1.1\r\nX: " + "x".repeat(20_000)).getBytes(ISO_8859_1);
    for (int round = 0; round < 20; round++) {
      List<RawSocket> attackers = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        RawSocket raw = RawSocket.upgraded(gateway.uri(), token);
        raw.send(unfinished);
        attackers.add(raw);
        RawSocket other = RawSocket.to(gateway.uri());
        other.send(head);
        attackers.add(other);
      }
      attackers.forEach(HostileClientsTest::reset);
    }
    awaitConnections(2 * Cluster.PARTITIONS);
    assertThat(gateway.liveHeap()).isLessThan(heapBefore + SOME_MEMORY);
  }

  private static void reset(RawSocket raw) {
    try {
      raw.reset();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
