package io.lqrealtime.presence.redis;

import static java.util.concurrent.CompletableFuture.failedFuture;

import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lqrealtime.presence.PresenceUnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pipelined connection to Redis (on a cluster, one to each node), for all calls of a kind.
 *
 * <p>A call never blocks and never waits for a connection: while there is none it fails at once. It
 * fails after the command timeout if the server does not answer, and at once if the bounded queue
 * of unanswered calls is full. Every failure is a {@link PresenceUnavailableException}. Connecting
 * for the first time is tried again and again with bounded pauses, so a server may come later than
 * its clients; Lettuce makes a connection that was lost again by itself. Nothing is replayed then:
 * what was under way has failed.
 */
final class RedisLink implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RedisLink.class);
  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;

  private final RedisClients clients;
  private final String name;

  /** Not yet, or connected, or closed. */
  private sealed interface State {
    record Connecting() implements State {}

    record Connected(RedisClients.Connection connection) implements State {}

    record Closed() implements State {}
  }

  private final Object lock = new Object();
  private volatile State state = new State.Connecting();

  RedisLink(RedisClients clients, String name) {
    this.clients = clients;
    this.name = name;
    connect(FIRST_PAUSE_MILLIS);
  }

  <T> CompletableFuture<T> call(
      Function<RedisClusterAsyncCommands<String, String>, CompletionStage<T>> command) {
    if (!(state instanceof State.Connected(RedisClients.Connection connection))) {
      return failedFuture(new PresenceUnavailableException("there is no connection to Redis"));
    }
    CompletionStage<T> answer;
    try {
      answer = command.apply(connection.commands());
    } catch (RedisException | RejectedExecutionException e) {
      return failedFuture(unavailable(e));
    }
    return answer
        .handle(
            (value, error) ->
                error == null
                    ? CompletableFuture.completedFuture(value)
                    : CompletableFuture.<T>failedFuture(unavailable(error)))
        .thenCompose(Function.identity())
        .toCompletableFuture();
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

  private void connect(long pauseMillis) {
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

  private void connected(RedisClients.Connection connection) {
    synchronized (lock) {
      if (state instanceof State.Connecting) {
        state = new State.Connected(connection);
        log.info("Connected to Redis for {}", name);
        return;
      }
    }
    connection.close();
  }

  private void connectLater(long pauseMillis, Throwable error) {
    if (state instanceof State.Closed) {
      return;
    }
    if (pauseMillis == FIRST_PAUSE_MILLIS) {
      log.warn("No connection to Redis for {} yet, trying on: {}", name, error.toString());
    }
    long next = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    clients.schedule(() -> connect(next), pauseMillis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    State last;
    synchronized (lock) {
      last = state;
      state = new State.Closed();
    }
    if (last instanceof State.Connected(RedisClients.Connection connection)) {
      connection.close();
    }
  }
}
