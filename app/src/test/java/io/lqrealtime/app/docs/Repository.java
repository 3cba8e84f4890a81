package io.lqrealtime.app.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The project's files, found from wherever a test runs. */
public final class Repository {
  public static final List<String> MODULES =
      List.of("schemas", "embedded", "presence", "gateway", "router", "benchmarks", "app");

  private Repository() {}

  /** A file or directory by its path from the project's root. */
  public static Path path(String name) {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.isExecutable(at.resolve("lq"))) {
      at = at.getParent();
    }
    if (at == null) {
      throw new IllegalStateException("not within the project");
    }
    return at.resolve(name);
  }

  public static String read(String name) {
    return read(path(name));
  }

  public static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every Java source that ships. */
  public static List<Path> sources() {
    return MODULES.stream()
        .flatMap(module -> files(path(module).resolve("src/main/java")))
        .toList();
  }

  /** The files below a directory. */
  public static Stream<Path> files(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
