package io.lqrealtime.gateway.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.undertow.server.AbstractServerConnection;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;

/**
 * Bounds the time from a socket's accept until the head of its request is whole, TLS handshake
 * included. Who takes longer gets 408 (RFC 9110) and an end, and is counted: Undertow's own limits
 * end such a socket without a word to anyone. Who has to go before, because others come, gets 503.
 */
final class RequestDeadline {
  private static final byte[] TIMEOUT = emptyAnswer("408 Request Timeout");

  private static final byte[] CROWDED = emptyAnswer("503 Service Unavailable\r\nRetry-After: 5");

  private final long millis;
  private final Runnable onLate;

  /** The sockets without a request; as many as the port takes at the most. */
  private final Map<StreamConnection, XnioExecutor.Key> waiting = new ConcurrentHashMap<>();

  /**
   * @param onLate called for each socket that took too long, on its I/O thread
   */
  RequestDeadline(Duration time, Runnable onLate) {
    this.millis = time.toMillis();
    this.onLate = onLate;
  }

  /** Starts the time of each socket and hands it on. */
  ChannelListener<StreamConnection> from(ChannelListener<StreamConnection> next) {
    return channel -> {
      waiting.put(
          channel,
          channel.getIoThread().executeAfter(() -> expire(channel), millis, TimeUnit.MILLISECONDS));
      next.handleEvent(channel);
      if (waiting.containsKey(channel)) {
        // Added to the server's own listener: setting one takes no other away.
        channel.setCloseListener(closed -> forget(channel));
        if (!channel.isOpen()) {
          forget(channel);
        }
      }
    };
  }

  /** Ends the time of a socket whose request has come, and hands that on. */
  HttpHandler until(HttpHandler next) {
    return exchange -> {
      forget(channelOf(exchange));
      next.handleRequest(exchange);
    };
  }

  private static StreamConnection channelOf(HttpServerExchange exchange) {
    return ((AbstractServerConnection) exchange.getConnection()).getChannel();
  }

  /** Returns whether there was no request yet. */
  private boolean forget(StreamConnection channel) {
    XnioExecutor.Key timer = waiting.remove(channel);
    if (timer != null) {
      timer.remove();
    }
    return timer != null;
  }

  private void expire(StreamConnection channel) {
    if (waiting.remove(channel) == null || !channel.isOpen()) {
      return;
    }
    onLate.run();
    end(channel, TIMEOUT);
  }

  /** Ends a socket that is still open before its time; on its I/O thread. */
  void sendAway(StreamConnection channel) {
    if (forget(channel)) {
      end(channel, CROWDED);
    } else {
      IoUtils.safeClose(channel); // Its answer may have begun.
    }
  }

  private static byte[] emptyAnswer(String start) {
    String end = "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    return ("HTTP/1.1 " + start + end).getBytes(US_ASCII);
  }

  private static void end(StreamConnection channel, byte[] answer) {
    try {
      // An empty socket takes it at once, or one whose TLS handshake is not done nothing: either
      // way nobody waits for it.
      channel.getSinkChannel().write(ByteBuffer.wrap(answer));
      channel.getSinkChannel().flush();
    } catch (IOException e) {
      // It has gone by itself.
    } finally {
      IoUtils.safeClose(channel);
    }
  }
}
