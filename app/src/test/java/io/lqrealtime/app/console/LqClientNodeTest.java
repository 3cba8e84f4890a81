package io.lqrealtime.app.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the tests of {@code lq.js} in {@code src/test/js} with {@code node --test}. Without a Node
 * of version 20 or newer they are skipped, or fail where {@code LQ_REQUIRE_NODE=1}.
 */
class LqClientNodeTest {
  private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.");

  @Test
  @Timeout(120)
  void lqJs_underNode_passesItsTests() throws Exception {
    requireNode();

    Path tests = Path.of("src/test/js/lq.test.mjs").toAbsolutePath();
    Result result = run(List.of("node", "--test", "--test-reporter=tap", tests.toString()));

    assertThat(result.exitCode).as(result.output).isZero();
    assertThat(result.output).containsPattern("# pass [1-9]");
  }

  private static void requireNode() throws InterruptedException {
    Optional<Integer> version = nodeVersion();
    if (version.isPresent() && version.get() >= 20) {
      return;
    }
    String why = "lq.js was not tested: needs node 20 or newer, found " + version;
    if ("1".equals(System.getenv("LQ_REQUIRE_NODE"))) {
      fail(why);
    }
    Assumptions.abort(why);
  }

  private static Optional<Integer> nodeVersion() throws InterruptedException {
    try {
      Matcher matcher = VERSION.matcher(run(List.of("node", "--version")).output);
      return matcher.find() ? Optional.of(Integer.valueOf(matcher.group(1))) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private record Result(int exitCode, String output) {}

  private static Result run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }
}
