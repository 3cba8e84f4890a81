package io.lqrealtime.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of a redis-server, a child of this process that cannot outlive it.
 *
 * <p>The child's standard input is a pipe from this process. When this process ends, in whatever
 * way, the system closes the pipe; a shell that waits for that moment kills the server. The shell
 * forks, and its first half becomes the server by {@code exec}, so that the process id is the
 * server's own. Both are put into a session of their own (a process group where there is no {@code
 * setsid}): Ctrl-C in a terminal, or a signal to this process's group, is for this process to
 * handle.
 */
final class RedisProcess {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRedis.class);
  private static final int KEPT_LINES = 20;

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
  private final Thread reader;
  private final Deque<String> lastLines = new ArrayDeque<>();
  private volatile boolean serving;

  private RedisProcess(Process process) {
    this.process = process;
    this.reader = Thread.ofPlatform().daemon().name("embedded-redis-output").unstarted(this::read);
  }

  static RedisProcess spawn(List<String> redisCommand, Path directory) {
    List<String> command = new ArrayList<>(detached());
    command.addAll(List.of("/bin/sh", "-c", SCRIPT, "redis"));
    command.addAll(redisCommand);
    try {
      RedisProcess spawned =
          new RedisProcess(
              new ProcessBuilder(command)
                  .directory(directory.toFile())
                  .redirectErrorStream(true)
                  .start());
      spawned.reader.start();
      return spawned;
    } catch (IOException e) {
      throw new EmbeddedServerException.Failed("cannot run " + redisCommand.getFirst(), e);
    }
  }

  private static List<String> detached() {
    Optional<Path> setsid = RedisExecutable.onPath("setsid");
    if (setsid.isPresent()) {
      return List.of(setsid.get().toString());
    }
    // macOS has no setsid, but it has perl.
    return RedisExecutable.onPath("perl")
        .map(perl -> List.of(perl.toString(), "-e", "setpgrp(0, 0); exec @ARGV or exit 127"))
        .orElse(List.of());
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** From now on an end that nobody here asked for is worth a warning. */
  void serving() {
    serving = true;
  }

  /** Asks the server to end, and kills it if it has not done so in time. */
  void terminate(Duration grace) throws InterruptedException {
    serving = false;
    // By the handle: the process's own destroy() closes the pipe, and with it kills the server.
    process.toHandle().destroy();
    if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.warn("redis-server {} did not end within {}: killing it", pid(), grace);
    }
    kill();
  }

  /** SIGKILL; returns when the process is gone. */
  void kill() throws InterruptedException {
    serving = false;
    // By the handle: the process's own destroyForcibly() throws away what was said and not yet
    // read.
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  /** Sends a signal that Java knows no name for. */
  void signal(String name) throws InterruptedException {
    try {
      int status =
          new ProcessBuilder(
                  "/bin/sh", "-c", "kill -s \"$1\" \"$2\"", "kill", name, Long.toString(pid()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      if (status != 0) {
        throw new EmbeddedServerException.Failed(
            "redis-server %d cannot be sent SIG%s: it is not running".formatted(pid(), name), null);
      }
    } catch (IOException e) {
      throw new EmbeddedServerException.Failed("cannot run kill", e);
    }
  }

  /** What the server said last. Complete once it has ended. */
  String output() throws InterruptedException {
    if (!process.isAlive()) {
      reader.join();
    }
    return said();
  }

  private String said() {
    synchronized (lastLines) {
      return String.join("\n", lastLines);
    }
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        keep(line);
        LOG.debug("redis-server: {}", line);
      }
    } catch (IOException e) {
      LOG.debug("redis-server {}: end of output", pid(), e);
    }
    if (serving) {
      LOG.warn("redis-server {} ended by itself. It said last:\n{}", pid(), said());
    }
  }

  private void keep(String line) {
    synchronized (lastLines) {
      if (lastLines.size() == KEPT_LINES) {
        lastLines.removeFirst();
      }
      lastLines.addLast(line);
    }
  }
}
