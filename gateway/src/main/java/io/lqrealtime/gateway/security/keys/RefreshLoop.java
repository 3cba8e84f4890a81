package io.lqrealtime.gateway.security.keys;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Has a JWK Set read again by a plan, on a daemon thread of its own. {@link #soon} may be called by
 * any thread as often as it likes; it neither blocks nor allocates.
 */
final class RefreshLoop implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Reading reading;
  private final RefreshPlan plan;
  private final AtomicBoolean asked = new AtomicBoolean();
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;

  /** One reading; tells whether it came to something. */
  @FunctionalInterface
  interface Reading {
    boolean read() throws InterruptedException;
  }

  private RefreshLoop(Reading reading, RefreshPlan.Times times) {
    this.reading = reading;
    this.plan = new RefreshPlan(times, System.nanoTime());
    this.thread = Thread.ofPlatform().name("lq-gateway-keys").daemon().unstarted(this::run);
  }

  static RefreshLoop start(Reading reading, RefreshPlan.Times times) {
    RefreshLoop loop = new RefreshLoop(reading, times);
    loop.thread.start();
    return loop;
  }

  /** A key was missed: the next reading may be sooner. */
  void soon() {
    // Only the first one after a reading wakes the thread, so that a flood costs it nothing.
    if (!asked.get() && asked.compareAndSet(false, true)) {
      wake.release();
    }
  }

  private void run() {
    try {
      while (true) {
        long wait = plan.wait(System.nanoTime(), asked.get());
        if (wait > 0) {
          if (wake.tryAcquire(wait, TimeUnit.NANOSECONDS)) {
            wake.drainPermits();
          }
          continue;
        }
        // Before the reading: a key that is missed meanwhile may have come after it was read.
        asked.set(false);
        boolean good = reading.read();
        if (good) {
          plan.succeeded(System.nanoTime());
        } else {
          plan.failed(System.nanoTime());
        }
      }
    } catch (InterruptedException e) {
      // Closed.
      return;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
