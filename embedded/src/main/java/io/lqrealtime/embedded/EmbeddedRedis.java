package io.lqrealtime.embedded;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real redis-server, a child of this process: the one on PATH, or a shipped one where there is
 * none (Linux and macOS, amd64 and arm64).
 *
 * <p>It keeps nothing on disk unless its arguments say so: what this project puts into Redis are
 * views that are built again. Its memory is bounded. Its output goes to the log, and it never
 * outlives this process, even if this process is killed. The port is fixed from the first start on.
 *
 * <p>{@link #kill}, {@link #pause}, {@link #resume} and {@link #restart} are for tests of what
 * others do while Redis is away.
 *
 * <p>Bounds: a start gives up after 30 seconds; a stop kills the server after 5. Failures are
 * {@link EmbeddedServerException}s. All methods may be called from any thread; those that start,
 * stop and signal wait for one another.
 */
public final class EmbeddedRedis implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRedis.class);
  private static final Duration START_WITHIN = Duration.ofSeconds(30);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofMillis(5);
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);
  private static final int PORT_ATTEMPTS = 5;

  private final RedisOptions options;
  private final Path directory;
  private final RedisExecutable executable;
  private volatile int port;
  private volatile String version = "of unknown version";
  private volatile Optional<RedisProcess> process = Optional.empty();
  private boolean paused;
  private boolean closed;

  private EmbeddedRedis(RedisOptions options, Path directory, RedisExecutable executable) {
    this.options = options;
    this.directory = directory;
    this.executable = executable;
    this.port = options.port();
  }

  /** Starts a server and returns when it answers. */
  public static EmbeddedRedis start(RedisOptions options) {
    Path directory = Directories.create(options.directory());
    try {
      EmbeddedRedis redis =
          new EmbeddedRedis(options, directory, RedisExecutable.find(options.source(), directory));
      redis.start();
      return redis;
    } catch (RuntimeException e) {
      Directories.release(options.directory(), directory);
      throw e;
    }
  }

  public String host() {
    return options.host();
  }

  public int port() {
    return port;
  }

  public URI uri() {
    return URI.create("redis://%s:%d".formatted(options.host(), port));
  }

  /** Which server this is, for a log: version, path, and whether it is the shipped one. */
  public String describe() {
    String origin =
        switch (executable.source()) {
          case PATH_FIRST -> "found on PATH";
          case SHIPPED -> "shipped";
        };
    return "redis-server %s (%s, %s)".formatted(version, executable.path(), origin);
  }

  /** The server's process id. Only while it runs. */
  public long pid() {
    return running().pid();
  }

  /** Whether the process exists; a paused one does. */
  public boolean isRunning() {
    return process.filter(RedisProcess::isAlive).isPresent();
  }

  /** Starts the server again on the same port. Nothing to do if it runs. */
  public synchronized void start() {
    if (closed) {
      throw new IllegalStateException("the server is closed");
    }
    if (isRunning()) {
      return;
    }
    try {
      process = Optional.of(launch());
      paused = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedServerException.Failed("interrupted while redis-server started", e);
    }
  }

  /** Ends the server; what it held is gone. */
  public synchronized void stop() {
    // A paused process would not hear a request to end.
    end(paused ? Duration.ZERO : STOP_GRACE);
  }

  /** SIGKILL. Returns when the process is gone and its port free. */
  public synchronized void kill() {
    end(Duration.ZERO);
  }

  /** A new, empty server on the same port. */
  public synchronized void restart() {
    stop();
    start();
  }

  /** SIGSTOP: connections stay open, and nothing is answered. */
  public synchronized void pause() {
    signal("STOP");
    paused = true;
  }

  /** SIGCONT: what came in since {@link #pause} is answered now. */
  public synchronized void resume() {
    signal("CONT");
    paused = false;
  }

  /** Stops the server for good, and deletes its directory if that was to be temporary. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    stop();
    closed = true;
    Directories.release(options.directory(), directory);
  }

  private RedisProcess running() {
    return process
        .filter(RedisProcess::isAlive)
        .orElseThrow(() -> new IllegalStateException("redis-server is not running"));
  }

  private void signal(String name) {
    try {
      running().signal(name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedServerException.Failed("interrupted while signalling redis-server", e);
    }
  }

  private void end(Duration grace) {
    if (process.isEmpty()) {
      return;
    }
    try {
      if (grace.isZero()) {
        process.get().kill();
      } else {
        process.get().terminate(grace);
      }
      process = Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EmbeddedServerException.Failed("interrupted while redis-server stopped", e);
    }
  }

  private RedisProcess launch() throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      int candidate = FreePorts.probe(options.host(), port);
      RedisProcess launched = RedisProcess.spawn(command(candidate), directory);
      Optional<RedisProbe.Answer> answer = awaitAnswer(launched, candidate);
      if (answer.isPresent()) {
        port = candidate;
        version = answer.get().version();
        launched.serving();
        LOG.info("{} on {}:{}, process {}", describe(), options.host(), port, launched.pid());
        return launched;
      }
      boolean ended = !launched.isAlive();
      launched.kill();
      String output = launched.output();
      if (!output.contains("Address already in use")) {
        throw new EmbeddedServerException.Failed(
            "%s %s. It said:%n%s"
                .formatted(
                    executable.path(),
                    ended ? "ended while starting" : "does not answer within " + START_WITHIN,
                    output),
            null);
      }
      if (port != 0 || attempt == PORT_ATTEMPTS) {
        throw new EmbeddedServerException.PortInUse(options.host(), candidate, null);
      }
    }
  }

  /** Empty if the server ended, or did not answer in time. */
  private Optional<RedisProbe.Answer> awaitAnswer(RedisProcess launched, int candidate)
      throws InterruptedException {
    long deadline = System.nanoTime() + START_WITHIN.toNanos();
    while (launched.isAlive() && System.nanoTime() < deadline) {
      Optional<RedisProbe.Answer> answer =
          RedisProbe.ask(options.host(), candidate, ANSWER_WITHIN)
              // Another server may have been faster to take the port.
              .filter(found -> found.pid() == launched.pid());
      if (answer.isPresent()) {
        return answer;
      }
      Thread.sleep(POLL);
    }
    return Optional.empty();
  }

  /** Written once: what the server has added to it is there at its next start. */
  private Optional<Path> configuration() {
    if (options.configuration().isEmpty()) {
      return Optional.empty();
    }
    Path file = directory.resolve("redis.conf");
    try {
      if (!Files.exists(file)) {
        Files.write(file, options.configuration());
      }
      return Optional.of(file);
    } catch (IOException e) {
      throw new EmbeddedServerException.DirectoryUnusable(directory, e.toString(), e);
    }
  }

  private List<String> command(int candidate) {
    List<String> command = new ArrayList<>();
    command.add(executable.path().toString());
    configuration().ifPresent(file -> command.add(file.toString()));
    command.addAll(List.of("--bind", options.host(), "--port", Integer.toString(candidate)));
    command.addAll(List.of("--dir", directory.toString(), "--daemonize", "no"));
    command.addAll(List.of("--logfile", "", "--loglevel", "warning"));
    command.addAll(List.of("--save", "", "--appendonly", "no"));
    command.addAll(List.of("--maxmemory", Long.toString(options.maxMemoryBytes())));
    command.addAll(List.of("--maxmemory-policy", "noeviction"));
    command.addAll(options.arguments());
    return command;
  }
}
