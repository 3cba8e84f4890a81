package io.lqrealtime.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.embedded.SelfSignedCertificate;
import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.LqCommand;
import io.lqrealtime.it.fixture.LqProcess;
import io.lqrealtime.it.fixture.SecureClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The clients' port with TLS, at a gateway that is a process. */
class TlsTest {
  /** For all clients here, also where the machine is busy. */
  private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(15);

  private static final String LARGE = "x".repeat(60_000);
  @TempDir private static Path directory;

  /** What the gateway reads; its files are overwritten. */
  private static SelfSignedCertificate inUse;

  private static SelfSignedCertificate first;
  private static SelfSignedCertificate second;
  private static SSLContext trusting;
  private static Cluster cluster;
  private static URI uri;

  @BeforeAll
  static void start() throws Exception {
    first = SelfSignedCertificate.make(directory, "first");
    second = SelfSignedCertificate.make(directory, "second");
    inUse = SelfSignedCertificate.make(directory, "used");
    first.replace(inUse);
    trusting = SelfSignedCertificate.trusting(first, second);
    cluster =
        Cluster.start(
                Map.of(
                    "LQ_TLS_CERTIFICATE",
                    inUse.certificateFile().toString(),
                    "LQ_TLS_KEY",
                    inUse.keyFile().toString(),
                    "LQ_TLS_CHECK_INTERVAL",
                    "1s",
                    "WS_HANDSHAKE_TIMEOUT",
                    HANDSHAKE_TIMEOUT.toSeconds() + "s",
                    "LQ_DRAIN_TIME",
                    "0s"))
            .withRouterHere(1);
    uri = URI.create("wss://127.0.0.1:" + cluster.gateway(0).wsPort() + "/ws");
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  private static SecureClient connect(String user) throws Exception {
    return SecureClient.connect(uri, cluster.tokens().of("acme", user), trusting);
  }

  private static String publish(int number, String channel) {
    return """
    {"type":"publish","id":"%d","channel":"%s","payload":{"n":%d,"text":"%s"}}\
    """
        .formatted(number, channel, number, LARGE);
  }

  private static SSLSocket secureSocket() throws IOException {
    SSLSocket socket =
        (SSLSocket) trusting.getSocketFactory().createSocket("127.0.0.1", uri.getPort());
    socket.setSoTimeout((int) Await.PATIENCE.toMillis());
    return socket;
  }

  private static X509Certificate presented() throws IOException {
    try (SSLSocket socket = secureSocket()) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static double metric(String name) throws Exception {
    return cluster.gateway(0).metric(name);
  }

  private static double reloads(String outcome) throws Exception {
    return cluster.gateway(0).metric("lq_tls_reloads_total", "outcome=\"" + outcome + "\"");
  }

  @Test
  void largeMessages_inFragments_comeWholeAndInOrder_alsoToOneThatReadsLate() throws Exception {
    try (SecureClient publisher = connect("alice");
        SecureClient reader = connect("bob");
        SecureClient late = connect("carol")) {
      reader.subscribe("room.large");
      late.subscribe("room.large");
      for (int n = 0; n < 150; n++) {
        publisher.sendInFragments(publish(n, "room.large"));
        if (n % 20 == 19) {
          String acked = Integer.toString(n);
          publisher.next(frame -> frame.id().equals(acked) && frame.type().equals("ack"));
        }
      }
      assertAllCome(reader);
      Await.until(
          "the one that reads nothing is behind",
          Await.PATIENCE,
          () -> metric("lq_outbound_lagging_connections") == 1);
      assertAllCome(late);
      Await.until(
          "it is not behind any more",
          Await.PATIENCE,
          () ->
              metric("lq_outbound_lagging_connections") == 0
                  && metric("lq_outbound_queued_bytes") == 0);
    }
  }

  private static void assertAllCome(SecureClient client) throws InterruptedException {
    for (int n = 0; n < 150; n++) {
      Frame message = client.message();
      assertThat(message.payload().path("n").asInt()).isEqualTo(n);
      assertThat(message.payload().path("text").asText()).isEqualTo(LARGE);
    }
  }

  @Test
  void manySmallMessages_allComeBack() throws Exception {
    try (SecureClient client = connect("alice")) {
      client.subscribe("room.small");
      for (int n = 0; n < 3000; n++) {
        client.send(
            "{\"type\":\"publish\",\"channel\":\"room.small\",\"payload\":{\"n\":%d}}"
                .formatted(n));
      }
      for (int n = 0; n < 3000; n++) {
        assertThat(client.message().payload().path("n").asInt()).isEqualTo(n);
      }
    }
  }

  @Test
  void tls12And13_areSpoken() throws Exception {
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      try (SSLSocket socket = secureSocket()) {
        socket.setEnabledProtocols(new String[] {version});
        socket.startHandshake();
        assertThat(socket.getSession().getProtocol()).isEqualTo(version);
        socket
            .getOutputStream()
            .write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
        // What the management port serves is not here.
        assertThat(new String(socket.getInputStream().readNBytes(12), US_ASCII))
            .isEqualTo("HTTP/1.1 404");
      }
    }
  }

  @Test
  void clientOfTls12ThatAsksForAnotherHandshake_isRefused() throws Exception {
    try (SSLSocket socket = secureSocket()) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.startHandshake();
      socket.startHandshake();
      assertThatThrownBy(
              () -> {
                socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
                int _ = socket.getInputStream().read();
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void connectionThatIsReset_isLetGo() throws Exception {
    Socket wire = new Socket(InetAddress.getLoopbackAddress(), uri.getPort());
    SSLSocket socket =
        (SSLSocket)
            trusting.getSocketFactory().createSocket(wire, "127.0.0.1", uri.getPort(), true);
    socket
        .getOutputStream()
        .write(
            ("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + "Authorization: Bearer "
                    + cluster.tokens().of("acme", "dave")
                    + "\r\n\r\n")
                .getBytes(US_ASCII));
    assertThat(new String(socket.getInputStream().readNBytes(12), US_ASCII))
        .isEqualTo("HTTP/1.1 101");
    Await.until("it is there", Await.PATIENCE, () -> metric("websocket_active_connections") == 1);

    wire.setSoLinger(true, 0);
    wire.close();

    Await.until("it is gone", Await.PATIENCE, () -> metric("websocket_active_connections") == 0);
  }

  /** The command line's, with a file of certificates that it may trust, and without. */
  @Test
  void publishAndTail_speakTls_toWhomTheyAreToTrust() throws Exception {
    Map<String, String> environment = Map.of("LQ_TOKEN", cluster.tokens().of("acme", "alice"));
    String url = uri.toString();
    String trusted = first.certificateFile().toString();
    String[] publish = {"publish", "--url", url, "--ca-file", trusted, "room.cli", "{\"n\":1}"};
    String[] tailing = {"tail", "--url", url, "--ca-file", trusted, "--count", "1", "room.cli"};
    try (SecureClient reader = connect("bob");
        LqProcess tail = LqProcess.start("tail", 64, environment, tailing)) {
      reader.subscribe("room.cli");
      Await.until(
          "what is published comes",
          Await.PATIENCE,
          () -> {
            LqCommand published = LqCommand.run(environment, publish);
            assertThat(published.exitCode()).as(published.toString()).isZero();
            assertThat(published.lines()).singleElement().asString().contains("\"type\":\"ack\"");
            return !tail.isAlive();
          },
          tail::toString);
      assertThat(tail.output()).singleElement().asString().contains("\"payload\":{\"n\":1}");
      reader.next(frame -> frame.type().equals("message"));
    }
    LqCommand distrustful =
        LqCommand.run(environment, "publish", "--url", url, "room.cli", "{\"n\":1}");
    assertThat(distrustful.exitCode()).isEqualTo(1);
    assertThat(distrustful.err()).contains("certification path", "--ca-file");
  }

  /** Plain text, nothing at all, and a handshake that is sent a byte a second. */
  @Test
  void whoDoesNotShakeHands_isClosed() throws Exception {
    long begun = System.nanoTime();
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), uri.getPort());
        Socket silent = new Socket(InetAddress.getLoopbackAddress(), uri.getPort());
        Socket slow = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
      plain.getOutputStream().write("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
      Thread drip = Thread.ofVirtual().start(() -> drip(slow));
      awaitEnd(plain);
      assertThat(since(begun)).isLessThan(HANDSHAKE_TIMEOUT);
      awaitEnd(silent);
      assertThat(since(begun)).isGreaterThan(HANDSHAKE_TIMEOUT);
      awaitEnd(slow);
      drip.join();
      assertThat(since(begun)).isLessThan(HANDSHAKE_TIMEOUT.multipliedBy(3));
    }
  }

  /** The beginning of a ClientHello that announces 512 bytes. */
  private static void drip(Socket socket) {
    try {
      socket.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
      for (int i = 0; i < 60; i++) {
        Thread.sleep(1000);
        socket.getOutputStream().write(7);
      }
    } catch (IOException e) {
      // Closed, as it is to be.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration since(long begun) {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private static void awaitEnd(Socket socket) throws IOException {
    socket.setSoTimeout(60_000);
    try {
      while (socket.getInputStream().read() >= 0) {
        // An alert may come first.
      }
    } catch (SocketException e) {
      // A reset is an end too.
    }
  }

  @Test
  void changedCertificate_isUsedForNewHandshakes_andConnectionsLiveOn() throws Exception {
    double reloaded = reloads("reloaded");
    assertThat(presented()).isEqualTo(first.certificate());
    try (SecureClient before = connect("alice")) {
      before.subscribe("room.reload");
      second.replace(inUse);
      // The same client context: a session that it could resume would show the former one.
      Await.until(
          "the new one is presented",
          Await.PATIENCE,
          () -> presented().equals(second.certificate()),
          cluster.gateway(0).process()::toString);
      Await.until("it is counted", Await.PATIENCE, () -> reloads("reloaded") == reloaded + 1);
      assertThat(metric("lq_tls_certificate_expiry_timestamp_seconds"))
          .isEqualTo((double) second.certificate().getNotAfter().toInstant().getEpochSecond());

      // None so far, unless the gateway looked twice between the two files of the new pair.
      double failed = reloads("failed");
      Files.writeString(inUse.keyFile(), Files.readString(first.keyFile()));
      Await.until(
          "the pair that does not match is told",
          Await.PATIENCE,
          () -> reloads("failed") == failed + 1);
      assertThat(reloads("reloaded")).isEqualTo(reloaded + 1);
      assertThat(presented()).isEqualTo(second.certificate());

      try (SecureClient after = connect("bob")) {
        after.send("{\"type\":\"publish\",\"channel\":\"room.reload\",\"payload\":1}");
        assertThat(before.message().payload().asInt()).isEqualTo(1);
      }
      first.replace(inUse);
      Await.until(
          "it is the first again", Await.PATIENCE, () -> presented().equals(first.certificate()));
      before.send("{\"type\":\"publish\",\"channel\":\"room.reload\",\"payload\":2}");
      assertThat(before.message().payload().asInt()).isEqualTo(2);
    }
    String log = cluster.gateway(0).process().log();
    assertThat(log.lines().filter(line -> line.contains("the former stays")))
        .as("each is told once")
        .hasSize((int) reloads("failed"));
    for (SelfSignedCertificate one : List.of(first, second)) {
      for (String line : Files.readAllLines(one.keyFile())) {
        assertThat(log).doesNotContain(line.isEmpty() ? "no such line" : line);
      }
    }
  }

  @Test
  void certificateThatCantBeUsed_stopsTheStart() throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("LQ_AUTH_HS256_SECRET", "x".repeat(32));
    environment.put("LQ_CONTROL_KEY", "y".repeat(32));
    environment.put("WS_PORT", "0");
    environment.put("LQ_MANAGEMENT_PORT", "0");
    environment.put("LQ_TLS_CERTIFICATE", first.certificateFile().toString());
    environment.put("LQ_TLS_KEY", second.keyFile().toString());
    try (LqProcess process = LqProcess.start("mismatch", 128, environment, "gateway")) {
      assertThat(process.awaitExit(Duration.ofSeconds(60))).isEqualTo(2);
      assertThat(process.log()).contains("LQ_TLS_KEY: " + second.keyFile());
    }
  }

  @Test
  void clientThatTrustsAnotherCertificate_isNotServed() throws Exception {
    SSLContext other =
        SelfSignedCertificate.trusting(SelfSignedCertificate.make(directory, "other"));
    assertThatThrownBy(() -> SecureClient.connect(uri, cluster.tokens().of("acme", "eve"), other))
        .hasRootCauseInstanceOf(Exception.class)
        .hasStackTraceContaining(SSLException.class.getSimpleName().replace("Exception", ""));
  }
}
