package io.lqrealtime.bench.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.embedded.SelfSignedCertificate;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client over TLS, against servers of Undertow's and of the JDK's. */
@Timeout(120)
class TlsWireTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String LOOPBACK = "127.0.0.1";

  @TempDir private static Path directory;
  private static SelfSignedCertificate certificate;
  private static SSLContext serving;

  @BeforeAll
  static void make() throws Exception {
    certificate = SelfSignedCertificate.make(directory, "server");
    serving = certificate.serving();
  }

  private static ConnectRequest to(URI uri) {
    return ConnectRequest.to(uri)
        .bearer("t")
        .trusting(TrustedCertificates.of(certificate.certificateFile()));
  }

  private static Ending endingOf(ConnectRequest request) {
    try (BlockingClient client = BlockingClient.connect(request)) {
      throw new AssertionError("connected: " + client.response());
    } catch (HandshakeException e) {
      return e.ending();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void messagesOfAllSizes_comeBackWhole_andTheCloseToo(String version) throws Exception {
    try (EchoServer server = new EchoServer(serving, version, LOOPBACK);
        BlockingClient client = BlockingClient.connect(to(server.uri()))) {
      for (int size : List.of(1, 100, 16_383, 16_384, 16_385, 70_000, 1_000_000)) {
        String text = "x".repeat(size);
        client.send(text);
        assertThat(client.next(PATIENCE)).isEqualTo(text);
      }
      client.send("close 4401 bye");
      assertThat(client.awaitEnding(PATIENCE)).isEqualTo(new Ending.ClosedByServer(4401, "bye"));
    }
  }

  @Test
  void twoHundredConnections_onOneThread_allGetTheirOwnEchoes() throws Exception {
    try (EchoServer server = new EchoServer(serving, "TLSv1.3", LOOPBACK);
        WebSocketClient client = WebSocketClient.start()) {
      ConnectRequest request = to(server.uri());
      List<BlockingClient> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        all.add(BlockingClient.connect(client, request));
      }
      for (int i = 0; i < all.size(); i++) {
        all.get(i).send("to " + i);
      }
      for (int i = 0; i < all.size(); i++) {
        assertThat(all.get(i).next(PATIENCE)).isEqualTo("to " + i);
      }
    }
  }

  @Test
  void serverThatDoesNotRead_fillsTheQueueToItsBound_andThenGetsAllInOrder() throws Exception {
    CompletableFuture<Integer> taken = new CompletableFuture<>();
    CompletableFuture<String> result = new CompletableFuture<>();
    try (RawServer server =
            new RawServer(
                serving,
                peer -> {
                  peer.accept();
                  int count = taken.get(60, TimeUnit.SECONDS);
                  for (int i = 0; i < count; i++) {
                    String frame = peer.readFrame();
                    if (!frame.startsWith("81 " + i + " ")) {
                      result.complete(frame + " instead of " + i);
                    }
                  }
                  result.complete("all");
                });
        BlockingClient client = BlockingClient.connect(to(server.uri()))) {
      int sent = 0;
      SendOutcome outcome = SendOutcome.WRITTEN;
      while (outcome.taken()) {
        outcome = client.connection().sendText(sent + " " + "x".repeat(100));
        if (outcome.taken()) {
          sent++;
        }
      }
      assertThat(outcome).isEqualTo(SendOutcome.FULL);
      taken.complete(sent);
      assertThat(result.get(60, TimeUnit.SECONDS)).isEqualTo("all");
    }
  }

  @Test
  void certificateThatIsNotTrusted_orOfAnotherHost_endsBeforeTheTokenIsSent() throws Exception {
    try (EchoServer server = new EchoServer(serving, "TLSv1.3", LOOPBACK);
        EchoServer elsewhere = new EchoServer(serving, "TLSv1.3", "127.0.0.2")) {
      assertThat(endingOf(ConnectRequest.to(server.uri()).bearer("t")))
          .isInstanceOf(Ending.Unreachable.class)
          .asString()
          .contains("certification path");
      assertThat(endingOf(to(elsewhere.uri())))
          .isInstanceOf(Ending.Unreachable.class)
          .asString()
          .contains("127.0.0.2");
      assertThat(server.requests).isEmpty();
      assertThat(elsewhere.requests).isEmpty();
    }
  }

  @Test
  void refusalOverTls_isReadLikeAnother_andAPlainServerIsSaidToBeNone() throws Exception {
    try (EchoServer server = new EchoServer(serving, "TLSv1.3", LOOPBACK);
        EchoServer plain = new EchoServer()) {
      ConnectRequest withoutToken =
          ConnectRequest.to(server.uri())
              .trusting(TrustedCertificates.of(certificate.certificateFile()));
      assertThat(endingOf(withoutToken))
          .isInstanceOfSatisfying(
              Ending.Refused.class,
              refused -> assertThat(refused.response().status()).isEqualTo(401));
      URI wrong = URI.create(plain.uri().toString().replace("ws://", "wss://"));
      assertThat(endingOf(to(wrong))).isInstanceOf(Ending.Unreachable.class);
    }
  }

  @Test
  void fileThatIsNotThere_orHoldsNoCertificate_isSaidToBeSo() throws Exception {
    Path absent = directory.resolve("absent.pem");
    Path empty = Files.createFile(directory.resolve("empty.pem"));
    Path key = certificate.keyFile();
    for (Path file : List.of(absent, empty, key, directory)) {
      assertThatThrownBy(() -> TrustedCertificates.of(file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(file.toString());
    }
  }
}
