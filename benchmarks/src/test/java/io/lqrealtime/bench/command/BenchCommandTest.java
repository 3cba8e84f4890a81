package io.lqrealtime.bench.command;

import static io.lqrealtime.bench.command.Outcome.bench;
import static io.lqrealtime.bench.command.Outcome.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.lqrealtime.bench.standin.StandInGateway;
import io.lqrealtime.bench.standin.StandInGateway.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandTest {

  @TempDir private Path directory;

  /**
   * A thousand messages, of which 800 are measured: in a time that no pause of the machine eats.
   */
  private static Outcome shortLatency(StandInGateway gateway, String... more) {
    List<String> args =
        new ArrayList<>(List.of("--rate", "400", "--warmup", "500ms", "--duration", "2s"));
    args.addAll(List.of(more));
    return bench(gateway, "latency", args.toArray(String[]::new));
  }

  @Test
  void latency_ofASoundGateway_passesAndReportsEveryFigure() throws Exception {
    Path file = directory.resolve("report.json");
    try (StandInGateway gateway = new StandInGateway(Fault.NONE);
        Management management = new Management()) {
      Outcome outcome =
          shortLatency(
              gateway,
              "--json",
              file.toString(),
              "--management",
              "gw=" + management.address(),
              "--pid",
              "self=" + ProcessHandle.current().pid());
      assertThat(outcome.code()).as(outcome.toString()).isZero();
      assertThat(outcome.out()).contains("client to client", "p99.9", "passed");
      assertThat(outcome.out()).doesNotContain(StandInGateway.SECRET);
      JsonNode findings = json(file).get("findings");
      assertThat(findings.at("/whole_run/sent").asLong()).isEqualTo(1_000);
      assertThat(findings.at("/whole_run/acked").asLong()).isEqualTo(1_000);
      assertThat(findings.at("/whole_run/delivered").asLong()).isEqualTo(1_000);
      assertThat(findings.at("/whole_run/lost").asLong()).isZero();
      assertThat(findings.at("/latency/client_to_client/count").asLong()).isEqualTo(800);
      assertThat(findings.at("/latency/publish_to_ack/count").asLong()).isEqualTo(800);
      assertThat(findings.at("/latency/client_to_client/p50_ms").asDouble()).isPositive();
      assertThat(findings.at("/connections/ready").asLong()).isEqualTo(20);
      assertThat(findings.at("/subscriptions")).hasSize(10);
      assertThat(findings.at("/processes/gw/cpu_s").asDouble()).isEqualTo(2.0);
      assertThat(findings.at("/processes/gw/stages/io_s").asDouble()).isEqualTo(0.07);
      assertThat(findings.at("/processes/gw/stages/io_per_message_us").asDouble())
          .isBetween(40.0, 400.0);
      assertThat(findings.at("/processes/gw/heap_used_bytes").asLong()).isEqualTo(4_000_000);
      assertThat(findings.at("/processes/self/cpu_s").asDouble()).isPositive();
      assertThat(findings.at("/generator/cpu_s").asDouble()).isPositive();
      assertThat(findings.at("/setting/cores").asLong()).isPositive();
      assertThat(findings.at("/setting/command").asText())
          .contains("latency --url ws://127.0.0.1:", "--secret …", "--warmup 500ms");
    }
  }

  @Test
  void latency_ofAGatewayThatStalls_countsTheWaitOfEveryMessageThatWasDueMeanwhile()
      throws Exception {
    Path file = directory.resolve("report.json");
    try (StandInGateway gateway = new StandInGateway(Fault.STALL)) {
      Outcome outcome =
          bench(
              gateway,
              "latency",
              "--rate",
              "2000",
              "--warmup",
              "100ms",
              "--duration",
              "400ms",
              "--json",
              file.toString());
      assertThat(outcome.code()).as(outcome.toString()).isZero();
      // 600 of the 800 measured messages are due in the 300 ms of the stall: half wait over 75 ms.
      JsonNode latency = json(file).at("/findings/latency");
      assertThat(latency.at("/client_to_client/p50_ms").asDouble()).isGreaterThan(75);
      assertThat(latency.at("/publish_to_ack/p50_ms").asDouble()).isGreaterThan(75);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "LOSE, no acked message was lost: 10",
    "REPEAT, no message came twice: 10",
    "SWAP, none came out of order",
    "REFUSE, the server answered with no error: {unavailable=10}",
    "DISCONNECT, no connection ended during the run: {closed by the server with 1011 on purpose=",
    "TELL, no subscription was told of a loss: 10"
  })
  void latency_ofAFaultyGateway_failsTheCheckThatNamesTheFault(Fault fault, String check) {
    try (StandInGateway gateway = new StandInGateway(fault)) {
      // What is lost is waited for in vain.
      Outcome outcome = shortLatency(gateway, "--drain", "5s");
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.out()).contains("FAILED  " + check);
      if (fault != Fault.DISCONNECT) {
        assertThat(outcome.out().lines().filter(line -> line.contains("FAILED  ")))
            .hasSize(fault == Fault.REFUSE ? 2 : 1);
      }
    }
  }

  @Test
  void throughput_atMaximum_keepsItsWindowAndLosesNothing() throws Exception {
    Path file = directory.resolve("report.json");
    try (StandInGateway gateway = new StandInGateway(Fault.NONE)) {
      Outcome outcome =
          bench(
              gateway,
              "throughput",
              "--publishers",
              "3",
              "--subscribers",
              "4",
              "--channels",
              "2",
              "--tenants",
              "2",
              "--window",
              "50",
              "--warmup",
              "500ms",
              "--duration",
              "2s",
              "--json",
              file.toString());
      assertThat(outcome.code()).as(outcome.toString()).isZero();
      JsonNode findings = json(file).get("findings");
      long acked = findings.at("/whole_run/acked").asLong();
      assertThat(acked).isGreaterThanOrEqualTo(150);
      assertThat(findings.at("/whole_run/delivered").asLong()).isEqualTo(2 * acked);
      assertThat(findings.at("/measured/durable_per_second").asDouble()).isPositive();
    }
  }

  @Test
  void throughput_atARate_doesNotExceedIt() throws Exception {
    Path file = directory.resolve("report.json");
    try (StandInGateway gateway = new StandInGateway(Fault.NONE)) {
      Outcome outcome =
          bench(
              gateway,
              "throughput",
              "--rate",
              "150",
              "--warmup",
              "0",
              "--duration",
              "2s",
              "--subscribers",
              "0",
              "--json",
              file.toString());
      assertThat(outcome.code()).as(outcome.toString()).isZero();
      assertThat(json(file).at("/findings/whole_run/acked").asLong()).isBetween(200L, 300L);
    }
  }

  @Test
  void fanout_inBursts_deliversEachMessageToEverySubscriber() throws Exception {
    Path file = directory.resolve("report.json");
    try (StandInGateway gateway = new StandInGateway(Fault.NONE)) {
      Outcome outcome =
          bench(
              gateway,
              "fanout",
              "--subscribers",
              "100",
              "--rate",
              "20",
              "--burst",
              "8",
              "--source-addresses",
              "3",
              "--warmup",
              "400ms",
              "--duration",
              "1600ms",
              "--json",
              file.toString());
      assertThat(outcome.code()).as(outcome.toString()).isZero();
      JsonNode findings = json(file).get("findings");
      assertThat(findings.at("/whole_run/sent").asLong()).isEqualTo(40);
      assertThat(findings.at("/whole_run/delivered").asLong()).isEqualTo(4_000);
      assertThat(findings.has("unsound_subscriptions")).isFalse();
    }
  }

  @Test
  void fanout_withSilentSubscribers_accountsForThemButMeasuresTheOthers() throws Exception {
    Path file = directory.resolve("report.json");
    try (StandInGateway gateway = new StandInGateway(Fault.NONE)) {
      Outcome outcome =
          bench(
              gateway,
              "fanout",
              "--subscribers",
              "30",
              "--silent",
              "10",
              "--rate",
              "40",
              "--warmup",
              "0",
              "--duration",
              "1s",
              "--json",
              file.toString());
      assertThat(outcome.code()).as(outcome.toString()).isZero();
      JsonNode findings = json(file).get("findings");
      assertThat(findings.at("/whole_run/delivered").asLong()).isEqualTo(40 * 30);
      assertThat(findings.at("/latency/client_to_client/count").asLong()).isEqualTo(40 * 20);
    }
  }

  @Test
  void resume_commandThatFails_isNamed() {
    try (StandInGateway gateway = new StandInGateway(Fault.NONE)) {
      Outcome outcome =
          bench(gateway, "resume", "--connections", "2", "--channels", "1", "--lost-by", "exit 3");

      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.err()).contains("failed with 3: exit 3").doesNotContain("\tat ");
    }
  }

  @Test
  void fanout_withAFault_countsTheLossOnEverySubscription() {
    try (StandInGateway gateway = new StandInGateway(Fault.LOSE)) {
      Outcome outcome =
          bench(
              gateway,
              "fanout",
              "--subscribers",
              "30",
              "--rate",
              "200",
              "--warmup",
              "0",
              "--duration",
              "1s",
              "--drain",
              "5s");
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.out()).contains("FAILED  no acked message was lost: 60");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--connections, 999999, --connections: from 1 to 19000",
    "--pid, 999999999, --pid: there is no process 999999999",
  })
  void idle_optionThatCantBe_isNamed(String option, String value, String message) {
    Outcome outcome = bench("idle", "--secret", StandInGateway.SECRET, option, value);

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains(message);
  }

  @Test
  void idle_reportsTheMemoryOfEachConnection() throws Exception {
    awaitSteadyHeap();
    Path file = directory.resolve("report.json");
    try (StandInGateway gateway = new StandInGateway(Fault.NONE);
        Management management = new Management()) {
      Outcome outcome =
          bench(
              gateway,
              "idle",
              "--connections",
              "1500",
              "--channels",
              "10",
              "--prelude",
              "20",
              "--hold",
              "100ms",
              "--management",
              "gw=" + management.address(),
              "--pid",
              "gw=" + ProcessHandle.current().pid(),
              "--json",
              file.toString());
      assertThat(outcome.code()).as(outcome.toString()).isZero();
      JsonNode findings = json(file).get("findings");
      assertThat(findings.at("/connections/ready").asLong()).isEqualTo(1_500);
      // So many that what else the process allocates does not count.
      assertThat(findings.at("/memory/gw/live_heap_by_connection_bytes").asLong())
          .isBetween(1_000L, 200_000L);
      assertThat(findings.at("/memory/gw_metrics/live_heap_by_connection_bytes").asLong())
          .isEqualTo(600_000 / 1_500);
      assertThat(findings.at("/held/time_s").asDouble()).isGreaterThanOrEqualTo(0.1);
    }
  }

  /**
   * The process whose heap is measured is this one: what earlier tests have left is to go first.
   */
  private static void awaitSteadyHeap() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    long last = Long.MAX_VALUE;
    for (int steady = 0; steady < 5; ) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      System.gc();
      long used = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
      steady = Math.abs(used - last) < 50_000 ? steady + 1 : 0;
      last = used;
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  @Test
  void wrongSecret_failsWithTheServersAnswer_andDoesNotHang() {
    try (StandInGateway gateway = new StandInGateway(Fault.NONE)) {
      Outcome outcome =
          bench(
              "latency", "--url", gateway.url(), "--secret", "another-secret-of-32-bytes-and-more");
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.out())
          .contains("FAILED  every connection was opened", "HTTP 401", "unauthorized");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--secret short, at least 32 bytes",
    "--secret 0123456789abcdef0123456789abcdef --rate 0, the rate must be",
    "--secret 0123456789abcdef0123456789abcdef --payload-bytes 10, payload bytes must be",
    "--secret 0123456789abcdef0123456789abcdef --url http://x, need ws://",
    "--secret 0123456789abcdef0123456789abcdef --management x, host:port",
    "--secret 0123456789abcdef0123456789abcdef --duration soon, need a time like",
    "--secret 0123456789abcdef0123456789abcdef --source-addresses 2 --url ws://192.0.2.1, this"
        + " machine",
    "--secret 0123456789abcdef0123456789abcdef --subscribers 19001, subscribers must be",
    "--nonsense, Unknown option"
  })
  void wrongOptions_areUsageErrorsThatSayWhatIsWrong(String options, String message) {
    List<String> args = new ArrayList<>(List.of("latency"));
    args.addAll(List.of(options.split(" ", -1)));
    Outcome outcome = bench(args.toArray(String[]::new));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains(message);
  }

  @Test
  void withoutASubcommandOrAToken_itIsAUsageError() {
    assertThat(bench().code()).isEqualTo(2);
    Outcome outcome = bench("idle", "--secret", "");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("LQ_AUTH_HS256_SECRET");
  }

  @Test
  void help_ofEveryCommand_showsAnExample() {
    for (String command : List.of("latency", "throughput", "fanout", "idle")) {
      Outcome outcome = bench(command, "--help");
      assertThat(outcome.code()).isZero();
      assertThat(outcome.out()).contains("Example: lq bench " + command, "--json", "Exit codes");
    }
  }

  @Test
  void interrupt_stillPrintsWhatWasMeasured() throws Exception {
    try (StandInGateway gateway = new StandInGateway(Fault.NONE)) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  BenchMain.class.getName(),
                  "latency",
                  "--url",
                  gateway.url(),
                  "--secret",
                  StandInGateway.SECRET,
                  "--warmup",
                  "0",
                  "--duration",
                  "10m")
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("out").toFile())
              .start();
      try {
        long end = System.nanoTime() + 90_000_000_000L;
        while (gateway.published() < 200 && System.nanoTime() < end) {
          Thread.sleep(10);
        }
        assertThat(gateway.published()).isGreaterThanOrEqualTo(200);
        // SIGTERM: the same shutdown hooks as Ctrl-C.
        process.destroy();
        assertThat(process.waitFor(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
      } finally {
        process.destroyForcibly();
      }
      String out = Files.readString(directory.resolve("out"));
      assertThat(out).contains("interrupted: these are the figures up to then", "passed");
      assertThat(out).containsPattern("client to client +p50 [0-9.]+ ms");
    }
  }

  @Test
  void redaction_hidesSecretsInEveryForm() {
    assertThat(
            CommandText.redacted(
                List.of(
                    "--secret", "s1", "--token=t1", "--url", "ws://h/ws?token=t2", "--can", "{}")))
        .containsExactly("--secret", "…", "--token=…", "--url", "ws://h/ws?…", "--can", "'{}'")
        .noneMatch(word -> word.toLowerCase(Locale.ROOT).matches(".*(s1|t1|t2).*"));
  }

  /** A management port whose counters grow between two looks. */
  private static final class Management implements AutoCloseable {
    private final HttpServer server;
    private final AtomicInteger looks = new AtomicInteger();

    Management() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/metrics",
          exchange -> {
            int look = looks.getAndIncrement();
            byte[] page =
                String.format(
                        Locale.ROOT,
                        """
                        lq_cpu_seconds_total{stage="io"} %s
                        process_cpu_time_ns_total %s
                        jvm_memory_used_bytes{area="heap"} 4000000
                        lq_live_heap_bytes %s
                        """,
                        3 + look * 0.07,
                        1e9 + look * 2e9,
                        look * 300_000)
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
          });
      server.start();
    }

    String address() {
      return "127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
