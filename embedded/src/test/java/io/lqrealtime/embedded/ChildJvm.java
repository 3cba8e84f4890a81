package io.lqrealtime.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A JVM of its own that runs a main class of the tests, to be killed. Its main class speaks on
 * stdout and ends when its stdin does, so that none is left behind if the tests themselves are
 * killed.
 */
final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  private ChildJvm(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  static ChildJvm run(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Short-lived: what C2 would compile is not worth its time.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(List.of("-cp", classPath(), main.getName()));
    command.addAll(List.of(arguments));
    return new ChildJvm(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  private static String classPath() {
    String tests = System.getProperty("surefire.test.class.path");
    String all = tests != null ? tests : System.getProperty("java.class.path");
    assertThat(all).contains("test-classes" + File.pathSeparator);
    return all;
  }

  long pid() {
    return process.pid();
  }

  /** A child that says nothing is killed. */
  String nextLine() throws Exception {
    FutureTask<String> reading = new FutureTask<>(output::readLine);
    Thread.ofVirtual().start(reading);
    String line;
    try {
      line = reading.get(90, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      kill();
      throw new AssertionError("the child said nothing in time", e);
    }
    assertThat(line).as("the child ended without a word").isNotNull();
    return line;
  }

  /** SIGKILL. Returns what was left to read on the child's stdout. */
  List<String> kill() throws Exception {
    process.toHandle().destroyForcibly();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    return output.lines().toList();
  }

  @Override
  public void close() throws Exception {
    kill();
  }
}
