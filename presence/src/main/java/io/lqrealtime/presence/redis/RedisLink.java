package io.lqrealtime.presence.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lqrealtime.presence.PresenceUnavailableException;
import io.lqrealtime.presence.redis.RedisClients.Connection;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipelined connection to Redis (on a cluster, one to each node), for all calls of a kind.
 *
 * <p>A call never blocks and never waits for a connection: while there is none it fails at once. It
 * fails after the command timeout if the server does not answer, and at once if the bounded queue
 * of unanswered calls is full. Every failure is a {@link PresenceUnavailableException}.
 *
 * <p>While the server has been silent for more than a command timeout, one call at a time goes out
 * to it and the others fail at once: nobody waits for an answer that is not to be expected, and
 * what has timed out here but still waits there does not pile up.
 *
 * <p>Connecting for the first time is tried again and again with bounded pauses, so a server may
 * come later than its clients. Lettuce makes a connection that ended again by itself. One that does
 * not end and does not answer either (a peer that vanished without a word, to which TCP would go on
 * sending for a quarter of an hour) is replaced after {@value #TIMEOUTS_UNTIL_DEAD} command
 * timeouts of silence. Nothing is replayed: what was under way has failed.
 */
final class RedisLink implements AutoCloseable {
  private static final int MOST_CAUSES = 4;
  private static final Logger log = LoggerFactory.getLogger(RedisLink.class);
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long TELL_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int TIMEOUTS_UNTIL_DEAD = 10;
  private static final long ANSWERING = Long.MIN_VALUE;

  private sealed interface State {
    /**
     * @param again whether there was a connection before
     */
    record Connecting(boolean again) implements State {}

    record Connected(Connection connection) implements State {}

    record Closed() implements State {}
  }

  private final RedisClients clients;
  private final String name;
  private final int maxUnderWay;
  private final long silentAfterNanos;
  private final long deadAfterNanos;
  private final AtomicInteger underWay = new AtomicInteger();
  private final LongAdder refused = new LongAdder();
  private final Object lock = new Object();

  // Guarded by the lock: the last reason that was told for there being no connection.
  private String toldReasons = "";
  private long toldNanos;

  private volatile State state = new State.Connecting(false);

  /** When the silence began: the first timeout after the last answer; else ANSWERING. */
  private volatile long silentSince = ANSWERING;

  RedisLink(RedisClients clients, String name, RedisConfig config) {
    this.clients = clients;
    this.name = name;
    this.maxUnderWay = config.queue();
    this.silentAfterNanos = config.commandTimeout().toNanos();
    this.deadAfterNanos = TIMEOUTS_UNTIL_DEAD * silentAfterNanos;
    connect(FIRST_PAUSE_MILLIS);
  }

  <T> CompletableFuture<T> call(
      Function<RedisClusterAsyncCommands<String, String>, CompletionStage<T>> command) {
    if (!(state instanceof State.Connected(Connection connection))) {
      return failedFuture(new PresenceUnavailableException("there is no connection to Redis"));
    }
    if (underWay.incrementAndGet() > (isSilent() ? 1 : maxUnderWay)) {
      underWay.decrementAndGet();
      refused.increment();
      return failedFuture(
          new PresenceUnavailableException(
              isSilent() ? "Redis does not answer" : "too many calls to Redis are unanswered"));
    }
    CompletionStage<T> answer;
    try {
      answer = command.apply(connection.commands());
    } catch (RedisException | RejectedExecutionException e) {
      underWay.decrementAndGet();
      return failedFuture(unavailable(e));
    }
    return answer
        .handle(
            (value, error) -> {
              underWay.decrementAndGet();
              if (error == null) {
                silentSince = ANSWERING;
                return completedFuture(value);
              }
              if (error instanceof RedisCommandTimeoutException) {
                timedOut(connection);
              }
              return CompletableFuture.<T>failedFuture(unavailable(error));
            })
        .thenCompose(Function.identity())
        .toCompletableFuture();
  }

  /** Shows in a registry how full the queue is, and how often it was. */
  void watch(MeterRegistry registry) {
    Gauge.builder("lq.redis.calls", underWay, AtomicInteger::get)
        .tag("link", name)
        .description("Calls to Redis without an answer")
        .register(registry);
    FunctionCounter.builder("lq.redis.calls.refused", refused, LongAdder::sum)
        .tag("link", name)
        .description("Calls to Redis that were not made: too many had no answer, or none came")
        .register(registry);
  }

  private boolean isSilent() {
    long since = silentSince;
    return since != ANSWERING && System.nanoTime() - since > silentAfterNanos;
  }

  private static PresenceUnavailableException unavailable(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    String message =
        cause instanceof RedisCommandTimeoutException
            ? "Redis did not answer in time"
            : "Redis did not do it: " + cause.getMessage();
    return new PresenceUnavailableException(message, cause);
  }

  private void timedOut(Connection connection) {
    long now = System.nanoTime();
    synchronized (lock) {
      if (silentSince == ANSWERING) {
        silentSince = now;
      }
      boolean dead =
          now - silentSince > deadAfterNanos
              && state instanceof State.Connected(Connection current)
              && current.equals(connection);
      if (!dead) {
        return;
      }
      state = new State.Connecting(true);
      silentSince = ANSWERING;
    }
    log.warn("Redis has been silent on the connection for {}: replacing it", name);
    connection.close();
    connect(FIRST_PAUSE_MILLIS);
  }

  private void connect(long pauseMillis) {
    var _ =
        clients
            .connect()
            .whenComplete(
                (connection, error) -> {
                  if (error == null) {
                    connected(connection);
                  } else {
                    connectLater(pauseMillis, error);
                  }
                });
  }

  private void connected(Connection connection) {
    boolean again;
    synchronized (lock) {
      if (!(state instanceof State.Connecting connecting)) {
        connection.close();
        return;
      }
      again = connecting.again();
      state = new State.Connected(connection);
    }
    log.info("Connected to Redis for {}", name);
    if (again) {
      clients.disrupted();
    }
  }

  /** With its causes: Lettuce's own message says no more than that it could not connect. */
  private static String reasons(Throwable error) {
    StringBuilder reasons = new StringBuilder(error.toString());
    Throwable cause = error.getCause();
    for (int i = 0; cause != null && i < MOST_CAUSES; i++) {
      reasons.append(": ").append(cause);
      cause = cause.getCause();
    }
    return reasons.toString();
  }

  private void connectLater(long pauseMillis, Throwable error) {
    if (state instanceof State.Closed) {
      return;
    }
    tell(reasons(error), pauseMillis == FIRST_PAUSE_MILLIS);
    long next = Math.min(2 * pauseMillis, RedisClients.LONGEST_PAUSE.toMillis());
    clients.schedule(() -> connect(next), pauseMillis, TimeUnit.MILLISECONDS);
  }

  /**
   * The reason for the first failure, and any other for the ones after it: on a busy machine the
   * first may be no more than that it took too long.
   */
  private void tell(String reasons, boolean first) {
    long now = System.nanoTime();
    synchronized (lock) {
      boolean another = !reasons.equals(toldReasons) && now - toldNanos > TELL_AGAIN_NANOS;
      if (!first && !another) {
        return;
      }
      toldReasons = reasons;
      toldNanos = now;
    }
    log.warn("No connection to Redis for {}, trying on: {}", name, reasons);
  }

  /** Refuses calls from now on; the connection itself ends with {@link RedisClients}. */
  @Override
  public void close() {
    synchronized (lock) {
      state = new State.Closed();
    }
  }
}
