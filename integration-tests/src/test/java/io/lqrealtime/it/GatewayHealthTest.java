package io.lqrealtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.DevProcess;
import io.lqrealtime.it.fixture.Http;
import io.lqrealtime.it.fixture.LqProcess;
import io.lqrealtime.it.fixture.Metric;
import io.lqrealtime.it.fixture.TestClient;
import io.lqrealtime.it.fixture.Tokens;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a gateway tells of itself, beside a {@code dev} whose Kafka it uses and which is stopped.
 */
class GatewayHealthTest {
  private static final String SECRET = "a-secret-that-tokens-are-signed-with-in-tests";
  private static final int CLIENTS = 20;
  private static final Pattern LISTENS = Pattern.compile("takes connections at ([0-9.]+):(\\d+)");
  private static final Pattern HEALTH =
      Pattern.compile("Health and metrics at (http://[0-9.]+:\\d+)");

  @TempDir private static Path directory;
  private DevProcess dev;
  private LqProcess gateway;

  @BeforeEach
  void start() throws Exception {
    dev = DevProcess.start(directory.resolve("dev"));
    Map<String, String> environment = new HashMap<>();
    environment.put("LQ_GATEWAY_ID", "beside");
    environment.put("LQ_KAFKA_BOOTSTRAP_SERVERS", dev.kafka());
    environment.put("LQ_AUTH_HS256_SECRET", SECRET);
    environment.put("LQ_CONTROL_KEY", "a-key-that-control-records-are-signed-with");
    environment.put("LQ_DRAIN_TIME", "10s");
    environment.put("WS_HOST", "127.0.0.1");
    environment.put("WS_PORT", "0");
    environment.put("LQ_MANAGEMENT_PORT", "0");
    // Nobody is there: a gateway does not need it.
    environment.put("REDIS_PORT", "1");
    gateway = LqProcess.start("beside", 256, environment, "gateway");
    Await.until("it is ready", Await.PATIENCE, () -> ready().equals("200"), gateway::toString);
  }

  @AfterEach
  void end() throws Exception {
    gateway.close();
    dev.process().resume();
    dev.close();
  }

  private String said(Pattern pattern, int group) throws IOException {
    Matcher matcher = pattern.matcher(gateway.log());
    return matcher.find() ? matcher.group(group) : "";
  }

  private String management(String path) throws IOException {
    return said(HEALTH, 1) + path;
  }

  /** The status, and the reasons where it is not 200. */
  private String ready() throws Exception {
    if (said(HEALTH, 1).isEmpty()) {
      return "not there yet";
    }
    try {
      var answer = Http.get(management("/health/ready"));
      return answer.statusCode() == 200 ? "200" : answer.statusCode() + " " + answer.body();
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void kafkaStopped_turnsItNotReadyWithinTenSecondsAndBack() throws Exception {
    dev.process().pause();
    long stopped = System.nanoTime();
    Await.until(
        "Kafka is missed",
        Await.PATIENCE,
        () -> ready().startsWith("503") && ready().contains("Kafka has not answered"));
    Duration noticed = Duration.ofNanos(System.nanoTime() - stopped);
    assertThat(Http.status(management("/health/live"))).isEqualTo(200);
    dev.process().resume();
    long resumed = System.nanoTime();
    Await.until(
        "it is ready again", Await.PATIENCE, () -> ready().equals("200"), gateway::toString);
    System.out.printf(
        "not ready %d ms after Kafka stopped, ready %d ms after it went on%n",
        noticed.toMillis(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - resumed));
    // It is 8 s after the last answer; the rest is for a busy machine.
    assertThat(noticed).isLessThan(Duration.ofSeconds(40));
  }

  @Test
  void sigterm_isShownAsDrainingUntilTheGatewayHasLeft() throws Exception {
    URI uri = URI.create("ws://" + said(LISTENS, 1) + ":" + said(LISTENS, 2) + "/ws");
    String token = new Tokens(SECRET).of("acme", "alice");
    List<TestClient> clients = new ArrayList<>();
    try {
      // Each is sent away at a random moment, and with the last one the drain ends: of so many, one
      // stays for nearly all of it.
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(TestClient.connect(uri, token));
      }
      gateway.terminate();
      Await.until(
          "it is draining",
          Await.PATIENCE,
          () -> ready().startsWith("503") && ready().contains("draining"),
          gateway::toString);
      assertThat(Http.status(management("/health/live"))).isEqualTo(200);
      assertThat(
              Metric.sum(Http.get(management("/metrics")).body(), "websocket_active_connections"))
          .isBetween(0.0, (double) CLIENTS);
      assertThat(clients).allMatch(client -> client.closeCode() == 1012);
    } finally {
      clients.forEach(TestClient::close);
    }
    assertThat(gateway.awaitExit(Duration.ofSeconds(60))).isEqualTo(143);
    assertThat(gateway.log()).doesNotContain("Starting over");
  }
}
