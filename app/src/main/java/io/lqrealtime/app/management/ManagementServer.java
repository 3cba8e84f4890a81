package io.lqrealtime.app.management;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.undertow.Undertow;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.PathHandler;
import io.undertow.util.Headers;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Supplier;
import org.xnio.Options;

/**
 * {@code /health/live}, {@code /health/ready} and {@code /metrics} on a port of their own, with a
 * thread of their own: they answer while the gateway's I/O threads are busy.
 */
public final class ManagementServer implements AutoCloseable {
  private final Undertow undertow;

  /**
   * @param notReadyBecause gives the reasons why the process can't serve; none if it can
   */
  public static ManagementServer start(
      String host, int port, Metrics metrics, Supplier<List<String>> notReadyBecause) {
    return new ManagementServer(host, port, metrics, notReadyBecause);
  }

  private ManagementServer(
      String host, int port, Metrics metrics, Supplier<List<String>> notReadyBecause) {
    undertow =
        Undertow.builder()
            .addHttpListener(port, host)
            .setIoThreads(1)
            .setWorkerThreads(1)
            .setWorkerOption(Options.WORKER_NAME, "lq-management")
            .setWorkerOption(Options.THREAD_DAEMON, true)
            .setHandler(
                new PathHandler(
                        exchange ->
                            answer(
                                exchange, 404, "text/plain", "health/live health/ready metrics\n"))
                    .addExactPath(
                        "/health/live",
                        exchange ->
                            answer(exchange, 200, "application/json", "{\"status\":\"live\"}\n"))
                    .addExactPath("/health/ready", exchange -> ready(exchange, notReadyBecause))
                    .addExactPath(
                        "/metrics",
                        exchange ->
                            answer(
                                exchange,
                                200,
                                "text/plain; version=0.0.4; charset=utf-8",
                                metrics.scrape())))
            .build();
    undertow.start();
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) undertow.getListenerInfo().getFirst().getAddress();
  }

  private static void ready(HttpServerExchange exchange, Supplier<List<String>> notReadyBecause) {
    List<String> reasons = notReadyBecause.get();
    StringBuilder json =
        new StringBuilder("{\"status\":\"")
            .append(reasons.isEmpty() ? "ready" : "not ready")
            .append("\",\"reasons\":[");
    String separator = "";
    for (String reason : reasons) {
      json.append(separator)
          .append('"')
          .append(JsonStringEncoder.getInstance().quoteAsString(reason))
          .append('"');
      separator = ",";
    }
    answer(
        exchange,
        reasons.isEmpty() ? 200 : 503,
        "application/json",
        json.append("]}\n").toString());
  }

  private static void answer(HttpServerExchange exchange, int status, String type, String body) {
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
    exchange.getResponseSender().send(body);
  }

  @Override
  public void close() {
    undertow.stop();
  }
}
