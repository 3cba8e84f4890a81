package io.lqrealtime.bench.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WebSocketClientTest {

  private static final Duration SOON = Duration.ofSeconds(10);

  /** Keeps what it is told. */
  private static class Recording implements ConnectionHandler {
    final Queue<String> texts = new ConcurrentLinkedQueue<>();
    final CompletableFuture<Connection> opened = new CompletableFuture<>();
    final CompletableFuture<Ending> ended = new CompletableFuture<>();

    @Override
    public void opened(Connection connection, HandshakeResponse response) {
      opened.complete(connection);
    }

    @Override
    public void text(Connection connection, byte[] bytes, int offset, int length) {
      texts.add(new String(bytes, offset, length, StandardCharsets.UTF_8));
    }

    @Override
    public void ended(Connection connection, Ending ending) {
      if (!ended.complete(ending)) {
        throw new AssertionError("ended twice");
      }
    }
  }

  private static Ending endingOf(RawServer.Script script) throws Exception {
    try (RawServer server = new RawServer(script);
        WebSocketClient client = WebSocketClient.start()) {
      Recording handler = new Recording();
      client.connect(server.uri(), "", handler);
      return handler.ended.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void fiveHundredConnections_onOneThread_allGetTheirOwnEchoes() throws Exception {
    int count = 500;
    CountDownLatch echoed = new CountDownLatch(count);
    AtomicInteger wrong = new AtomicInteger();
    try (EchoServer server = new EchoServer();
        WebSocketClient client = WebSocketClient.start()) {
      List<Recording> handlers = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String own = "connection " + i;
        Recording handler =
            new Recording() {
              @Override
              public void opened(Connection connection, HandshakeResponse response) {
                connection.sendText(own);
              }

              @Override
              public void text(Connection connection, byte[] bytes, int offset, int length) {
                if (!new String(bytes, offset, length, StandardCharsets.UTF_8).equals(own)) {
                  wrong.incrementAndGet();
                }
                echoed.countDown();
              }
            };
        handlers.add(handler);
        client.connect(server.uri(), "t", handler);
      }
      assertThat(echoed.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(wrong).hasValue(0);
      client.close();
      assertThat(handlers).allMatch(handler -> handler.ended.isDone());
    }
  }

  @Test
  void fragmentedMessage_withAPingBetweenAndBytesOneByOne_comesAsOne() throws Exception {
    try (RawServer server =
            new RawServer(
                peer -> {
                  peer.accept();
                  byte[][] frames = {
                    RawServer.Peer.bytesOf(0x01, "one ".getBytes(StandardCharsets.UTF_8)),
                    RawServer.Peer.bytesOf(0x89, "p".getBytes(StandardCharsets.UTF_8)),
                    RawServer.Peer.bytesOf(0x00, "x".repeat(300).getBytes(StandardCharsets.UTF_8)),
                    RawServer.Peer.bytesOf(0x80, " end".getBytes(StandardCharsets.UTF_8)),
                    RawServer.Peer.bytesOf(0x81, "next".getBytes(StandardCharsets.UTF_8))
                  };
                  for (byte[] frame : frames) {
                    for (byte b : frame) {
                      peer.out().write(b);
                      peer.out().flush();
                    }
                  }
                  assertThat(peer.readFrame()).isEqualTo("8a p");
                  peer.frame(0x88, "");
                  assertThat(peer.readFrame()).isEqualTo("88 ");
                });
        WebSocketClient client = WebSocketClient.start()) {
      Recording handler = new Recording();
      client.connect(server.uri(), "", handler);
      assertThat(handler.ended.get(10, TimeUnit.SECONDS))
          .isEqualTo(new Ending.ClosedByServer(1005, ""));
      server.played.get(10, TimeUnit.SECONDS);
      assertThat(handler.texts).containsExactly("one " + "x".repeat(300) + " end", "next");
    }
  }

  @Test
  void framesRightBehindTheUpgrade_inTheSamePacket_areNotLost() throws Exception {
    try (RawServer server =
            new RawServer(
                peer -> {
                  peer.accept();
                  peer.frame(0x81, "welcome");
                  assertThat(peer.in().read()).isPositive();
                });
        WebSocketClient client = WebSocketClient.start();
        BlockingClient c = BlockingClient.connect(client, ConnectRequest.to(server.uri()))) {
      assertThat(c.next(SOON)).isEqualTo("welcome");
    }
  }

  @Test
  void tcpEnd_withoutACloseFrame_isADroppedConnection() throws Exception {
    assertThat(endingOf(RawServer.Peer::accept)).isInstanceOf(Ending.Dropped.class);
  }

  @Test
  void violations_ofTheServer_endTheConnectionWithTheCodeOfRfc6455() throws Exception {
    assertThat(violation(peer -> peer.send("\u0081\u0081aaaab"))).isEqualTo(1002);
    assertThat(violation(peer -> peer.frame(0xc1, "x"))).isEqualTo(1002);
    assertThat(violation(peer -> peer.frame(0x80, "x"))).isEqualTo(1002);
    assertThat(violation(peer -> peer.frame(0x83, "x"))).isEqualTo(1002);
    assertThat(violation(peer -> peer.frame(0x09, "x"))).isEqualTo(1002);
    assertThat(violation(peer -> peer.frame(0x88, "x"))).isEqualTo(1002);
    assertThat(violation(peer -> peer.frame(0x82, "x"))).isEqualTo(1003);
    assertThat(
            violation(
                peer -> {
                  peer.frame(0x01, "x");
                  peer.frame(0x81, "y");
                }))
        .isEqualTo(1002);
    assertThat(violation(peer -> peer.send("\u0081\u007f\u00ff\0\0\0\0\0\0\0"))).isEqualTo(1009);
  }

  private static int violation(RawServer.Script script) throws Exception {
    Ending ending =
        endingOf(
            peer -> {
              peer.accept();
              script.play(peer);
              assertThat(peer.readFrame()).startsWith("88 ");
            });
    assertThat(ending).isInstanceOf(Ending.Violation.class);
    return ending.code();
  }

  @Test
  void answers_thatAreNoHandshake_areSaidToBeSo() throws Exception {
    assertThat(endingOf(peer -> peer.send("220 mail.example ESMTP\r\n\r\n")).toString())
        .contains("not HTTP/1.1");
    assertThat(endingOf(peer -> {}).toString()).contains("ended before an answer");
    assertThat(
            endingOf(
                    peer ->
                        peer.send(
                            String.join(
                                "\r\n",
                                "HTTP/1.1 101 x",
                                "Upgrade: websocket",
                                "Connection: Upgrade",
                                "Sec-WebSocket-Accept: bm8=",
                                "",
                                "")))
                .toString())
        .contains("wrong Sec-WebSocket-Accept");
    assertThat(endingOf(peer -> peer.send("HTTP/1.1 403 no\r\n\r\ngo away")))
        .satisfies(
            ending -> assertThat(((Ending.Refused) ending).response().body()).isEqualTo("go away"));
  }

  @Test
  void handler_thatThrows_losesOnlyItsOwnConnection() throws Exception {
    try (EchoServer server = new EchoServer();
        WebSocketClient client = WebSocketClient.start()) {
      Recording broken =
          new Recording() {
            @Override
            public void text(Connection connection, byte[] bytes, int offset, int length) {
              throw new IllegalStateException("broken on purpose");
            }
          };
      Recording sound = new Recording();
      client.connect(server.uri(), "t", broken);
      client.connect(server.uri(), "t", sound);
      broken.opened.get(10, TimeUnit.SECONDS).sendText("x");
      assertThat(broken.ended.get(10, TimeUnit.SECONDS).toString()).contains("broken on purpose");
      assertThat(sound.opened.get(10, TimeUnit.SECONDS).isOpen()).isTrue();
      assertThat(sound.ended).isNotDone();
    }
  }

  @Test
  void serverThatDoesNotRead_fillsTheQueueToItsBound_andThenGetsAllInOrder() throws Exception {
    CompletableFuture<Integer> taken = new CompletableFuture<>();
    CompletableFuture<String> firstAndCount = new CompletableFuture<>();
    try (RawServer server =
            new RawServer(
                peer -> {
                  peer.accept();
                  int count = taken.get(10, TimeUnit.SECONDS);
                  for (int i = 0; i < count; i++) {
                    String frame = peer.readFrame();
                    if (!frame.startsWith("81 " + i + " ")) {
                      firstAndCount.complete(frame + " instead of " + i);
                    }
                  }
                  firstAndCount.complete("all");
                });
        WebSocketClient client = WebSocketClient.start()) {
      Recording handler = new Recording();
      client.connect(server.uri(), "", handler);
      Connection connection = handler.opened.get(10, TimeUnit.SECONDS);
      int sent = 0;
      boolean queued = false;
      while (true) {
        SendOutcome outcome = connection.sendText(sent + " " + "x".repeat(100));
        if (!outcome.taken()) {
          assertThat(outcome).isEqualTo(SendOutcome.FULL);
          break;
        }
        queued |= outcome == SendOutcome.QUEUED;
        sent++;
      }
      assertThat(queued).isTrue();
      taken.complete(sent);
      assertThat(firstAndCount.get(20, TimeUnit.SECONDS)).isEqualTo("all");
    }
  }

  @Test
  void pausedReading_holdsFramesBackUntilResumed() throws Exception {
    try (EchoServer server = new EchoServer();
        WebSocketClient client = WebSocketClient.start();
        BlockingClient c =
            BlockingClient.connect(client, ConnectRequest.to(server.uri()).bearer("t"))) {
      c.connection().pauseReading();
      c.send("held");
      assertThat(c.poll(Duration.ofMillis(200))).isEmpty();
      c.connection().resumeReading();
      assertThat(c.next(SOON)).isEqualTo("held");
    }
  }

  @Test
  void request_thatIsNoWebSocket_isRefusedBeforeConnecting() {
    assertThatThrownBy(() -> ConnectRequest.to(URI.create("https://host/ws?token=secret")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> ConnectRequest.to(URI.create("ws://h")).header("X", "a\r\nY: b"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
