package io.lqrealtime.bench.client;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;
import javax.net.ssl.SSLContext;
import org.xnio.Options;
import org.xnio.Sequence;

/**
 * Undertow's WebSocket server: it echoes text; {@code close 4401 bye} has it close so, {@code ping
 * x} has it ping, {@code big n} has it send n characters. Without a bearer token it answers 401
 * with a body.
 */
final class EchoServer implements AutoCloseable {

  final Set<WebSocketChannel> open = ConcurrentHashMap.newKeySet();
  final ConcurrentLinkedQueue<String> pongs = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<HeaderMap> requests = new ConcurrentLinkedQueue<>();
  final ConcurrentLinkedQueue<String> sources = new ConcurrentLinkedQueue<>();
  private final Undertow server;

  private final String scheme;

  EchoServer() {
    this("ws", (builder, handler) -> builder.addHttpListener(0, "127.0.0.1", handler));
  }

  /** One over TLS of that version. */
  EchoServer(SSLContext tls, String version, String address) {
    this(
        "wss",
        (builder, handler) ->
            builder
                .setSocketOption(Options.SSL_ENABLED_PROTOCOLS, Sequence.of(version))
                .addHttpsListener(0, address, tls, handler));
  }

  private EchoServer(
      String scheme, BiFunction<Undertow.Builder, HttpHandler, Undertow.Builder> listening) {
    this.scheme = scheme;
    HttpHandler upgrade =
        Handlers.websocket(
            (exchange, channel) -> {
              open.add(channel);
              channel.addCloseTask(open::remove);
              channel.getReceiveSetter().set(new Echo());
              channel.resumeReceives();
            });
    server =
        listening
            .apply(
                Undertow.builder().setIoThreads(1).setWorkerThreads(2),
                exchange -> authorized(exchange, upgrade))
            .build();
    server.start();
  }

  URI uri() {
    InetSocketAddress at = (InetSocketAddress) server.getListenerInfo().getFirst().getAddress();
    return URI.create(
        scheme + "://" + at.getAddress().getHostAddress() + ":" + at.getPort() + "/ws");
  }

  private void authorized(HttpServerExchange exchange, HttpHandler upgrade) throws Exception {
    requests.add(exchange.getRequestHeaders());
    sources.add(exchange.getSourceAddress().getAddress().getHostAddress());
    String token = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
    if (token == null) {
      exchange.setStatusCode(401);
      exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "application/json");
      exchange.getResponseSender().send("{\"code\":\"unauthorized\",\"message\":\"no tökén\"}");
    } else if (token.equals("Bearer chunked")) {
      exchange.setStatusCode(503);
      exchange.getResponseHeaders().put(Headers.RETRY_AFTER, "7");
      HttpHandler inChunks =
          blocking -> {
            blocking.startBlocking();
            try (var out = blocking.getOutputStream()) {
              out.write("full ".getBytes(StandardCharsets.UTF_8));
              out.flush();
              out.write("up".getBytes(StandardCharsets.UTF_8));
            }
          };
      exchange.dispatch(inChunks);
    } else {
      upgrade.handleRequest(exchange);
    }
  }

  @Override
  public void close() {
    server.stop();
  }

  private final class Echo extends AbstractReceiveListener {
    @Override
    protected void onFullTextMessage(WebSocketChannel channel, BufferedTextMessage message) {
      String text = message.getData();
      String[] words = text.split(" ", 3);
      switch (words[0]) {
        case "close" ->
            WebSockets.sendClose(
                new CloseMessage(Integer.parseInt(words[1]), words.length > 2 ? words[2] : ""),
                channel,
                null);
        case "ping" ->
            WebSockets.sendPing(
                ByteBuffer.wrap(words[1].getBytes(StandardCharsets.UTF_8)), channel, null);
        case "big" -> WebSockets.sendText("x".repeat(Integer.parseInt(words[1])), channel, null);
        default -> WebSockets.sendText(text, channel, null);
      }
    }

    @Override
    protected void onFullPongMessage(
        WebSocketChannel channel, io.undertow.websockets.core.BufferedBinaryMessage message) {
      try (var data = message.getData()) {
        ByteBuffer bytes = WebSockets.mergeBuffers(data.getResource());
        pongs.add(StandardCharsets.UTF_8.decode(bytes).toString());
      }
    }
  }
}
