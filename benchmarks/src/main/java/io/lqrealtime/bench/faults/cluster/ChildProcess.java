package io.lqrealtime.bench.faults.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One life of a process that this run has started and that does not outlive it.
 *
 * <p>The child's standard input is a pipe from this process. When this process ends, in whatever
 * way, the system closes the pipe; a shell that waits for that moment kills the child, stopped or
 * not. The shell forks, and its first half becomes the child by {@code exec}, so that the process
 * id is the child's own. Where there is {@code setsid}, both are put into a session of their own:
 * Ctrl-C in a terminal is for this process to handle.
 *
 * <p>Its output goes to a file that all lives of one name share, its id to the run's list of them.
 */
final class ChildProcess {
  private static final String SCRIPT =
      """
      exec 3<&0
      (
        trap '' HUP INT TERM
        exec >/dev/null 2>&1
        cat <&3
        kill -KILL $$
      ) &
      exec 3<&-
      exec "$@" </dev/null
      """;

  private final Process process;
  private boolean paused;

  private ChildProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts a Java program on this JVM's class path.
   *
   * @param environment beside what this process has, of which nothing that configures the service
   */
  static ChildProcess java(
      Path directory,
      String name,
      int heapMegabytes,
      Map<String, String> environment,
      String mainClass,
      String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
      command.add("/usr/bin/setsid");
    }
    command.addAll(List.of("/bin/sh", "-c", SCRIPT, "child"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseCompactObjectHeaders",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseSerialGC",
            // Starts count here, and top speed does not.
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-Xmx" + heapMegabytes + "m",
            "-cp",
            System.getProperty("java.class.path"),
            mainClass));
    command.addAll(List.of(arguments));
    Path log = directory.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder
        .environment()
        .keySet()
        .removeIf(
            key -> key.startsWith("LQ_") || key.startsWith("WS_") || key.startsWith("REDIS_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    Files.writeString(
        directory.resolve("pids"),
        process.pid() + " " + name + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    return new ChildProcess(process);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Of a process that has ended. */
  int exitValue() {
    return process.exitValue();
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  /** SIGTERM; SIGKILL if it has not ended in time. Whether it did by itself. */
  boolean terminate(long withinMillis) throws IOException, InterruptedException {
    resume();
    process.toHandle().destroy();
    boolean ended = process.waitFor(withinMillis, TimeUnit.MILLISECONDS);
    kill();
    return ended;
  }

  boolean awaitExit(long withinMillis) throws InterruptedException {
    return process.waitFor(withinMillis, TimeUnit.MILLISECONDS);
  }

  /** SIGSTOP: it holds its sockets and does nothing, until {@link #resume}. */
  synchronized void pause() throws IOException, InterruptedException {
    if (isAlive()) {
      signal("STOP");
      paused = true;
    }
  }

  /** SIGCONT, where it was stopped. */
  synchronized void resume() throws IOException, InterruptedException {
    if (paused) {
      paused = false;
      if (isAlive()) {
        signal("CONT");
      }
    }
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder(
            "/bin/sh", "-c", "kill -s \"$1\" \"$2\"", "kill", name, Long.toString(process.pid()))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
