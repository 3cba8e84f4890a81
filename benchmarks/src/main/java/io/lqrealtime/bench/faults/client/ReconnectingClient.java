package io.lqrealtime.bench.faults.client;

import io.lqrealtime.bench.client.ConnectRequest;
import io.lqrealtime.bench.client.Connection;
import io.lqrealtime.bench.client.ConnectionHandler;
import io.lqrealtime.bench.client.Ending;
import io.lqrealtime.bench.client.HandshakeResponse;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client that wants to be connected: it connects to one endpoint after the other, waits longer
 * from one failure to the next, pings, and drops a connection that has gone silent. For any thread:
 * all that it does is under its own lock. Whoever owns it calls {@link #tick} many times a second.
 *
 * <p>Frames of a connection that it has given up are not seen any more.
 */
abstract class ReconnectingClient {
  private static final long LEAST_BACKOFF = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long MOST_BACKOFF = TimeUnit.SECONDS.toNanos(3);
  private static final long PING_EVERY = TimeUnit.SECONDS.toNanos(3);
  private static final long SILENT_AFTER = TimeUnit.SECONDS.toNanos(10);

  final String name;
  final String tenant;
  final String user;
  final Random random;
  final Setting setting;

  private @Nullable Life life;
  private boolean stopped;
  private int next;
  private int failures;
  private long connectAt = System.nanoTime();

  ReconnectingClient(Setting setting, String name, String tenant, String user, long seed) {
    this.setting = setting;
    this.name = name;
    this.tenant = tenant;
    this.user = user;
    this.random = new Random(seed);
    this.next = random.nextInt(setting.endpoints().size());
  }

  /** Writes down that it is to get all of a channel, so that one that never asks is missed. */
  final void noteReads(String channel) {
    setting
        .history()
        .write(
            name,
            "reads",
            json -> {
              json.writeStringField("tenant", tenant);
              json.writeStringField("channel", channel);
            });
  }

  /** One connection, from the attempt to the end. */
  private final class Life implements ConnectionHandler {
    private final Endpoint endpoint;
    private @Nullable Connection connection;
    private boolean open;
    private boolean welcomed;
    private boolean paused;
    private long heardAt = System.nanoTime();
    private long pingedAt = heardAt;

    Life(Endpoint endpoint) {
      this.endpoint = endpoint;
    }

    @Override
    public void opened(Connection opened, HandshakeResponse response) {
      synchronized (ReconnectingClient.this) {
        if (life != this) {
          opened.abort();
          return;
        }
        open = true;
        connection = opened;
        heardAt = System.nanoTime();
      }
    }

    @Override
    public void text(Connection from, byte[] bytes, int offset, int length) {
      synchronized (ReconnectingClient.this) {
        if (life != this) {
          return;
        }
        heardAt = System.nanoTime();
        ServerFrame frame = ServerFrame.of(bytes, offset, length);
        if (frame.type().equals("welcome")) {
          failures = 0;
          welcomed = true;
          setting
              .history()
              .write(
                  name,
                  "connect",
                  json -> {
                    json.writeStringField("tenant", tenant);
                    json.writeStringField("user", user);
                    json.writeStringField("gateway", endpoint.gateway());
                  });
          connected();
        } else {
          frame(frame);
        }
      }
    }

    @Override
    public void ended(Connection ended, Ending ending) {
      synchronized (ReconnectingClient.this) {
        if (life == this) {
          over(ending.code(), ending.toString());
        }
      }
    }

    /** Ends it here and now, whatever the connection does after that. */
    private void over(int code, String reason) {
      life = null;
      if (welcomed) {
        setting
            .history()
            .write(
                name,
                "closed",
                json -> {
                  json.writeNumberField("code", code);
                  json.writeStringField("reason", reason);
                });
        disconnected();
      } else {
        setting
            .history()
            .write(
                name,
                "unreached",
                json -> {
                  json.writeStringField("gateway", endpoint.gateway());
                  json.writeStringField("reason", reason);
                });
      }
      failures++;
      long most = Math.min(MOST_BACKOFF, LEAST_BACKOFF << Math.min(failures, 10));
      connectAt = System.nanoTime() + LEAST_BACKOFF + (long) (random.nextDouble() * most);
    }
  }

  // ---- what a client is made of; all called under the lock ----

  /** The server has welcomed it. */
  abstract void connected();

  abstract void frame(ServerFrame frame);

  abstract void disconnected();

  /** What is due now; only while connected. */
  abstract void due(long now);

  /** What it does of its own accord; also while it does not read. */
  void mood(long now) {}

  /** Sends a frame; false where it can't go out. */
  final boolean send(String text) {
    Life current = life;
    if (current == null || current.connection == null) {
      return false;
    }
    return current.connection.sendText(text).taken();
  }

  /** Drops the connection without a word, as when the client's machine vanished. */
  final synchronized void abort(String reason) {
    Life current = life;
    if (current != null) {
      Connection connection = current.connection;
      current.over(Ending.ABNORMAL, reason);
      if (connection != null) {
        connection.abort();
      }
    }
  }

  /** Closes the connection, and goes elsewhere. */
  final synchronized void leave() {
    Life current = life;
    if (current != null && current.connection != null) {
      Connection connection = current.connection;
      current.over(1000, "left");
      connection.close(1000, "bye");
    }
  }

  /** Stops reading; {@link #resumeReading} goes on. A connection that is made meanwhile reads. */
  final synchronized void pauseReading() {
    Life current = life;
    if (current != null && current.connection != null && !current.paused) {
      current.paused = true;
      current.connection.pauseReading();
    }
  }

  final synchronized void resumeReading() {
    Life current = life;
    if (current != null && current.connection != null && current.paused) {
      current.paused = false;
      current.heardAt = System.nanoTime();
      current.connection.resumeReading();
    }
  }

  final synchronized boolean isConnected() {
    Life current = life;
    return current != null && current.welcomed;
  }

  /** Connects where it is time to, pings, and does what is due. */
  final synchronized void tick() {
    long now = System.nanoTime();
    Life current = life;
    if (current == null) {
      if (!stopped && now - connectAt >= 0) {
        connect();
      }
      return;
    }
    if (!current.open) {
      return;
    }
    if (current.welcomed) {
      mood(now);
    }
    if (life != current || current.paused) {
      return;
    }
    if (now - current.heardAt > SILENT_AFTER) {
      abort("silent for 10 s");
      return;
    }
    if (now - current.pingedAt > PING_EVERY) {
      current.pingedAt = now;
      send("{\"type\":\"ping\",\"payload\":1}");
    }
    if (current.welcomed) {
      due(now);
    }
  }

  private void connect() {
    Endpoint endpoint = setting.endpoints().get(next++ % setting.endpoints().size());
    Life begun = new Life(endpoint);
    life = begun;
    ConnectRequest request =
        ConnectRequest.to(endpoint.uri()).bearer(setting.tokens().of(tenant, user));
    begun.connection = setting.sockets().connect(request, begun);
  }

  /** Does not connect again. The history has nothing of what comes after. */
  final synchronized void stop() {
    stopped = true;
    Life current = life;
    if (current != null && current.connection != null) {
      Connection connection = current.connection;
      current.over(1000, "the run is over");
      connection.close(1000, "bye");
    }
  }
}
