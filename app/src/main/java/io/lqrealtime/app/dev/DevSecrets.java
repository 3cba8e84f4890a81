package io.lqrealtime.app.dev;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The secrets of a {@code dev} data directory: made at random on its first use, and kept there, as
 * the environment that roles and tools beside it read.
 */
public record DevSecrets(String tokenSecret, String controlKey) {
  public static final Path DEFAULT_DIRECTORY = Path.of(".lq", "dev");
  private static final String FILE = "secrets";
  private static final String TOKEN_SECRET = "LQ_AUTH_HS256_SECRET";
  private static final String CONTROL_KEY = "LQ_CONTROL_KEY";

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

  /** These, but for those that an environment sets; what is kept stays as it is. */
  public DevSecrets overriddenBy(Map<String, String> environment) {
    return new DevSecrets(
        given(environment, TOKEN_SECRET).orElse(tokenSecret),
        given(environment, CONTROL_KEY).orElse(controlKey));
  }

  private static Optional<String> given(Map<String, String> environment, String key) {
    return Optional.of(environment.getOrDefault(key, "").strip()).filter(text -> !text.isEmpty());
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
              TOKEN_SECRET + "=" + secrets.tokenSecret(),
              CONTROL_KEY + "=" + secrets.controlKey()));
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
