package io.lqrealtime.embedded;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * A redis-server to run: the one on PATH, or one of those in {@code org.signal:embedded-redis},
 * which lie in the root of its jar under names that end in the operating system and the processor.
 */
record RedisExecutable(Path path, RedisOptions.Source source) {
  private static final String SHIPPED = "redis-server-7.0.15-";

  /** The shipped one is unpacked into the directory. */
  static RedisExecutable find(RedisOptions.Source wanted, Path directory) {
    if (wanted == RedisOptions.Source.PATH_FIRST) {
      Optional<Path> found = onPath("redis-server");
      if (found.isPresent()) {
        return new RedisExecutable(found.get(), RedisOptions.Source.PATH_FIRST);
      }
    }
    return new RedisExecutable(unpack(directory), RedisOptions.Source.SHIPPED);
  }

  /** The first file of that name on PATH that may be run. */
  static Optional<Path> onPath(String name) {
    String path = System.getenv().getOrDefault("PATH", "");
    for (String entry : path.split(File.pathSeparator, -1)) {
      if (!entry.isEmpty()) {
        Path candidate = Path.of(entry, name);
        if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
          return Optional.of(candidate);
        }
      }
    }
    return Optional.empty();
  }

  private static Path unpack(Path directory) {
    String name = shippedName(System.getProperty("os.name"), System.getProperty("os.arch"));
    try (InputStream shipped = RedisExecutable.class.getResourceAsStream("/" + name)) {
      if (shipped == null) {
        throw missing(name);
      }
      // Unpacked anew at each start, because one left by a process that was killed may be half a
      // file; moved into place, because one that is being run must not be written to.
      Path unfinished = Files.createTempFile(directory, name, ".new");
      Files.copy(shipped, unfinished, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwx------"));
      return Files.move(unfinished, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new EmbeddedServerException.DirectoryUnusable(directory, e.toString(), e);
    }
  }

  /** The name for what {@code os.name} and {@code os.arch} say. */
  static String shippedName(String osName, String osArch) {
    String system =
        switch (osName) {
          case "Linux" -> "linux";
          case "Mac OS X" -> "darwin";
          default -> throw missing(osName);
        };
    String processor =
        switch (osArch) {
          case "amd64", "x86_64" -> "amd64";
          case "aarch64", "arm64" -> "arm64";
          default -> throw missing(osName + " on " + osArch);
        };
    return SHIPPED + system + "-" + processor;
  }

  private static EmbeddedServerException missing(String platform) {
    return new EmbeddedServerException.Failed(
        "no redis-server on PATH, and none is shipped for %s: install Redis".formatted(platform),
        null);
  }
}
