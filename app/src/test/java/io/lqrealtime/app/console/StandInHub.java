package io.lqrealtime.app.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Enough of {@code lq.v1} for a page to be tried against: one log in memory, replay by position,
 * presence, and a hand for a test to drop connections, refuse publishes and send what no real
 * server would. One lock over everything; forgets nothing. Payloads are kept as text, as the real
 * one does.
 */
final class StandInHub {
  private static final String LOG = "eu.standin.0.";

  /** One connection. */
  static final class Session {
    private final WebSocketChannel socket;
    private final String connection;
    private final String user;
    private final long since = System.currentTimeMillis();

    /** By channel, whether joins and leaves are wanted. */
    private final Map<String, Boolean> subscriptions = new LinkedHashMap<>();

    private Session(WebSocketChannel socket, String connection, String user) {
      this.socket = socket;
      this.connection = connection;
      this.user = user;
    }
  }

  private record Message(long offset, String channel, String frame) {}

  private final List<Session> sessions = new ArrayList<>();
  private final List<Message> log = new ArrayList<>();
  private final List<JsonNode> received = new ArrayList<>();
  private final Map<String, Message> byId = new HashMap<>();
  private final Set<String> refusedOnce = new HashSet<>();
  private long nextOffset = 1;
  private long oldest = 1;
  private int connections;
  private boolean unavailable;

  synchronized Session connect(WebSocketChannel socket, String tenant, String user) {
    Session session = new Session(socket, "c-" + ++connections, user);
    sessions.add(session);
    ObjectNode welcome = frame("welcome");
    welcome
        .putObject("payload")
        .put("connection", session.connection)
        .put("user", user)
        .put("tenant", tenant)
        .put("gateway", "gateway-0")
        .put("region", "eu")
        .put("heartbeatSeconds", 25)
        .put("maxFrameBytes", 65_536);
    send(session, welcome);
    return session;
  }

  synchronized void disconnect(Session session) {
    sessions.remove(session);
    for (String channel : List.copyOf(session.subscriptions.keySet())) {
      leave(session, channel);
    }
  }

  synchronized void receive(Session session, String text) {
    JsonNode frame = StandInServer.read(text);
    received.add(frame);
    String channel = frame.path("channel").asText();
    switch (frame.path("type").asText()) {
      case "ping" -> {
        ObjectNode pong = frame("pong");
        pong.set("payload", frame.path("payload"));
        send(session, pong);
      }
      case "subscribe" -> subscribe(session, frame, channel);
      case "unsubscribe" -> {
        leave(session, channel);
        send(session, answer("unsubscribed", frame).put("channel", channel));
      }
      case "publish" -> publish(session, frame, channel, payloadText(text));
      case "presence" -> presence(session, frame, channel);
      default -> refuse(session, frame, "unsupported_type", "not spoken here");
    }
  }

  private void subscribe(Session session, JsonNode frame, String channel) {
    JsonNode since = frame.path("since");
    boolean isKnown = since.isMissingNode() || offsetOf(since.asText()) + 1 >= oldest;
    if (session.subscriptions.put(channel, frame.path("presence").asBoolean()) == null) {
      announce("join", session, channel);
    }
    ObjectNode subscribed =
        answer("subscribed", frame)
            .put("channel", channel)
            .put("position", LOG + (nextOffset - 1))
            .put("recovered", isKnown);
    if (!isKnown) {
      subscribed.put("oldest", LOG + oldest);
    }
    send(session, subscribed);
    if (!since.isMissingNode() && isKnown) {
      long after = offsetOf(since.asText());
      log.stream()
          .filter(message -> message.offset > after && message.channel.equals(channel))
          .forEach(message -> send(session, message.frame));
      send(session, frame("live").put("channel", channel).put("position", LOG + (nextOffset - 1)));
    }
  }

  private long offsetOf(String since) {
    if (since.startsWith(LOG)) {
      return Long.parseLong(since.substring(LOG.length()));
    }
    return since.equals("earliest") ? oldest - 1 : -1;
  }

