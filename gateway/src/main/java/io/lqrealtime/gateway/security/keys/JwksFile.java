package io.lqrealtime.gateway.security.keys;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A JWK Set in a file. Symbolic links are followed anew each time, since that is how Kubernetes
 * replaces what it mounts.
 */
final class JwksFile implements JwksSource {
  private final Path path;

  JwksFile(Path path) {
    this.path = path;
  }

  @Override
  public byte[] read(Duration within) throws IOException {
    if (!Files.exists(path)) {
      throw new IOException("there is no such file");
    }
    if (!Files.isRegularFile(path)) {
      // A pipe would be waited for.
      throw new IOException("it is no regular file");
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] document = in.readNBytes(MAX_BYTES + 1);
      if (document.length > MAX_BYTES) {
        throw new IOException("it has more than " + MAX_BYTES + " bytes");
      }
      return document;
    } catch (NoSuchFileException e) {
      throw new IOException("there is no such file", e);
    } catch (AccessDeniedException e) {
      throw new IOException("it may not be read", e);
    }
  }
}
