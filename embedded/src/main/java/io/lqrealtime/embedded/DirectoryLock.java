package io.lqrealtime.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One server at a time works in a directory. The operating system drops the lock when its holder
 * dies, however it dies.
 *
 * <p>The broker has a lock of its own but takes it after it has opened its metadata log, which is
 * too late for a log that another broker is writing.
 */
final class DirectoryLock implements AutoCloseable {
  private static final String FILE = "owner.lock";

  /**
   * Locked by this process. POSIX drops a process's lock on a file when the process closes any
   * descriptor of that file, so that a second attempt must not even open it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private DirectoryLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static DirectoryLock acquire(Path directory) {
    try {
      Path file = directory.toRealPath().resolve(FILE);
      if (!HELD.add(file)) {
        throw new EmbeddedServerException.DirectoryInUse(directory, "this process");
      }
      try {
        return new DirectoryLock(file, lock(directory, file));
      } catch (IOException | RuntimeException e) {
        HELD.remove(file);
        throw e;
      }
    } catch (IOException e) {
      throw new EmbeddedServerException.DirectoryUnusable(directory, e.toString(), e);
    }
  }

  private static FileChannel lock(Path directory, Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        String holder = Files.readString(file, StandardCharsets.US_ASCII).strip();
        throw new EmbeddedServerException.DirectoryInUse(directory, "process " + holder);
      }
      byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
      channel.truncate(0).write(ByteBuffer.wrap(pid));
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + file, e);
    } finally {
      HELD.remove(file);
    }
  }
}
