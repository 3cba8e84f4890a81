package io.lqrealtime.frame;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Every frame that the server sends, as the UTF-8 bytes of its JSON text. Positions are given as
 * text, since a cursor over regions is one too. Payloads go in as they are: whoever calls knows
 * that they are JSON. Pure functions.
 *
 * <p>Texts that are no Unicode (half a surrogate pair) throw {@link IllegalArgumentException}; what
 * came in through this package, or was decoded from UTF-8, never is.
 */
public final class ServerFrames {
  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

  private ServerFrames() {}

  /** What a connection is told first. */
  public record Welcome(
      ConnectionId connection,
      UserId user,
      TenantId tenant,
      GatewayId gateway,
      Region region,
      int heartbeatSeconds,
      int maxFrameBytes) {}

  /** One subscribed connection; {@code since} in epoch milliseconds. */
  public record Member(UserId user, ConnectionId connection, long since) {}

  public static byte[] welcome(Welcome welcome) {
    return new JsonText(320)
        .ascii("{\"type\":\"welcome\",\"payload\":{\"connection\":")
        .quoted(welcome.connection().value())
        .ascii(",\"user\":")
        .quoted(welcome.user().value())
        .ascii(",\"tenant\":")
        .quoted(welcome.tenant().value())
        .ascii(",\"gateway\":")
        .quoted(welcome.gateway().value())
        .ascii(",\"region\":")
        .quoted(welcome.region().value())
        .ascii(",\"heartbeatSeconds\":")
        .number(welcome.heartbeatSeconds())
        .ascii(",\"maxFrameBytes\":")
        .number(welcome.maxFrameBytes())
        .ascii("}}")
        .toByteArray();
  }

  public static byte[] pong(Optional<String> id, Optional<byte[]> payload) {
    return new JsonText(64)
        .ascii("{\"type\":\"pong\"")
        .idField(id)
        .ascii(",\"payload\":")
        .json(payload.orElse(NULL))
        .ascii("}")
        .toByteArray();
  }

  /**
   * @param oldest the earliest position retained, where not recovered
   */
  public static byte[] subscribed(
      Optional<String> id,
      Channel channel,
      String position,
      boolean recovered,
      Optional<String> oldest) {
    JsonText json =
        start("subscribed", id, channel)
            .ascii(",\"position\":\"")
            .ascii(position)
            .ascii("\",\"recovered\":")
            .ascii(recovered ? "true" : "false");
    oldest.ifPresent(text -> json.ascii(",\"oldest\":\"").ascii(text).ascii("\""));
    return json.ascii("}").toByteArray();
  }

  /** The hot one: encoded once a broadcast, and shared. */
  public static byte[] message(
      Channel channel,
      String position,
      Optional<String> id,
      Optional<String> from,
      long time,
      byte[] payload) {
    JsonText json =
        new JsonText(payload.length + channel.value().length() + position.length() + 160)
            .ascii("{\"type\":\"message\",\"channel\":\"")
            .ascii(channel.value())
            .ascii("\",\"position\":\"")
            .ascii(position)
            .ascii("\"")
            .idField(id);
    if (from.isPresent()) {
      json.ascii(",\"from\":").quoted(from.get());
    }
    return json.ascii(",\"time\":")
        .number(time)
        .ascii(",\"payload\":")
        .json(payload)
        .ascii("}")
        .toByteArray();
  }

  public static byte[] ack(String id, Channel channel, String position) {
    return start("ack", Optional.of(id), channel)
        .ascii(",\"position\":\"")
        .ascii(position)
        .ascii("\"}")
        .toByteArray();
  }

  public static byte[] unsubscribed(Optional<String> id, Channel channel, Optional<String> reason) {
    JsonText json = start("unsubscribed", id, channel);
    reason.ifPresent(text -> json.ascii(",\"reason\":").quoted(text));
    return json.ascii("}").toByteArray();
  }

  /**
   * @param members those listed; the counts may be higher
   */
  public static byte[] presence(
      String id, Channel channel, int connections, int users, List<Member> members) {
    JsonText json =
        new JsonText(128 + members.size() * 96)
            .ascii("{\"type\":\"presence\"")
            .idField(Optional.of(id))
            .ascii(",\"channel\":\"")
            .ascii(channel.value())
            .ascii("\",\"payload\":{\"connections\":")
            .number(connections)
            .ascii(",\"users\":")
            .number(users);
    return list(json, members).ascii("}}").toByteArray();
  }

  /** Whether a user is there, over all its connections, and if not when it was last. */
  public static byte[] userPresence(
      String id, UserId user, int connections, List<Member> members, OptionalLong lastSeen) {
    JsonText json =
        new JsonText(128 + members.size() * 96)
            .ascii("{\"type\":\"presence\"")
            .idField(Optional.of(id))
            .ascii(",\"user\":")
            .quoted(user.value())
            .ascii(",\"payload\":{\"online\":")
            .ascii(connections > 0 ? "true" : "false")
            .ascii(",\"connections\":")
            .number(connections);
    if (lastSeen.isPresent()) {
      json.ascii(",\"lastSeen\":").number(lastSeen.getAsLong());
    }
    return list(json, members).ascii("}}").toByteArray();
  }