  private void publish(Session session, JsonNode frame, String channel, String payload) {
    String id = frame.path("id").asText();
    if (unavailable || (channel.endsWith(".unavailable") && refusedOnce.add(id))) {
      ObjectNode error = answer("error", frame).put("channel", channel);
      error
          .putObject("payload")
          .put("code", "unavailable")
          .put("message", "the log is away")
          .put("retryAfterMs", 50);
      send(session, error);
      return;
    }
    Message message = byId.get(id);
    if (message == null) {
      message = append(channel, id, session.user, payload);
      byId.put(id, message);
    }
    send(
        session,
        answer("ack", frame).put("channel", channel).put("position", LOG + message.offset));
  }

  private Message append(String channel, String id, String from, String payload) {
    long offset = nextOffset++;
    String head =
        frame("message")
            .put("channel", channel)
            .put("position", LOG + offset)
            .put("id", id)
            .put("from", from)
            .put("time", System.currentTimeMillis())
            .toString();
    Message message =
        new Message(
            offset,
            channel,
            head.substring(0, head.length() - 1) + ",\"payload\":" + payload + "}");
    log.add(message);
    List.copyOf(sessions).stream()
        .filter(session -> session.subscriptions.containsKey(channel))
        .forEach(session -> send(session, message.frame));
    return message;
  }

  /** The client puts the payload last. */
  private static String payloadText(String frame) {
    String key = ",\"payload\":";
    return frame.substring(frame.indexOf(key) + key.length(), frame.length() - 1);
  }

  private void presence(Session session, JsonNode frame, String channel) {
    ObjectNode answer = answer("presence", frame).put("channel", channel);
    ObjectNode payload = answer.putObject("payload");
    ArrayNode members = payload.putArray("members");
    Set<String> users = new HashSet<>();
    for (Session member : sessions) {
      if (member.subscriptions.containsKey(channel)) {
        users.add(member.user);
        members
            .addObject()
            .put("user", member.user)
            .put("connection", member.connection)
            .put("since", member.since);
      }
    }
    payload.put("connections", members.size()).put("users", users.size());
    send(session, answer);
  }

  private void leave(Session session, String channel) {
    if (session.subscriptions.remove(channel) != null) {
      announce("leave", session, channel);
    }
  }

  private void announce(String type, Session who, String channel) {
    ObjectNode frame = frame(type).put("channel", channel).put("position", LOG + (nextOffset - 1));
    frame.putObject("payload").put("user", who.user).put("connection", who.connection);
    List.copyOf(sessions).stream()
        .filter(session -> session.subscriptions.getOrDefault(channel, false))
        .forEach(session -> send(session, frame));
  }

  private void refuse(Session session, JsonNode request, String code, String message) {
    ObjectNode error = answer("error", request);
    error.putObject("payload").put("code", code).put("message", message);
    send(session, error);
  }

  // --- A test's hand ---

  /** Closes every connection with this code. */
  synchronized void closeAll(int code, String reason) {
    for (Session session : List.copyOf(sessions)) {
      WebSockets.sendClose(code, reason, session.socket, null);
      disconnect(session); // nothing may be sent after the close
    }
  }

  /** Publishes as a backend would. */
  synchronized void append(String channel, String from, String payload) {
    append(channel, "backend-" + nextOffset, from, payload);
  }

  /** Forgets every message so far, as retention would. */
  synchronized void forget() {
    log.clear();
    oldest = ++nextOffset;
  }

  /** Sends this text to everyone, whatever it is. */
  synchronized void say(String frame) {
    List.copyOf(sessions).forEach(session -> send(session, frame));
  }

  /** Refuses publishes, or no longer does. */
  synchronized void setUnavailable(boolean unavailable) {
    this.unavailable = unavailable;
  }

  /** The frames of this type that were received for the channel, oldest first. */
  synchronized List<JsonNode> received(String type, String channel) {
    return received.stream()
        .filter(frame -> frame.path("type").asText().equals(type))
        .filter(frame -> frame.path("channel").asText().equals(channel))
        .toList();
  }

  private static ObjectNode frame(String type) {
    return JsonNodeFactory.instance.objectNode().put("type", type);
  }

  private static ObjectNode answer(String type, JsonNode request) {
    ObjectNode frame = frame(type);
    if (request.has("id")) {
      frame.set("id", request.get("id"));
    }
    return frame;
  }

  /** May end the session on the spot, where its socket turns out to be gone. */
  private static void send(Session session, Object frame) {
    WebSockets.sendText(frame.toString(), session.socket, null);
  }
}
