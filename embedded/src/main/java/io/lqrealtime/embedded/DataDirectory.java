package io.lqrealtime.embedded;

import java.nio.file.Path;

/** Where an embedded server keeps its files, and whether they outlive it. */
public sealed interface DataDirectory {
  /** A directory that is created if it is missing and left alone when the server is closed. */
  record Kept(Path path) implements DataDirectory {
    public Kept {
      path = path.toAbsolutePath().normalize();
    }
  }

  /** A new directory under {@code java.io.tmpdir}, deleted when the server is closed. */
  record Temporary() implements DataDirectory {}
}
