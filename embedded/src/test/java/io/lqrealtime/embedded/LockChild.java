package io.lqrealtime.embedded;

import java.nio.file.Path;

/** Locks a directory, says so, and waits to be killed. */
final class LockChild {
  private LockChild() {}

  public static void main(String[] arguments) throws Exception {
    try (DirectoryLock lock = DirectoryLock.acquire(Path.of(arguments[0]))) {
      System.out.println("locked");
      while (System.in.read() >= 0) {
        // Whoever started this process still holds the other end.
      }
    } catch (EmbeddedServerException.DirectoryInUse e) {
      // Ends without a word, which is its answer.
    }
  }
}
