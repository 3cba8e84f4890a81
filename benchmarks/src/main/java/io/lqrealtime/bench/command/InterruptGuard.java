package io.lqrealtime.bench.command;

import io.lqrealtime.bench.load.StopSignal;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Until {@link #finished}, Ctrl-C (or SIGTERM) ends the run with what it has measured: the process
 * waits until the report is out, {@link #PATIENCE_SECONDS} at most.
 */
final class InterruptGuard {

  private static final long PATIENCE_SECONDS = 30;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook;

  InterruptGuard(StopSignal stop) {
    hook =
        new Thread(
            () -> {
              stop.raise();
              try {
                done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "bench-interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The report is out. */
  void finished() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The hook is running: this is the interrupt it waits for, and nothing is left to remove.
    }
  }
}
