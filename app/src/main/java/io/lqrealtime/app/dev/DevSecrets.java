package io.lqrealtime.app.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The secrets of a {@code dev} data directory: made at random on its first use, and kept there, as
 * the environment that roles and tools beside it read.
 */
public record DevSecrets(String tokenSecret, String controlKey) {
  public static final Path DEFAULT_DIRECTORY = Path.of(".lq", "dev");
  private static final String FILE = "secrets";

  @Override
  public String toString() {
    return "(secrets)";
  }

  /** The secrets of the directory; empty if it has none. */
  public static Optional<DevSecrets> find(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      // The first files had the bare secrets, in the same order.
      List<String> lines =
          Files.readAllLines(file).stream()
              .map(line -> line.substring(line.indexOf('=') + 1))
              .toList();
      if (lines.size() != 2 || lines.stream().anyMatch(line -> line.length() < 32)) {
        throw new IllegalStateException(file + " is damaged: remove it, and old tokens are void");
      }
      return Optional.of(new DevSecrets(lines.get(0), lines.get(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " can't be read", e);
    }
  }

  /** The secrets of the directory, which is given some if it has none. */
  public static DevSecrets in(Path directory) {
    return find(directory).orElseGet(() -> create(directory));
  }

  private static DevSecrets create(Path directory) {
    DevSecrets secrets = new DevSecrets(random(), random());
    try {
      Files.createDirectories(directory);
      Path file = directory.resolve(FILE);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(
          file,
          List.of(
              "LQ_AUTH_HS256_SECRET=" + secrets.tokenSecret(),
              "LQ_CONTROL_KEY=" + secrets.controlKey()));
    } catch (IOException e) {
      throw new UncheckedIOException(directory + " can't be written", e);
    }
    return secrets;
  }

  private static String random() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
