package io.lqrealtime.app.dev;

import io.lqrealtime.embedded.EmbeddedRedis;
import io.lqrealtime.embedded.EmbeddedServerException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts {@code dev}'s redis-server again, on the same port, when it has ended by itself: presence
 * then comes back without a hand. Pauses from {@link #FIRST_PAUSE} to {@link #LONGEST_PAUSE} lie
 * between tries; a server that stayed up for longer than the longest pause begins anew with the
 * first.
 *
 * <p>To be closed before the server is. Closing waits for a try that is under way.
 */
public final class RedisSupervisor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisSupervisor.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final EmbeddedRedis redis;
  private final Thread thread;

  private RedisSupervisor(EmbeddedRedis redis) {
    this.redis = redis;
    this.thread = Thread.ofPlatform().daemon().name("lq-dev-redis").unstarted(this::run);
  }

  public static RedisSupervisor start(EmbeddedRedis redis) {
    RedisSupervisor supervisor = new RedisSupervisor(redis);
    supervisor.thread.start();
    return supervisor;
  }

  private void run() {
    Duration pause = FIRST_PAUSE;
    long upSince = System.nanoTime();
    try {
      while (true) {
        Thread.sleep(LOOK_EVERY);
        if (redis.isRunning()) {
          continue;
        }
        if (System.nanoTime() - upSince > LONGEST_PAUSE.toNanos()) {
          pause = FIRST_PAUSE;
        }
        Thread.sleep(pause);
        pause = longer(pause);
        if (startAgain()) {
          upSince = System.nanoTime();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean startAgain() throws InterruptedException {
    try {
      redis.start();
      log.info("redis-server had ended, and runs again on port {}", redis.port());
      return true;
    } catch (EmbeddedServerException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      log.warn(
          "redis-server ended and can't be started again, which is tried on: {}", e.getMessage());
      return false;
    }
  }

  private static Duration longer(Duration pause) {
    Duration next = pause.multipliedBy(2);
    return next.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : next;
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
