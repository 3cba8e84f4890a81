package io.lqrealtime.gateway.http;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import java.time.Duration;

/**
 * Bounds the time of a request that announces content. Nobody here reads any, but Undertow does not
 * end an exchange before its request has been read to the end, and waits for that without a limit:
 * whoever announces a byte and never sends it, without even a token, would keep a connection for
 * ever. So the request gets its answer like any other; then its connection ends, and so it does
 * when the time is over.
 *
 * <p>An upgrade has to be refused to such a request: the connection would end all the same.
 */
public final class UnreadContent implements HttpHandler {
  private final HttpHandler next;
  private final HttpHandler once;

  /**
   * @param patience how long content may take to come
   * @param onLate called for each that took longer, on its I/O thread
   */
  public UnreadContent(HttpHandler next, Duration patience, Runnable onLate) {
    this.next = next;
    this.once = new OneRequest(next, patience, onLate);
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    (exchange.isRequestComplete() ? next : once).handleRequest(exchange);
  }
}
