package io.lqrealtime.bench.load;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Says that a run is to end early, with what it has. For any thread; once raised it stays. */
public final class StopSignal {

  private final CountDownLatch raised = new CountDownLatch(1);

  public void raise() {
    raised.countDown();
  }

  public boolean isRaised() {
    return raised.getCount() == 0;
  }

  /**
   * Sleeps until this moment of {@link System#nanoTime}, or the signal; true if it was the signal.
   */
  public boolean sleepUntil(long nanos) {
    try {
      return raised.await(nanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      raise();
      return true;
    }
  }
}
