package io.lqrealtime.embedded;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes and unmakes data directories. */
final class Directories {
  private static final Logger LOG = LoggerFactory.getLogger(Directories.class);

  private Directories() {}

  /** Makes the directory and proves that it can be written. */
  static Path create(DataDirectory directory) {
    return switch (directory) {
      case DataDirectory.Kept kept -> createKept(kept.path());
      case DataDirectory.Temporary _ -> createTemporary();
    };
  }

  /** Deletes what {@link #create} made, unless it is to be kept. */
  static void release(DataDirectory directory, Path created) {
    switch (directory) {
      case DataDirectory.Kept _ -> {}
      case DataDirectory.Temporary _ -> {
        try {
          deleteAll(created);
        } catch (IOException e) {
          LOG.warn("Could not delete the temporary directory {}", created, e);
        }
      }
    }
  }

  private static Path createKept(Path path) {
    try {
      Files.createDirectories(path);
      Files.delete(Files.createTempFile(path, ".writable", null));
      return path;
    } catch (FileAlreadyExistsException e) {
      throw new EmbeddedServerException.DirectoryUnusable(path, "it is a file", e);
    } catch (IOException e) {
      throw new EmbeddedServerException.DirectoryUnusable(path, e.toString(), e);
    }
  }

  private static Path createTemporary() {
    try {
      return Files.createTempDirectory("lq-embedded-");
    } catch (IOException e) {
      throw new EmbeddedServerException.DirectoryUnusable(
          Path.of(System.getProperty("java.io.tmpdir", "/tmp")), e.toString(), e);
    }
  }

  /** Deletes a directory with all that is in it; a missing one is fine. Follows no links. */
  static void deleteAll(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
