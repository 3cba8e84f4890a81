package io.lqrealtime.app.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.websockets.WebSocketConnectionCallback;
import io.undertow.websockets.WebSocketProtocolHandshakeHandler;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.protocol.version13.Hybi13Handshake;
import io.undertow.websockets.spi.WebSocketHttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A gateway's looks without what is behind it: the page's files under the policy that the page must
 * live with, tokens that are believed, and {@code /ws} with a {@link StandInHub} behind it.
 */
final class StandInServer implements AutoCloseable {
  /** The strictest policy that the page is to work under. */
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
          + " connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'; require-trusted-types-for 'script'";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, String> FILES =
      Map.of(
          "/", "index.html",
          "/lq.js", "lq.js",
          "/console.js", "console.js",
          "/console.css", "console.css",
          "/favicon.svg", "favicon.svg");
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");

  private final StandInHub hub = new StandInHub();
  private final Set<String> refusedTokens = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean offersTokens = new AtomicBoolean(true);
  private final Undertow undertow;

  StandInServer() {
    HttpHandler upgrade =
        new WebSocketProtocolHandshakeHandler(
            List.of(new Hybi13Handshake(Set.of("lq.v1"), false)),
            (WebSocketConnectionCallback) this::connected);
    HttpHandler routes =
        Handlers.path(this::serveFile)
            .addExactPath("/ws", exchange -> serveSocket(exchange, upgrade))
            .addExactPath("/dev/token", this::serveToken);
    undertow =
        Undertow.builder()
            .addHttpListener(0, "127.0.0.1")
            .setIoThreads(1)
            .setWorkerThreads(2)
            .setHandler(routes)
            .build();
    undertow.start();
  }

  URI page() {
    int port = ((InetSocketAddress) undertow.getListenerInfo().getFirst().getAddress()).getPort();
    return URI.create("http://localhost:" + port + "/");
  }

  StandInHub hub() {
    return hub;
  }

  /** From now on, this token opens no connection. */
  void refuse(String token) {
    refusedTokens.add(token);
  }

  /** Whether {@code /dev/token} is there. */
  void offerTokens(boolean offer) {
    offersTokens.set(offer);
  }

  /** A token in form only: nobody signs or verifies it here. */
  static String token(String tenant, String user) {
    String claims =
        JSON.createObjectNode()
            .put("tenant", tenant)
            .put("sub", user)
            .put("exp", System.currentTimeMillis() / 1000 + 3600)
            .put("jti", UUID.randomUUID().toString())
            .toString();
    return encode("{\"alg\":\"HS256\"}") + "." + encode(claims) + "." + encode("unsigned");
  }

  private static String encode(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private void serveFile(HttpServerExchange exchange) {
    String name = FILES.getOrDefault(exchange.getRequestPath(), "");
    if (name.isEmpty()) {
      exchange.setStatusCode(404).endExchange();
      return;
    }
    exchange
        .getResponseHeaders()
        .put(Headers.CONTENT_TYPE, TYPES.get(name.substring(name.lastIndexOf('.') + 1)))
        .put(new HttpString("Content-Security-Policy"), CONTENT_SECURITY_POLICY)
        .put(new HttpString("X-Content-Type-Options"), "nosniff");
    exchange.getResponseSender().send(ByteBuffer.wrap(file(name)));
  }

  private static byte[] file(String name) {
    try (InputStream in = StandInServer.class.getResourceAsStream("/console/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serveToken(HttpServerExchange exchange) {
    if (!offersTokens.get()) {
      exchange.setStatusCode(404).endExchange();
      return;
    }
    ObjectNode answer =
        JSON.createObjectNode()
            .put("token", token("acme", "dev"))
            .put("tenant", "acme")
            .put("user", "dev");
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
    exchange.getResponseSender().send(answer.toString());
  }

  private void serveSocket(HttpServerExchange exchange, HttpHandler upgrade) throws Exception {
    if (refusedTokens.contains(tokenOf(exchange.getRequestHeaders()))) {
      exchange.setStatusCode(401);
      exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
      exchange
          .getResponseSender()
          .send("{\"code\":\"unauthorized\",\"message\":\"this token is not liked here\"}");
      return;
    }
    upgrade.handleRequest(exchange);
  }

  private void connected(WebSocketHttpExchange exchange, WebSocketChannel socket) {
    HeaderMap headers = new HeaderMap();
    exchange.getRequestHeaders().forEach((n, values) -> headers.putAll(new HttpString(n), values));
    JsonNode claims = claimsOf(tokenOf(headers));
    StandInHub.Session session =
        hub.connect(socket, claims.path("tenant").asText(), claims.path("sub").asText());
    socket
        .getReceiveSetter()
        .set(
            new AbstractReceiveListener() {
              @Override
              protected void onFullTextMessage(
                  WebSocketChannel channel, BufferedTextMessage message) {
                hub.receive(session, message.getData());
              }
            });
    socket.addCloseTask(closed -> hub.disconnect(session));
    socket.resumeReceives();
  }

  private static JsonNode claimsOf(String token) {
    String claims = token.split("\\.", -1)[1];
    return read(new String(Base64.getUrlDecoder().decode(claims), StandardCharsets.UTF_8));
  }

  /** From the subprotocols, as a browser's WebSocket sends it, or the header. */
  private static String tokenOf(HeaderMap headers) {
    Matcher subprotocol =
        Pattern.compile("bearer\\.([^, ]+)")
            .matcher(String.valueOf(headers.getFirst("Sec-WebSocket-Protocol")));
    return subprotocol.find()
        ? subprotocol.group(1)
        : String.valueOf(headers.getFirst(Headers.AUTHORIZATION)).replace("Bearer ", "");
  }

  static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    undertow.stop();
  }
}