  private static JsonText list(JsonText json, List<Member> members) {
    json.ascii(",\"members\":[");
    String separator = "";
    for (Member member : members) {
      json.ascii(separator)
          .ascii("{\"user\":")
          .quoted(member.user().value())
          .ascii(",\"connection\":")
          .quoted(member.connection().value())
          .ascii(",\"since\":")
          .number(member.since())
          .ascii("}");
      separator = ",";
    }
    return json.ascii("]");
  }

  /** Once after every catch-up: what comes from here on is live. */
  public static byte[] live(Channel channel, String position) {
    return start("live", Optional.empty(), channel)
        .ascii(",\"position\":\"")
        .ascii(position)
        .ascii("\"}")
        .toByteArray();
  }

  public static byte[] join(Channel channel, String position, UserId user, ConnectionId who) {
    return presenceEvent("join", channel, position, user, who);
  }

  public static byte[] leave(Channel channel, String position, UserId user, ConnectionId who) {
    return presenceEvent("leave", channel, position, user, who);
  }

  /** A join in a channel that is too big to name who: the counts after it. */
  public static byte[] joinCounts(Channel channel, String position, int connections, int users) {
    return presenceCounts("join", channel, position, connections, users);
  }

  /** A leave in a channel that is too big to name who: the counts after it. */
  public static byte[] leaveCounts(Channel channel, String position, int connections, int users) {
    return presenceCounts("leave", channel, position, connections, users);
  }

  private static byte[] presenceEvent(
      String type, Channel channel, String position, UserId user, ConnectionId connection) {
    return start(type, Optional.empty(), channel)
        .ascii(",\"position\":\"")
        .ascii(position)
        .ascii("\",\"payload\":{\"user\":")
        .quoted(user.value())
        .ascii(",\"connection\":")
        .quoted(connection.value())
        .ascii("}}")
        .toByteArray();
  }

  private static byte[] presenceCounts(
      String type, Channel channel, String position, int connections, int users) {
    return start(type, Optional.empty(), channel)
        .ascii(",\"position\":\"")
        .ascii(position)
        .ascii("\",\"payload\":{\"connections\":")
        .number(connections)
        .ascii(",\"users\":")
        .number(users)
        .ascii("}}")
        .toByteArray();
  }

  /**
   * A page of a channel's history.
   *
   * @param messages the texts of {@link #message} frames, in order
   * @param position from where the next page starts
   * @param more whether there is a next page
   */
  public static HistoryPage history(
      String id,
      Channel channel,
      List<HistoryPage.Message> messages,
      String position,
      boolean more) {
    byte[] head =
        new JsonText(192 + channel.value().length())
            .ascii("{\"type\":\"history\"")
            .idField(Optional.of(id))
            .ascii(",\"channel\":\"")
            .ascii(channel.value())
            .ascii("\",\"payload\":{\"messages\":[")
            .toByteArray();
    byte[] tail =
        new JsonText(64 + position.length())
            .ascii("],\"position\":\"")
            .ascii(position)
            .ascii("\",\"more\":")
            .ascii(more ? "true" : "false")
            .ascii("}}")
            .toByteArray();
    return new HistoryPage(head, messages, tail);
  }

  public static byte[] refreshed(Optional<String> id, long expEpochSeconds) {
    return new JsonText(96)
        .ascii("{\"type\":\"refreshed\"")
        .idField(id)
        .ascii(",\"payload\":{\"exp\":")
        .number(expEpochSeconds)
        .ascii("}}")
        .toByteArray();
  }

  public static byte[] reconnect(String reason, long afterMillis) {
    return new JsonText(96)
        .ascii("{\"type\":\"reconnect\",\"payload\":{\"reason\":")
        .quoted(reason)
        .ascii(",\"afterMs\":")
        .number(afterMillis)
        .ascii("}}")
        .toByteArray();
  }

  public static byte[] error(
      Optional<String> id,
      Optional<String> channel,
      ErrorCode code,
      String message,
      OptionalLong retryAfterMillis) {
    JsonText json = new JsonText(160).ascii("{\"type\":\"error\"").idField(id);
    channel.ifPresent(text -> json.ascii(",\"channel\":").quoted(text));
    json.ascii(",\"payload\":{\"code\":\"")
        .ascii(code.wireName())
        .ascii("\",\"message\":")
        .quoted(message);
    retryAfterMillis.ifPresent(millis -> json.ascii(",\"retryAfterMs\":").number(millis));
    return json.ascii("}}").toByteArray();
  }

  private static JsonText start(String type, Optional<String> id, Channel channel) {
    return new JsonText(160 + channel.value().length())
        .ascii("{\"type\":\"")
        .ascii(type)
        .ascii("\"")
        .idField(id)
        .ascii(",\"channel\":\"")
        .ascii(channel.value())
        .ascii("\"");
  }
}
