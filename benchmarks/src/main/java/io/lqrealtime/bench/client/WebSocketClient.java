package io.lqrealtime.bench.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Opens WebSocket connections and serves them with a few daemon threads. For any thread.
 *
 * <p>How many connections at once and how fast is the caller's to bound: {@link #connect} starts a
 * connect and returns.
 */
public final class WebSocketClient implements AutoCloseable {

  private final List<EventLoop> loops;
  private final AtomicInteger next = new AtomicInteger();
  private volatile boolean closed;

  private WebSocketClient(List<EventLoop> loops) {
    this.loops = loops;
  }

  /** With one thread and {@link ClientOptions#defaults}. */
  public static WebSocketClient start() {
    return start(ClientOptions.defaults());
  }

  /**
   * Starts the threads.
   *
   * @throws UncheckedIOException where the system has no selector left (file descriptors)
   */
  public static WebSocketClient start(ClientOptions options) {
    List<EventLoop> loops = new ArrayList<>();
    try {
      for (int i = 0; i < options.threads(); i++) {
        loops.add(new EventLoop(options, "websocket-client-" + i));
      }
    } catch (IOException e) {
      // Started and stopped at once, since a loop closes its selector at its end.
      loops.forEach(EventLoop::start);
      loops.forEach(EventLoop::stop);
      throw new UncheckedIOException(e);
    }
    loops.forEach(EventLoop::start);
    return new WebSocketClient(List.copyOf(loops));
  }

  /**
   * As {@link #connect(ConnectRequest, ConnectionHandler)}, with a bearer token (none if empty).
   */
  public Connection connect(URI uri, String token, ConnectionHandler handler) {
    return connect(ConnectRequest.to(uri).bearer(token), handler);
  }

  /**
   * Starts to connect. All that follows, failure too, comes to the handler.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public Connection connect(ConnectRequest request, ConnectionHandler handler) {
    if (closed) {
      throw new IllegalStateException("the client is closed");
    }
    EventLoop loop = loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    Connection connection = new Connection(loop, handler);
    loop.execute(() -> connection.begin(request));
    return connection;
  }

  /**
   * Drops every connection, without a close frame, and ends the threads. What handlers have written
   * is visible to the caller afterwards.
   */
  @Override
  public void close() {
    closed = true;
    loops.forEach(EventLoop::stop);
  }
}
