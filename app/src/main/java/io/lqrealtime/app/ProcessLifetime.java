package io.lqrealtime.app;

import io.lqrealtime.app.log.BackgroundLog;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a long-running command has opened, closed in reverse order when the process is told to end
 * (SIGTERM, SIGINT) or a part of it fails.
 *
 * <p>The process's exit waits for the closing, for a minute and what parts have asked for beside.
 */
public final class ProcessLifetime implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ProcessLifetime.class);
  private static final Duration CLOSE_WITHIN = Duration.ofMinutes(1);
  private static final Duration TELL_WITHIN = Duration.ofSeconds(3);
  private static final long INTERRUPT_EVERY_MILLIS = 100;

  /** Opens what a process consists of. */
  @FunctionalInterface
  public interface Start {
    void start(ProcessLifetime lifetime) throws Exception;
  }

  private final IntConsumer halt;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final CountDownLatch ending = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger exitCode = new AtomicInteger();
  private volatile Duration closeWithin;

  /** What is logged from the start on. */
  private volatile @Nullable BackgroundLog background;

  /** Who is to be interrupted by a signal. */
  private @Nullable Thread starter;

  /** For a part of a process, whose end nobody needs to be sure of. */
  public ProcessLifetime() {
    this(CLOSE_WITHIN, code -> {});
  }

  /**
   * @param halt ends the process, with an exit code, where something does not close in time
   */
  ProcessLifetime(Duration closeWithin, IntConsumer halt) {
    this.closeWithin = closeWithin;
    this.halt = halt;
  }

  /**
   * Runs the process until it is told to end; returns its exit code, with everything closed. To be
   * called once.
   *
   * @throws Exception what the start threw, unless the process had been told to end by then
   */
  public static int run(Start start) throws Exception {
    try (ProcessLifetime lifetime = new ProcessLifetime(CLOSE_WITHIN, Runtime.getRuntime()::halt)) {
      try {
        Runtime.getRuntime()
            .addShutdownHook(
                Thread.ofPlatform().name("lq-shutdown").unstarted(lifetime::endByASignal));
      } catch (IllegalStateException e) {
        log.debug("Told to end before anything had begun", e);
        return 0;
      }
      return lifetime.runUntilItEnds(start);
    }
  }

  int runUntilItEnds(Start start) throws Exception {
    background = BackgroundLog.begin();
    try {
      start.start(this);
    } catch (Exception | LinkageError e) {
      if (!isEnding()) {
        throw e;
      }
      log.info("Told to end before it had started");
      log.debug("What the start was at", e);
    } finally {
      started();
    }
    return await();
  }

  /** Returns when everything is closed, or that takes too long. */
  void endByASignal() {
    ending.countDown();
    long end = System.nanoTime() + closeWithin.toNanos();
    try {
      // Again and again: there are libraries that swallow an interrupt.
      do {
        interruptStart();
        if (closed.await(INTERRUPT_EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
      } while (System.nanoTime() - end < 0);
      tellThatItIsLate();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void interruptStart() {
    if (starter != null) {
      starter.interrupt();
    }
  }

  /**
   * Has a signal interrupt the calling thread until the start is over: from here on it waits for
   * others, and what it opens stands being left.
   *
   * @throws InterruptedException if the process has been told to end already
   */
  public synchronized void startInterruptibly() throws InterruptedException {
    if (isEnding()) {
      throw new InterruptedException("told to end");
    }
    starter = Thread.currentThread();
  }

  private synchronized void started() {
    starter = null;
    // It is not for what comes now.
    Thread.interrupted();
  }

  /** Has something closed at the end. */
  public synchronized <T extends AutoCloseable> T open(T part) {
    opened.push(part);
    return part;
  }

  /** A part needs so much longer to close than parts usually do. */
  public synchronized void extendClosing(Duration by) {
    closeWithin = closeWithin.plus(by);
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
  private int await() throws InterruptedException {
    ending.await();
    return exitCode.get();
  }

  @Override
  public void close() {
    Thread.ofPlatform().daemon().name("lq-close-bound").start(this::haltIfLate);
    closeAll();
    writeLog();
    closed.countDown();
  }

  private void writeLog() {
    BackgroundLog log = background;
    if (log != null) {
      log.close();
    }
  }

  private void haltIfLate() {
    try {
      // A signal's own wait ends first: then the exit code says that it was one.
      if (!closed.await(closeWithin.plusSeconds(5).toNanos(), TimeUnit.NANOSECONDS)) {
        tellThatItIsLate();
        halt.accept(1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Not for long: it may be the log that is waited for. */
  private void tellThatItIsLate() throws InterruptedException {
    Thread.ofPlatform()
        .daemon()
        .name("lq-close-late")
        .start(
            () -> {
              log.error(
                  "Not everything was closed within {} s: ending as it is",
                  closeWithin.toSeconds());
              writeLog();
            })
        .join(TELL_WITHIN);
  }

  private void closeAll() {
    for (AutoCloseable part = next(); part != null; part = next()) {
      try {
        part.close();
      } catch (Exception e) {
        log.warn("{} did not close cleanly", part.getClass().getSimpleName(), e);
      }
    }
  }

  private synchronized @Nullable AutoCloseable next() {
    return opened.poll();
  }
}
