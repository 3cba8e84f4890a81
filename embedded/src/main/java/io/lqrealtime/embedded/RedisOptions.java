package io.lqrealtime.embedded;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How an {@link EmbeddedRedis} is to be set up.
 *
 * @param directory its working directory; the shipped executable is unpacked there
 * @param host the loopback address that it listens on
 * @param port the port, or 0 for any free one
 * @param source which executable to run
 * @param maxMemoryBytes where Redis refuses to grow further; writes then fail, nothing is evicted
 * @param configuration lines of a configuration file that the server may write to, which Sentinel
 *     has to have; without any there is no such file
 * @param arguments more arguments for redis-server, which win over ours
 */
public record RedisOptions(
    DataDirectory directory,
    String host,
    int port,
    Source source,
    long maxMemoryBytes,
    List<String> configuration,
    List<String> arguments) {

  /** Where the executable comes from. */
  public enum Source {
    /** The {@code redis-server} on PATH if there is one, otherwise the shipped one. */
    PATH_FIRST,
    SHIPPED
  }

  private static final long DEFAULT_MAX_MEMORY = 256L << 20;

  /** What EmbeddedRedis decides itself. */
  private static final Set<String> RESERVED =
      Set.of("--port", "--bind", "--dir", "--daemonize", "--logfile", "--supervised");

  public RedisOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: %d is not between 0 and 65535".formatted(port));
    }
    if (host.isBlank()) {
      throw new IllegalArgumentException("host: must not be blank");
    }
    if (maxMemoryBytes < 1 << 20) {
      throw new IllegalArgumentException(
          "maxMemoryBytes: %d is less than 1 MiB".formatted(maxMemoryBytes));
    }
    configuration = List.copyOf(configuration);
    arguments = List.copyOf(arguments);
    for (String argument : arguments) {
      if (RESERVED.contains(argument)) {
        throw new IllegalArgumentException(
            "arguments: %s follows from the other options".formatted(argument));
      }
    }
  }

  /** In a directory that outlives the server. */
  public static RedisOptions in(Path directory) {
    return of(new DataDirectory.Kept(directory));
  }

  /** In a temporary directory that goes when the server is closed. */
  public static RedisOptions ephemeral() {
    return of(new DataDirectory.Temporary());
  }

  private static RedisOptions of(DataDirectory directory) {
    return new RedisOptions(
        directory, "127.0.0.1", 0, Source.PATH_FIRST, DEFAULT_MAX_MEMORY, List.of(), List.of());
  }

  public RedisOptions withPort(int newPort) {
    return new RedisOptions(
        directory, host, newPort, source, maxMemoryBytes, configuration, arguments);
  }

  public RedisOptions withSource(Source newSource) {
    return new RedisOptions(
        directory, host, port, newSource, maxMemoryBytes, configuration, arguments);
  }

  public RedisOptions withMaxMemoryBytes(long newMaxMemoryBytes) {
    return new RedisOptions(
        directory, host, port, source, newMaxMemoryBytes, configuration, arguments);
  }

  /** Adds lines to the configuration file. */
  public RedisOptions withConfiguration(String... lines) {
    List<String> all = new ArrayList<>(configuration);
    all.addAll(List.of(lines));
    return new RedisOptions(directory, host, port, source, maxMemoryBytes, all, arguments);
  }

  /** Adds arguments for redis-server, {@code "--hz", "50"} say. */
  public RedisOptions withArguments(String... more) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of(more));
    return new RedisOptions(directory, host, port, source, maxMemoryBytes, configuration, all);
  }
}
