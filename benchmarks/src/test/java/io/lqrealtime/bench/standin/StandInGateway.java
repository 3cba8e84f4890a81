package io.lqrealtime.bench.standin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.SignedJWT;
import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.websockets.core.AbstractReceiveListener;
import io.undertow.websockets.core.BufferedTextMessage;
import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Speaks just enough of lq.v1 to be measured: checks the token, welcomes, subscribes, acks and
 * delivers within one process. A {@link Fault} makes it break a promise, so that it can be seen
 * that a run notices.
 */
public final class StandInGateway implements AutoCloseable {

  public static final String SECRET = "a-secret-of-at-least-thirty-two-bytes";

  /** A tenant that {@link Fault#UNFAIR} has others suffer for. */
  public static final String NOISY = "bench-noisy";

  /** Errors of a connection, after which it is closed with 1008. */
  public static final int MAX_ERRORS = 100;

  /** What it does wrong, with every hundredth publish. */
  public enum Fault {
    NONE,
    /** Acks and does not deliver. */
    LOSE,
    /** Delivers twice. */
    REPEAT,
    /** Delivers after the next one. */
    SWAP,
    /** Answers with an error. */
    REFUSE,
    /** Closes the publisher's connection. */
    DISCONNECT,
    /** Stops for 300 ms, once. */
    STALL,
    /** Says once that it lost something. */
    TELL,
    /** Lets everybody wait for 50 ms with each frame of the tenant {@link #NOISY}. */
    UNFAIR
  }

  private final ObjectMapper mapper = new ObjectMapper();
  private final Undertow server;
  private final Fault fault;
  private final Map<String, Set<WebSocketChannel>> subscribers = new HashMap<>();
  private final Map<String, Integer> deliveries = new HashMap<>();
  private final Map<WebSocketChannel, String> tenants = new ConcurrentHashMap<>();
  private final Map<String, ObjectNode> held = new HashMap<>();
  private final AtomicInteger refusals = new AtomicInteger();
  private int publishes;

  public final AtomicInteger connections = new AtomicInteger();

  public StandInGateway(Fault fault) {
    this.fault = fault;
    HttpHandler upgrade =
        Handlers.websocket(
            (exchange, channel) -> {
              connections.incrementAndGet();
              tenants.put(channel, tenantOf(exchange.getRequestHeader("Authorization")));
              channel.addCloseTask(this::gone);
              channel.getReceiveSetter().set(new Listener());
              channel.resumeReceives();
              ObjectNode welcome = mapper.createObjectNode().put("type", "welcome");
              welcome.putObject("payload").put("connection", "c");
              send(channel, welcome);
            });
    server =
        Undertow.builder()
            .setIoThreads(1)
            .setWorkerThreads(1)
            .addHttpListener(0, "127.0.0.1", exchange -> admit(exchange, upgrade))
            .build();
    server.start();
  }

  public String url() {
    InetSocketAddress at = (InetSocketAddress) server.getListenerInfo().getFirst().getAddress();
    return "ws://127.0.0.1:" + at.getPort() + "/ws";
  }

  /** Publishes that have come so far. */
  public synchronized int published() {
    return publishes;
  }

  /** The next handshakes are answered with 503. */
  public void refuseNext(int handshakes) {
    refusals.set(handshakes);
  }

