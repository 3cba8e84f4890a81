package io.lqrealtime.app.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.app.ProcessLifetime;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
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
}
