package io.lqrealtime.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a command line that can't be right gets: two lines that name the fault, and code 2. */
class LqTest {
  private record Outcome(int code, String err) {}

  @ParameterizedTest
  @CsvSource({
    "dev --port 70000, lq dev: --port: 70000",
    "dev --port -1, lq dev: --port: -1",
    "dev --ephemeral --data x, lq dev: --ephemeral keeps nothing",
    "bench latency --foo, lq bench latency: Unknown option:",
  })
  void wrongOption_isNamed_andUsageIsOnlyPointedTo(String line, String message) {
    Outcome outcome = run(line.split(" "));

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).startsWith(message).contains("--help'");
    assertThat(outcome.err().lines()).hasSize(2);
  }

  @Test
  void noCommand_showsThem() {
    Outcome outcome = run();

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("dev", "gateway", "router", "bench");
  }

  private static Outcome run(String... args) {
    PrintStream before = System.err;
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setErr(new PrintStream(err, true, UTF_8));
    try {
      return new Outcome(Lq.run(args), err.toString(UTF_8));
    } finally {
      System.setErr(before);
    }
  }
}
