package io.lqrealtime.bench.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BlockingClientTest {

  /** On an idle machine. */
  private static final Duration SOON = Duration.ofSeconds(60);

  private static EchoServer server;
  private static WebSocketClient client;

  @BeforeAll
  static void start() {
    server = new EchoServer();
    client = WebSocketClient.start();
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  private static BlockingClient open() throws HandshakeException {
    return BlockingClient.connect(client, ConnectRequest.to(server.uri()).bearer("t"));
  }

  @Test
  void text_withMultibyteCharacters_comesBackWhole() throws Exception {
    try (BlockingClient c = BlockingClient.connect(server.uri(), "t")) {
      c.send("grüße 👋");
      assertThat(c.next(SOON)).isEqualTo("grüße 👋");
    }
  }

  @Test
  void connect_withoutToken_failsWithStatusAndBodyOfTheRefusal() {
    HandshakeException refused =
        catchThrowableOfType(
            HandshakeException.class, () -> BlockingClient.connect(server.uri(), ""));
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.body()).isEqualTo("{\"code\":\"unauthorized\",\"message\":\"no tökén\"}");
  }

  @Test
  void connect_refusedWithAChunkedBody_hasHeadersAndTheBodyPutTogether() {
    HandshakeException refused =
        catchThrowableOfType(
            HandshakeException.class, () -> BlockingClient.connect(server.uri(), "chunked"));
    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.body()).isEqualTo("full up");
    assertThat(((Ending.Refused) refused.ending()).response().header("Retry-After")).contains("7");
  }

  @Test
  void connect_whereNobodyListens_saysThatItWasNotReached() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    HandshakeException failed =
        catchThrowableOfType(
            HandshakeException.class,
            () -> BlockingClient.connect(URI.create("ws://127.0.0.1:" + free), "t"));
    assertThat(failed.status()).isZero();
    assertThat(failed.ending()).isInstanceOf(Ending.Unreachable.class);
  }

  @Test
  void connect_toASilentServer_endsAtTheHandshakeTimeout() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        WebSocketClient hasty =
            WebSocketClient.start(
                ClientOptions.defaults().withHandshakeTimeout(Duration.ofMillis(200)))) {
      URI uri = URI.create("ws://127.0.0.1:" + silent.getLocalPort());
      assertThatThrownBy(() -> BlockingClient.connect(hasty, ConnectRequest.to(uri)))
          .isInstanceOf(HandshakeException.class)
          .hasMessageContaining("no answer in time");
    }
  }

  @Test
  void request_withHeadersSubprotocolsAndSource_carriesThem() throws Exception {
    ConnectRequest request =
        ConnectRequest.to(URI.create(server.uri() + "?x=1"))
            .bearer("t")
            .header("Origin", "https://a.example")
            .subprotocols("lq.v1", "bearer.abc")
            .from(InetAddress.getByName("127.0.0.5"));
    server.requests.clear();
    server.sources.clear();
    try (BlockingClient c = BlockingClient.connect(client, request)) {
      c.send("x");
      assertThat(c.next(SOON)).isEqualTo("x");
    }
    assertThat(server.requests.element().getFirst("Origin")).isEqualTo("https://a.example");
    assertThat(server.requests.element().getFirst("Sec-WebSocket-Protocol"))
        .isEqualTo("lq.v1, bearer.abc");
    assertThat(server.sources).containsExactly("127.0.0.5");
    assertThat(request.toString()).doesNotContain("x=1");
  }

  @Test
  void closeFrame_ofTheServer_givesItsCodeAndReason() throws Exception {
    try (BlockingClient c = open()) {
      c.send("before");
      c.send("close 4401 token expired");
      assertThat(c.awaitEnding(SOON)).isEqualTo(new Ending.ClosedByServer(4401, "token expired"));
      assertThat(c.closeCode(SOON)).isEqualTo(4401);
      assertThat(c.next(SOON)).isEqualTo("before");
      assertThatThrownBy(() -> c.next(SOON))
          .isInstanceOf(NoFrameException.class)
          .hasMessageContaining("4401");
      assertThatThrownBy(() -> c.send("after")).isInstanceOf(NoFrameException.class);
    }
  }

  @Test
  void ping_ofTheServer_isAnsweredWithItsBody() throws Exception {
    try (BlockingClient c = open()) {
      c.send("ping p1");
      c.send("after");
      assertThat(c.next(SOON)).isEqualTo("after");
      await(() -> server.pongs.contains("p1"));
      assertThat(server.pongs).contains("p1");
    }
  }

  @Test
  void bigFrames_ofFiveMegabytes_comeWholeAndGoWhole() throws Exception {
    byte[] letters = new byte[5_000_000];
    new Random(7).nextBytes(letters);
    for (int i = 0; i < letters.length; i++) {
      letters[i] = (byte) ('a' + (letters[i] & 15));
    }
    String big = new String(letters, StandardCharsets.US_ASCII);
    try (BlockingClient c = open()) {
      c.send("big 5000000");
      assertThat(c.next(SOON)).hasSize(5_000_000);
      c.send(big);
      c.send("small");
      assertThat(c.next(SOON)).isEqualTo(big);
      assertThat(c.next(SOON)).isEqualTo("small");
    }
  }

  @Test
  void message_pastTheBound_endsTheConnectionWith1009() throws Exception {
    try (WebSocketClient small =
            WebSocketClient.start(ClientOptions.defaults().withMaxMessageBytes(1000));
        BlockingClient c =
            BlockingClient.connect(small, ConnectRequest.to(server.uri()).bearer("t"))) {
      c.send("big 1000");
      assertThat(c.next(SOON)).hasSize(1000);
      c.send("big 1001");
      assertThat(c.awaitEnding(SOON)).isInstanceOf(Ending.Violation.class);
      assertThat(c.closeCode(SOON)).isEqualTo(1009);
    }
  }

  @Test
  void lengths_aroundEachHeaderForm_comeBackWhole() throws Exception {
    try (BlockingClient c = open()) {
      for (int length : new int[] {1, 125, 126, 127, 65_535, 65_536, 131_072}) {
        String text = "y".repeat(length);
        c.send(text);
        assertThat(c.next(SOON)).isEqualTo(text);
      }
    }
  }

  @Test
  void slowTaker_ofMoreThanTheInboxHolds_losesNothing() throws Exception {
    int count = 3 * BlockingClient.INBOX;
    try (BlockingClient c = open()) {
      Thread sender =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < count; i++) {
                      c.send(Integer.toString(i));
                    }
                  });
      for (int i = 0; i < count; i++) {
        assertThat(c.next(SOON)).isEqualTo(Integer.toString(i));
      }
      assertThat(sender.join(SOON)).isTrue();
    }
  }

  @Test
  void next_withACondition_skipsWhatDoesNotFit() throws Exception {
    try (BlockingClient c = open()) {
      c.send("a");
      c.send("b");
      assertThat(c.next(text -> text.equals("b"), SOON)).isEqualTo("b");
      assertThatThrownBy(() -> c.next(text -> text.equals("c"), Duration.ofMillis(50)))
          .isInstanceOf(NoFrameException.class)
          .hasMessageContaining("0 others came");
      assertThat(c.poll(Duration.ZERO)).isEmpty();
    }
  }

  @Test
  void abort_endsWithoutACloseFrame() throws Exception {
    try (BlockingClient c = open()) {
      c.connection().abort();
      assertThat(c.closeCode(SOON)).isEqualTo(Ending.ABNORMAL);
    }
  }

  @Test
  void close_endsTheConnectionOnBothSides() throws Exception {
    BlockingClient c = open();
    c.close();
    assertThat(c.awaitEnding(SOON)).isEqualTo(new Ending.ClosedHere(1000));
    await(() -> server.open.isEmpty());
    assertThat(server.open).isEmpty();
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      Thread.sleep(10);
    }
  }
}
