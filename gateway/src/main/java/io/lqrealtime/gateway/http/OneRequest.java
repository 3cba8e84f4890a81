package io.lqrealtime.gateway.http;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

/**
 * Answers the first request of a connection and no other, within a time. Undertow waits without a
 * limit for room to write an answer: whoever asked on and on and read nothing, without even a
 * token, would keep a connection for ever.
 */
public final class OneRequest implements HttpHandler {
  private final HttpHandler next;
  private final Duration patience;
  private final Runnable onLate;

  /**
   * @param patience how long the client may take to send the rest and to take the answer
   * @param onLate called for each that took longer, on its I/O thread
   */
  public OneRequest(HttpHandler next, Duration patience, Runnable onLate) {
    this.next = next;
    this.patience = patience;
    this.onLate = onLate;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    exchange.setPersistent(false);
    XnioExecutor.Key deadline =
        exchange
            .getIoThread()
            .executeAfter(
                () -> {
                  onLate.run();
                  IoUtils.safeClose(exchange.getConnection());
                },
                patience.toMillis(),
                TimeUnit.MILLISECONDS);
    exchange.getConnection().addCloseListener(closed -> deadline.remove());
    next.handleRequest(exchange);
  }
}
