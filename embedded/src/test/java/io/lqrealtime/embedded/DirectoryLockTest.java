package io.lqrealtime.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DirectoryLockTest {
  @TempDir private Path directory;

  @Test
  void acquire_heldByAnotherProcess_namesDirectoryAndProcess_untilThatIsKilled() throws Exception {
    try (ChildJvm child = ChildJvm.run(LockChild.class, directory.toString())) {
      assertThat(child.nextLine()).isEqualTo("locked");

      assertThatThrownBy(() -> DirectoryLock.acquire(directory))
          .isInstanceOf(EmbeddedServerException.DirectoryInUse.class)
          .hasMessageContaining(directory.toString())
          .hasMessageContaining("process " + child.pid());
    }
    DirectoryLock.acquire(directory).close();
  }

  @Test
  void acquire_refusedInThisProcess_leavesTheLockToItsHolder() throws Exception {
    try (DirectoryLock held = DirectoryLock.acquire(directory)) {
      assertThatThrownBy(() -> DirectoryLock.acquire(directory))
          .isInstanceOf(EmbeddedServerException.DirectoryInUse.class)
          .hasMessageContaining("this process");

      try (ChildJvm child = ChildJvm.run(LockChild.class, directory.toString())) {
        assertThatThrownBy(child::nextLine).hasMessageContaining("without a word");
      }
    }
  }
}
