package io.lqrealtime.router.streams;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces a thread that died, so that what passes (a broker that comes back, a task that moved)
 * needs no hand; after {@link #BOUND} deaths a thread within {@link #WINDOW} nothing passes any
 * more, and the router stops. So it does at once if the inbound log is gone.
 *
 * <p>Called by the dying thread.
 */
final class ThreadFailures implements StreamsUncaughtExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ThreadFailures.class);

  static final int BOUND = 20;
  static final Duration WINDOW = Duration.ofMinutes(2);

  private final int bound;
  private final Consumer<String> stopped;
  private final LongSupplier nanoClock;
  private final Deque<Long> deaths = new ArrayDeque<>();

  /**
   * @param threads of the router: a broker that goes takes all of them at once
   * @param stopped told why before the router stops
   */
  ThreadFailures(int threads, Consumer<String> stopped, LongSupplier nanoClock) {
    this.bound = threads * BOUND;
    this.stopped = stopped;
    this.nanoClock = nanoClock;
  }

  @Override
  public synchronized StreamThreadExceptionResponse handle(Throwable exception) {
    long now = nanoClock.getAsLong();
    while (!deaths.isEmpty() && now - deaths.peek() > WINDOW.toNanos()) {
      deaths.remove();
    }
    deaths.add(now);
    if (exception instanceof MissingSourceTopicException) {
      stopped.accept("the inbound topic is gone");
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    if (exception instanceof Error || deaths.size() > bound) {
      LOG.error("A router thread died, and is not replaced", exception);
      stopped.accept(
          exception instanceof Error
              ? "a thread died of " + exception
              : deaths.size() + " threads died within " + WINDOW + ", the last of " + exception);
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    LOG.warn("A router thread died, and is replaced", exception);
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }
}
