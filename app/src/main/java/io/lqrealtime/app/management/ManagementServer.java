package io.lqrealtime.app.management;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.lqrealtime.gateway.http.OneRequest;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.PathHandler;
import io.undertow.util.Headers;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.xnio.Options;

/**
 * {@code /health/live}, {@code /health/ready} and {@code /metrics} on a port of their own, with a
 * thread of their own: they answer while the gateway's I/O threads are busy. To be opened before
 * the role and closed after it, so that they answer while it starts and while it drains. A
 * connection is for one request.
 */
public final class ManagementServer implements AutoCloseable {
  /** Who is connected beyond that waits; its files are those of the clients' port, too. */
  private static final int MAX_CONNECTIONS = 2_000;

  /** In which a request comes; in which its answer is taken. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final Undertow undertow;
  private volatile Supplier<List<String>> notReadyBecause;

  /**
   * @param notReadyBecause gives the reasons why the process can't serve; none if it can
   */
  public static ManagementServer start(
      String host, int port, Metrics metrics, Supplier<List<String>> notReadyBecause) {
    return new ManagementServer(host, port, metrics, notReadyBecause);
  }

  /** One that is not ready, since its role is starting, until {@link #watch} is called. */
  public static ManagementServer start(String host, int port, Metrics metrics) {
    return start(host, port, metrics, () -> List.of("starting"));
  }

  /** From now on the reasons are these. */
  public void watch(Supplier<List<String>> reasons) {
    notReadyBecause = reasons;
  }

  private ManagementServer(String host, int port, Metrics metrics, Supplier<List<String>> reasons) {
    notReadyBecause = reasons;
    undertow =
        Undertow.builder()
            .addHttpListener(port, host)
            .setIoThreads(1)
            .setWorkerThreads(1)
            .setWorkerOption(Options.WORKER_NAME, "lq-management")
            .setWorkerOption(Options.THREAD_DAEMON, true)
            .setSocketOption(Options.CONNECTION_HIGH_WATER, MAX_CONNECTIONS)
            .setSocketOption(Options.CONNECTION_LOW_WATER, MAX_CONNECTIONS)
            .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, millis(PATIENCE))
            .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, millis(PATIENCE))
            .setServerOption(UndertowOptions.SHUTDOWN_TIMEOUT, millis(CLOSE_WITHIN))
            .setHandler(new OneRequest(pages(metrics), PATIENCE, () -> {}))
            .build();
    undertow.start();
  }

  private PathHandler pages(Metrics metrics) {
    return new PathHandler(
            exchange -> answer(exchange, 404, "text/plain", "health/live health/ready metrics\n"))
        .addExactPath(
            "/health/live",
            exchange -> answer(exchange, 200, "application/json", "{\"status\":\"live\"}\n"))
        .addExactPath("/health/ready", exchange -> ready(exchange, notReadyBecause.get()))
        .addExactPath(
            "/metrics",
            exchange ->
                answer(
                    exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()));
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) undertow.getListenerInfo().getFirst().getAddress();
  }

  /** Where it listens, for people. */
  public String url() {
    return "http://" + address().getHostString() + ":" + address().getPort();
  }

  private static void ready(HttpServerExchange exchange, List<String> reasons) {
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
