package io.lqrealtime.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command line that can't be right gets: two lines that name the fault, and code 2. */
class LqTest {
  private record Outcome(int code, String err) {}

  @ParameterizedTest
  @CsvSource({
    "dev --port 70000, lq dev: --port: 70000",
    "dev --port -1, lq dev: --port: -1",
    "dev --ephemeral --data x, lq dev: --ephemeral keeps nothing",
    "bench latency --foo, lq bench latency: Unknown option:",
    "tenants set acme, lq tenants set: which limit?",
    "tenants set acme --messages-per-second 0, lq tenants set: --messages-per-second:"
        + " messagesPerSecond",
    "tenants set acme --connections -1, lq tenants set: --connections",
    "tenants set no+tenant! --connections 1, lq tenants set: ",
    "tenants show no+tenant!, lq tenants show: ",
    "tenants reset no+tenant!, lq tenants reset: ",
    "clients disconnect acme, lq clients disconnect: Missing required argument",
    "clients disconnect no+tenant! --everyone, lq clients disconnect: ",
    "clients disconnect acme --user a --everyone, lq clients disconnect: ",
    "clients revoke acme --user a --issued-before yesterday, lq clients revoke: ",
    "clients revoke acme --user a --issued-before 2999-01-01T00:00:00Z, lq clients revoke: ",
    "clients revoke acme --connection a, lq clients revoke: ",
    "clients unsubscribe acme --user a --channel a?b, lq clients unsubscribe: ",
    "clients disconnect acme --user a --by two\u000blines, lq clients disconnect: --by: a name has"
        + " no control characters",
    "token --tenant t --user u --secret 0123456789-0123456789-0123456789 --subscribe EMPTY, lq"
        + " token: --subscribe: a channel pattern has 1 to 200 characters",
    "token --tenant no+tenant! --user u --secret 0123456789-0123456789-0123456789, lq token: ",
    "token --tenant t --user u --secret short, lq token: --secret: must have at least 32 bytes",
    "topics create --partitions 0, lq topics create: a topic has 1 to 10000 partitions",
    "topics create --replication-factor 1, lq topics create: min.insync.replicas",
    "publish room.1 1, lq publish: which token?",
    "publish --token t --url http://localhost:8082/ws room.1 1, lq publish: need ws://",
    "tail --token t --ca-file none.pem room.1, lq tail: there is no file none.pem",
    "tail --token t --count 0 room.1, lq tail: --count: at least 1",
  })
  void wrongOption_isNamed_andUsageIsOnlyPointedTo(String line, String message) {
    Outcome outcome =
        run(
            Stream.of(line.split(" "))
                .map(word -> word.equals("EMPTY") ? "" : word)
                .toArray(String[]::new));

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).startsWith(message.strip()).contains("--help'");
    assertThat(outcome.err().lines()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "clients revoke acme --user j\ufffd\ufffdrgen",
        "token --tenant demo --user j\ufffdrgen",
        "publish room.1 \"\ufffd\"",
        "tenants set acme --connections 1 --by=\ufffd",
      })
  void argumentThatWasNotInTheLocalesEncoding_isRefused(String line) {
    Outcome outcome = run(line.split(" "));

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err())
        .startsWith("lq " + line.split(" ")[0])
        .contains("argument ", "LC_ALL");
    assertThat(outcome.err().lines()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void devsPort_ifItIsTaken_isNamedBeforeAnythingStarts(int above) throws IOException {
    try (ServerSocket taken = takenAboveAFreeOne()) {
      int port = taken.getLocalPort();
      Outcome outcome = run("dev", "--ephemeral", "--port", Integer.toString(port - above));

      assertThat(outcome.code()).isEqualTo(2);
      assertThat(outcome.err())
          .startsWith("lq dev: --port: port " + port + ", for ")
          .contains("is in use");
    }
  }

  /** Outside the range that the system gives to whoever wants any port. */
  private static ServerSocket takenAboveAFreeOne() throws IOException {
    int first = ThreadLocalRandom.current().nextInt(21_000, 31_000);
    for (int port = first; port < first + 1_000; port++) {
      try (ServerSocket below = listening(port - 1)) {
        return listening(below.getLocalPort() + 1);
      } catch (BindException e) {
        // Two others may be free.
      }
    }
    throw new IOException("no two free ports from " + first + " on");
  }

  private static ServerSocket listening(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }

  @Test
  void failure_isPrefixedWithTheWholeCommand() {
    Outcome outcome = run("publish", "--url", "ws://127.0.0.1:1/ws", "--token", "t", "room.1", "1");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).startsWith("lq publish: not reached: ");
    assertThat(outcome.err().lines()).hasSize(1);
  }

  @Test
  void noCommand_showsThem() {
    Outcome outcome = run();

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("dev", "gateway", "router", "bench");
  }

  @Test
  void environmentThatIsGiven_configuresTheCommand() {
    Outcome outcome = run(Map.of("LQ_TOPIC_PREFIX", "no prefix"), "topics", "describe");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("LQ_TOPIC_PREFIX: ");
  }

  private static Outcome run(String... args) {
    return run(Map.of(), args);
  }

  private static Outcome run(Map<String, String> environment, String... args) {
    PrintStream before = System.err;
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setErr(new PrintStream(err, true, UTF_8));
    try {
      return new Outcome(Lq.commands(environment).execute(args), err.toString(UTF_8));
    } finally {
      System.setErr(before);
    }
  }
}
