package io.lqrealtime.app.management;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.app.ProcessLifetime;
import io.lqrealtime.config.Environment;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ManagementServerTest {
  private final HttpClient client = HttpClient.newHttpClient();

  private HttpResponse<String> get(ManagementServer server, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.address().getPort() + path))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void ready_whileTheRoleStarts_isNotReadyAndTheProcessIsLive() throws Exception {
    try (Metrics metrics = new Metrics();
        ManagementServer server = ManagementServer.start("127.0.0.1", 0, metrics)) {
      assertThat(get(server, "/health/live").statusCode()).isEqualTo(200);
      assertThat(get(server, "/health/ready").statusCode()).isEqualTo(503);
      assertThat(get(server, "/health/ready").body()).contains("starting");
      server.watch(List::of);
      assertThat(get(server, "/health/ready").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void ready_whileTheRoleCloses_stillAnswers() throws Exception {
    AtomicReference<List<String>> reasons = new AtomicReference<>(List.of());
    AtomicReference<String> seen = new AtomicReference<>("nothing");
    try (Metrics metrics = new Metrics();
        ProcessLifetime lifetime = new ProcessLifetime()) {
      ManagementServer server =
          lifetime.open(ManagementServer.start("127.0.0.1", 0, metrics, reasons::get));
      lifetime.open(
          () -> {
            reasons.set(List.of("draining"));
            seen.set(get(server, "/health/ready").body());
          });
    }
    assertThat(seen.get()).contains("draining");
  }

  /** Else one that asked on and on, and read nothing, would fill the heap with answers. */
  @Test
  void connection_isForOneRequest() throws Exception {
    try (Metrics metrics = new Metrics();
        ManagementServer server = ManagementServer.start("127.0.0.1", 0, metrics);
        Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket.setSoTimeout(60_000);
      String request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
      socket.getOutputStream().write(request.repeat(100).getBytes(US_ASCII));

      String answers = new String(socket.getInputStream().readAllBytes(), US_ASCII);

      assertThat(answers).startsWith("HTTP/1.1 200").contains("Connection: close");
      assertThat(answers.split("HTTP/1.1 200", -1)).as("one answer").hasSize(2);
    }
  }

  @Test
  void byDefault_onlyTheLoopbackIsListenedOn() throws Exception {
    ManagementConfig config = ManagementConfig.from(new Environment(Map.of()));
    assertThat(InetAddress.getByName(config.host()).isLoopbackAddress()).isTrue();
    try (Metrics metrics = new Metrics();
        ManagementServer server = ManagementServer.start(config.host(), 0, metrics)) {
      List<InetAddress> others =
          NetworkInterface.networkInterfaces()
              .flatMap(NetworkInterface::inetAddresses)
              .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
              .toList();
      for (InetAddress address : others) {
        try (Socket socket = new Socket()) {
          assertThatThrownBy(
                  () ->
                      socket.connect(
                          new InetSocketAddress(address, server.address().getPort()), 5000))
              .as("to %s", address)
              .isInstanceOf(ConnectException.class);
        }
      }
    }
  }
}