  private void admit(HttpServerExchange exchange, HttpHandler upgrade) throws Exception {
    if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      exchange.setStatusCode(503).getResponseSender().send("{\"code\":\"full\"}");
      return;
    }
    try {
      if (tenantOf(exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION)).isEmpty()) {
        throw new IllegalArgumentException("no tenant");
      }
    } catch (Exception e) {
      exchange.setStatusCode(401).getResponseSender().send("{\"code\":\"unauthorized\"}");
      return;
    }
    upgrade.handleRequest(exchange);
  }

  private static String tenantOf(String authorization) {
    try {
      SignedJWT token = SignedJWT.parse(authorization.substring("Bearer ".length()));
      if (!token.verify(new MACVerifier(SECRET.getBytes(StandardCharsets.UTF_8)))) {
        throw new IllegalArgumentException("wrong signature");
      }
      return token.getJWTClaimsSet().getStringClaim("tenant");
    } catch (java.text.ParseException | com.nimbusds.jose.JOSEException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private synchronized void gone(WebSocketChannel channel) {
    subscribers.values().forEach(all -> all.remove(channel));
    tenants.remove(channel);
    connections.decrementAndGet();
  }

  private static void send(WebSocketChannel to, ObjectNode frame) {
    WebSockets.sendText(frame.toString(), to, null);
  }

  private synchronized void subscribe(WebSocketChannel from, JsonNode frame, String channel) {
    subscribers.computeIfAbsent(channel, c -> new LinkedHashSet<>()).add(from);
    send(from, answer("subscribed", frame).put("position", "x.1.0.0").put("recovered", true));
  }

  private synchronized void unsubscribe(WebSocketChannel from, JsonNode frame, String channel) {
    subscribers.getOrDefault(channel, Set.of()).remove(from);
    send(from, answer("unsubscribed", frame));
  }

  /** Delivers what was held back in a channel, if there is anything. */
  private synchronized void release(String channel) {
    ObjectNode earlier = held.remove(channel);
    if (earlier != null) {
      deliver(channel, earlier);
    }
  }

  private synchronized void publish(WebSocketChannel from, JsonNode frame, String channel) {
    publishes++;
    boolean wrong = publishes % 100 == 50;
    if (wrong && fault == Fault.REFUSE) {
      ObjectNode error = answer("error", frame);
      error.putObject("payload").put("code", "unavailable").put("message", "not now");
      send(from, error);
      return;
    }
    if (publishes == 250 && fault == Fault.STALL) {
      hold(300);
    }
    if (wrong && fault == Fault.DISCONNECT) {
      WebSockets.sendClose(new CloseMessage(1011, "on purpose"), from, null);
      return;
    }
    int offset = deliveries.merge(channel, 1, Integer::sum);
    ObjectNode message =
        answer("message", frame).put("position", "x.1.0." + offset).put("time", 1_790_000_000_000L);
    message.set("payload", frame.get("payload"));
    if (wrong && fault == Fault.SWAP) {
      held.put(channel, message);
      // On a busy machine it may be the channel's last one, while others' are still on their way.
      CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS).execute(() -> release(channel));
    } else if (!(wrong && fault == Fault.LOSE)) {
      deliver(channel, message);
      release(channel);
    }
    if (wrong && fault == Fault.REPEAT) {
      deliver(channel, message);
    }
    if (wrong && fault == Fault.TELL) {
      ObjectNode told = mapper.createObjectNode().put("type", "subscribed");
      deliver(channel, told.put("position", "x.1.0.9").put("recovered", false));
    }
    send(from, answer("ack", frame).put("position", "x.1.0." + offset));
  }

  private void deliver(String channel, ObjectNode frame) {
    for (WebSocketChannel to : subscribers.getOrDefault(channel, Set.of())) {
      send(to, frame);
    }
  }

  private ObjectNode answer(String type, JsonNode frame) {
    return mapper
        .createObjectNode()
        .put("type", type)
        .put("id", frame.path("id").asText())
        .put("channel", frame.path("channel").asText());
  }

  @Override
  public void close() {
    server.stop();
  }

  private static void hold(long millis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private final class Listener extends AbstractReceiveListener {
    private int errors;

    @Override
    protected void onFullTextMessage(WebSocketChannel from, BufferedTextMessage message) {
      if (fault == Fault.UNFAIR && NOISY.equals(tenants.get(from))) {
        hold(50);
      }
      try {
        JsonNode frame = mapper.readTree(message.getData());
        String channel = tenants.get(from) + "/" + frame.path("channel").asText();
        switch (frame.path("type").asText()) {
          case "subscribe" -> subscribe(from, frame, channel);
          case "publish" -> publish(from, frame, channel);
          case "unsubscribe" -> unsubscribe(from, frame, channel);
          case "history" -> send(from, answer("history", frame));
          case "presence" -> send(from, answer("presence", frame));
          default -> refuse(from, answer("error", frame), "unsupported_type");
        }
      } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
        refuse(from, mapper.createObjectNode().put("type", "error"), "bad_request");
      }
    }

    private void refuse(WebSocketChannel from, ObjectNode error, String code) {
      error.putObject("payload").put("code", code).put("message", "on purpose");
      send(from, error);
      if (++errors == MAX_ERRORS) {
        WebSockets.sendClose(new CloseMessage(1008, "too many errors"), from, null);
      }
    }
  }
}
