package io.lqrealtime.embedded;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Why an embedded server did not start or stop. The message names the thing to be changed (the
 * port, the directory, the process that holds it) and can be shown to a user as it is.
 */
public abstract sealed class EmbeddedServerException extends RuntimeException {
  private EmbeddedServerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Another process listens on the port that was asked for. */
  public static final class PortInUse extends EmbeddedServerException {
    PortInUse(String host, int port, @Nullable Throwable cause) {
      super("port %d on %s is in use by another process".formatted(port, host), cause);
    }
  }

  /** The data directory cannot be created, read or written. */
  public static final class DirectoryUnusable extends EmbeddedServerException {
    DirectoryUnusable(Path directory, String reason, @Nullable Throwable cause) {
      super("data directory %s cannot be used: %s".formatted(directory, reason), cause);
    }
  }

  /** Another server, in this process or in another one, works in the data directory. */
  public static final class DirectoryInUse extends EmbeddedServerException {
    DirectoryInUse(Path directory, String holder) {
      super("data directory %s is in use by %s".formatted(directory, holder), null);
    }
  }

  /** The server gave up while starting, or did not start or stop in time. */
  public static final class Failed extends EmbeddedServerException {
    Failed(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
