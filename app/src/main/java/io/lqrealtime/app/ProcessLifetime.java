package io.lqrealtime.app;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a long-running command has opened, closed in reverse order when the process is told to end
 * (SIGTERM, SIGINT) or a part of it fails.
 *
 * <p>The process's exit waits for the closing, at most {@value #LONGEST_CLOSE_SECONDS} seconds.
 */
public final class ProcessLifetime implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ProcessLifetime.class);
  private static final long LONGEST_CLOSE_SECONDS = 40 * 60;

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final CountDownLatch ending = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger exitCode = new AtomicInteger();

  public ProcessLifetime() {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("lq-shutdown")
                .unstarted(
                    () -> {
                      ending.countDown();
                      try {
                        if (!closed.await(LONGEST_CLOSE_SECONDS, TimeUnit.SECONDS)) {
                          log.warn("Not everything was closed in time");
                        }
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                    }));
  }

  /** Has something closed at the end. */
  public synchronized <T extends AutoCloseable> T open(T part) {
    opened.push(part);
    return part;
  }

  /** Ends the process, since a part of it can't go on. */
  public void fail(String reason) {
    log.error("Ending: {}", reason);
    exitCode.set(1);
    ending.countDown();
  }

  /** Whether the process is about to end: parts are being closed, or soon will be. */
  public boolean isEnding() {
    return ending.getCount() == 0;
  }

  /** Waits until the process is to end; returns its exit code. */
  public int await() throws InterruptedException {
    ending.await();
    return exitCode.get();
  }

  @Override
  public synchronized void close() {
    while (!opened.isEmpty()) {
      AutoCloseable part = opened.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.warn("{} did not close cleanly", part.getClass().getSimpleName(), e);
      }
    }
    closed.countDown();
  }
}
