package io.lqrealtime.bench.load;

import io.lqrealtime.bench.client.SendOutcome;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends what a {@link Schedule} says, when it says so, one publisher after the other. When it comes
 * late it catches up without a pause, and the messages keep the time they were due. It sleeps and
 * does not spin: the core belongs to what is measured. A sleep is some 60 µs too long on Linux
 * (timer slack), which is reported as lag. A publisher whose socket is full holds up the others,
 * and that shows as lag as well.
 */
final class OpenLoop implements Runnable {

  private static final long LONGEST_SLEEP = 50_000_000;
  private static final long RETRY = 200_000;

  private final Schedule schedule;
  private final List<Publisher> publishers;
  private final int window;
  private final RunStats stats;
  private final StopSignal stop;
  private final long startNanos;
  private final long endNanos;

  /**
   * A loop.
   *
   * @param window how many messages of a publisher may be unanswered; {@link Integer#MAX_VALUE} for
   *     an open load
   */
  OpenLoop(
      Schedule schedule,
      List<Publisher> publishers,
      int window,
      RunStats stats,
      StopSignal stop,
      long startNanos,
      long endNanos) {
    this.schedule = schedule;
    this.publishers = publishers;
    this.window = window;
    this.stats = stats;
    this.stop = stop;
    this.startNanos = startNanos;
    this.endNanos = endNanos;
  }

  @Override
  public void run() {
    for (long burst = 0; ; burst++) {
      long due = startNanos + schedule.dueNanos(burst);
      if (due - endNanos >= 0 || !sleepUntil(due)) {
        return;
      }
      send(publishers.get((int) (burst % publishers.size())), due);
    }
  }

  private boolean sleepUntil(long due) {
    while (!stop.isRaised()) {
      long left = due - System.nanoTime();
      if (left <= 0) {
        return true;
      }
      LockSupport.parkNanos(Math.min(left, LONGEST_SLEEP));
    }
    return false;
  }

  private void send(Publisher publisher, long due) {
    while (!stop.isRaised()) {
      long now = System.nanoTime();
      if (publisher.outstanding() < window) {
        // A load bounded by answers cannot promise a time, so there a message is due when it may
        // go.
        SendOutcome outcome =
            publisher.offer(window == Integer.MAX_VALUE ? due : now, schedule.burst());
        if (outcome.taken()) {
          stats.at(due).sendLag.add(System.nanoTime() - due);
          return;
        }
        if (outcome == SendOutcome.NOT_OPEN) {
          stats.unsent.add(schedule.burst());
          return;
        }
      }
      if (now - endNanos >= 0) {
        stats.unsent.add(schedule.burst());
        return;
      }
      LockSupport.parkNanos(RETRY);
    }
  }
}
