package io.lqrealtime.router.streams;

import io.lqrealtime.router.sweep.GatewaySweeper;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a sweeper every third of a lease time on a daemon thread, until it is closed. */
final class SweeperThread implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SweeperThread.class);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final Thread thread;

  SweeperThread(GatewaySweeper sweeper, Duration leaseTime) {
    Duration period = leaseTime.dividedBy(3);
    this.thread =
        Thread.ofPlatform().daemon().name("lq-router-sweeper").start(() -> run(sweeper, period));
  }

  private static void run(GatewaySweeper sweeper, Duration period) {
    try {
      while (true) {
        sweeper.tick();
        Thread.sleep(period);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      if (!thread.join(CLOSE_WITHIN)) {
        LOG.warn("The sweeper did not end within {}", CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
