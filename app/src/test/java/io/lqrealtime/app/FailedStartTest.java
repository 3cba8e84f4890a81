package io.lqrealtime.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a role that can't start writes where its log is for machines: an event, and nothing else.
 */
class FailedStartTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Outcome(int code, List<String> lines) {}

  private static Outcome run(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Process process = start(environment, arguments);
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), UTF_8).lines().toList();
    return new Outcome(process.waitFor(), lines);
  }

  private static Process start(Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                // The log that ships, and not that of the tests.
                "-Dlogback.configurationFile=logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                Lq.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(key -> key.startsWith("LQ_"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static Outcome runForMachines(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("LQ_LOG_FORMAT", "json");
    return run(all, arguments);
  }

  private static void assertSays(Outcome outcome, String why) throws IOException {
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.lines()).hasSize(1);
    JsonNode event = JSON.readTree(outcome.lines().getFirst());
    assertThat(event.path("level").asText()).isEqualTo("ERROR");
    assertThat(event.path("formattedMessage").asText()).contains(why);
  }

  @ParameterizedTest
  @CsvSource({"gateway,INFO", "router,INFO", "router,OFF"})
  void portThatIsTaken_isAnEvent_atAnyLevel(String role, String level) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());

      assertSays(
          runForMachines(Map.of("LQ_MANAGEMENT_PORT", port, "LQ_LOG_LEVEL", level), role),
          "LQ_MANAGEMENT_PORT: port " + port);
    }
  }

  @Test
  void optionsAndSettingsThatAreWrong_areEventsToo() throws Exception {
    assertSays(runForMachines(Map.of(), "gateway", "--foo"), "Unknown option: '--foo'");
    assertSays(runForMachines(Map.of(), "dev", "--port", "-1"), "lq dev: --port: -1");
    assertSays(
        runForMachines(Map.of("LQ_LOG_LEVEL", "loud"), "router"), "LQ_LOG_LEVEL: must be one of");
  }

  /** It waits for a Kafka that says nothing, for longer than the test would wait. */
  @ParameterizedTest
  @CsvSource({"gateway,LQ_START_TIMEOUT", "router,LQ_ROUTER_TOPIC_WAIT"})
  @Timeout(120)
  void sigterm_endsAStartThatStillWaits(String role, String wait) throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Process process =
          start(
              Map.of(
                  "LQ_KAFKA_BOOTSTRAP_SERVERS",
                  "127.0.0.1:" + silent.getLocalPort(),
                  "LQ_AUTH_HS256_SECRET",
                  "a-secret-that-signs-tokens-in-tests",
                  "LQ_CONTROL_KEY",
                  "a-key-that-signs-records-in-these-tests",
                  "LQ_MANAGEMENT_PORT",
                  "0",
                  "WS_PORT",
                  "0",
                  wait,
                  "10m"),
              role);
      try (BufferedReader lines = process.inputReader(UTF_8)) {
        // It asks Kafka, and so has begun to wait.
        silent.setSoTimeout(60_000);
        silent.accept();
        process.toHandle().destroy();

        assertThat(process.waitFor()).isEqualTo(128 + 15);
        assertThat(lines.lines())
            .anyMatch(line -> line.endsWith("Told to end before it had started"))
            .noneMatch(line -> line.contains("ERROR"));
      } finally {
        process.destroyForcibly();
      }
    }
  }

  @Test
  void settingThatThereIsNot_isNamed() throws Exception {
    Outcome outcome = run(Map.of("LQ_CONTROL_KYE", "x"), "router");

    assertThat(outcome.lines().getFirst()).contains("WARN").endsWith("[LQ_CONTROL_KYE]");
    assertThat(outcome.lines().getLast()).startsWith("LQ_CONTROL_KEY");
  }

  @Test
  void commandsForPeople_andLogsForPeople_stayPlain() throws Exception {
    Outcome command = runForMachines(Map.of(), "clients", "disconnect", "acme");
    assertThat(command.code()).isEqualTo(2);
    assertThat(command.lines().getFirst()).startsWith("lq clients disconnect: ");

    Outcome role = run(Map.of("LQ_LOG_LEVEL", "loud"), "router");
    assertThat(role.code()).isEqualTo(2);
    assertThat(role.lines())
        .containsExactly(
            "LQ_LOG_LEVEL: must be one of TRACE, DEBUG, INFO, WARN, ERROR, OFF, and is loud");
  }
}
