package io.lqrealtime.app.console;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Serves the console page from memory, on I/O threads. In {@code dev} also a token to try at {@code
 * /dev/token}, to pages of this very site only.
 */
public final class Site {
  private static final HttpString CSP = new HttpString("Content-Security-Policy");
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
          + " ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'";

  /** A file of the site. */
  private record Page(String type, byte[] bytes) {}

  private Site() {}

  /** A gateway in production: no page, a hint instead. */
  public static HttpHandler plain() {
    return exchange -> {
      exchange.setStatusCode(404);
      exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
      exchange
          .getResponseSender()
          .send("{\"code\":\"not_found\",\"message\":\"WebSocket clients connect to /ws\"}");
    };
  }

  /**
   * The page.
   *
   * @param devToken the JSON to answer at {@code /dev/token}
   */
  public static HttpHandler console(Optional<Supplier<String>> devToken) {
    Map<String, Page> pages =
        Map.of(
            "/", load("index.html", "text/html; charset=utf-8"),
            "/console.js", load("console.js", "text/javascript; charset=utf-8"),
            "/console.css", load("console.css", "text/css; charset=utf-8"),
            "/lq.js", load("lq.js", "text/javascript; charset=utf-8"),
            "/favicon.svg", load("favicon.svg", "image/svg+xml"));
    HttpHandler otherwise = plain();
    return exchange -> {
      String path = exchange.getRequestPath();
      Page page = pages.get(path);
      if (page != null) {
        headers(exchange, page.type());
        exchange.getResponseSender().send(ByteBuffer.wrap(page.bytes()));
      } else if (path.equals("/dev/token") && devToken.isPresent() && isLocal(exchange)) {
        headers(exchange, "application/json");
        exchange.getResponseSender().send(devToken.get().get());
      } else {
        otherwise.handleRequest(exchange);
      }
    };
  }

  /** A name that resolves to loopback but is not one of loopback's own would be another site's. */
  private static boolean isLocal(HttpServerExchange exchange) {
    String host = exchange.getHostName();
    return host != null
        && (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]"));
  }

  private static void headers(HttpServerExchange exchange, String type) {
    exchange
        .getResponseHeaders()
        .put(Headers.CONTENT_TYPE, type)
        .put(CSP, POLICY)
        .put(new HttpString("X-Content-Type-Options"), "nosniff")
        .put(new HttpString("Referrer-Policy"), "no-referrer")
        .put(Headers.CACHE_CONTROL, "no-cache");
  }

  private static Page load(String name, String type) {
    try (InputStream in = Site.class.getResourceAsStream("/console/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the resource console/" + name + " is missing");
      }
      return new Page(type, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
