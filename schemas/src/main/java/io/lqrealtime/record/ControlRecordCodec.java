package io.lqrealtime.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.record.ControlRecord.GatewayDown;
import io.lqrealtime.record.ControlRecord.GatewayUp;
import io.lqrealtime.record.ControlRecord.Join;
import io.lqrealtime.record.ControlRecord.Leave;
import io.lqrealtime.record.ControlRecord.Origin;
import io.lqrealtime.record.ControlRecord.Roster;
import io.lqrealtime.record.ControlRecord.Subscribe;
import io.lqrealtime.record.ControlRecord.Unsubscribe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Control records as they lie in the log: the header {@code type}, the tenant as key (none for a
 * gateway's {@code up} and {@code down}), and as value a small JSON object, readable in any Kafka
 * tool:
 *
 * <pre>
 * {"v":1,"gateway":"g1","generation":7,"sequence":3,"region":"local","partition":4,"channels":["room.1"]}
 * </pre>
 *
 * <p>Readers ignore fields they don't know; {@code v}, the {@linkplain FormatVersion version},
 * rises only with a change that older readers must not ignore, and they then refuse the record.
 */
public final class ControlRecordCodec {
  private static final JsonFactory JSON = new JsonFactory();

  private static final String JOIN = "join";
  private static final String LEAVE = "leave";

  private ControlRecordCodec() {}

  /**
   * A control record ready to be produced.
   *
   * @param headers the record's headers, the type and the MAC among them; the others are for tools,
   *     and no reader of the service's believes them
   */
  public record Encoded(
      int partition,
      byte @Nullable [] key,
      byte[] value,
      String type,
      String mac,
      Map<String, String> headers) {}

  public static boolean isControlType(String type) {
    return switch (type) {
      case "subscribe", "unsubscribe", "gateway-up", "gateway-down", "roster", JOIN, LEAVE -> true;
      default -> false;
    };
  }

  public static Encoded encode(ControlRecord record, ControlKey key, FormatVersion version) {
    String type = typeOf(record);
    byte[] recordKey =
        tenantOf(record).map(t -> t.value().getBytes(StandardCharsets.UTF_8)).orElse(null);
    byte[] value = write(record, version);
    String mac = key.sign(type, recordKey, value);
    return new Encoded(
        record.origin().partition(), recordKey, value, type, mac, headers(record, type, mac));
  }

  private static Map<String, String> headers(ControlRecord record, String type, String mac) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(RecordHeader.TYPE, type);
    headers.put(RecordHeader.MAC, mac);
    headers.put(RecordHeader.GATEWAY, record.origin().gateway().value());
    switch (record) {
      case Join join -> label(headers, join.channel(), join.user(), join.connection());
      case Leave leave -> label(headers, leave.channel(), leave.user(), leave.connection());
      case Subscribe _, Unsubscribe _, GatewayUp _, GatewayDown _, Roster _ -> {
        // Not of one channel.
      }
    }
    return headers;
  }

  private static void label(
      Map<String, String> headers, Channel channel, UserId user, ConnectionId connection) {
    headers.put(RecordHeader.CHANNEL, channel.value());
    headers.put(RecordHeader.FROM, user.value());
    headers.put(RecordHeader.CONNECTION, connection.value());
  }

  /**
   * Reads a record whose MAC has been verified.
   *
   * @throws RecordFormatException if it is broken or of a newer version
   */
  public static ControlRecord decode(String type, byte @Nullable [] recordKey, byte[] value) {
    try {
      Fields fields = read(value);
      FormatVersion.check(fields.version, "a control record of type " + type);
      return assemble(type, recordKey, fields);
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw new RecordFormatException("a control record of type " + type + " can't be read", e);
    }
  }

  private static String typeOf(ControlRecord record) {
    return switch (record) {
      case Subscribe s -> "subscribe";
      case Unsubscribe u -> "unsubscribe";
      case GatewayUp u -> "gateway-up";
      case GatewayDown d -> "gateway-down";
      case Roster r -> "roster";
      case Join j -> JOIN;
      case Leave l -> LEAVE;
    };
  }

  private static Optional<TenantId> tenantOf(ControlRecord record) {
    return switch (record) {
      case Subscribe s -> Optional.of(s.tenant());
      case Unsubscribe u -> Optional.of(u.tenant());
      case GatewayUp u -> Optional.empty();
      case GatewayDown d -> Optional.empty();
      case Roster r -> Optional.empty();
      case Join j -> Optional.of(j.tenant());
      case Leave l -> Optional.of(l.tenant());
    };
  }

  private static List<Channel> channelsOf(ControlRecord record) {
    return switch (record) {
      case Subscribe s -> s.channels();
      case Unsubscribe u -> u.channels();
      case GatewayUp _, GatewayDown _, Roster _, Join _, Leave _ -> List.of();
    };
  }

  private static byte[] write(ControlRecord record, FormatVersion version) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(128);
    Origin origin = record.origin();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField("v", version.number());
      json.writeStringField("gateway", origin.gateway().value());
      json.writeNumberField("generation", origin.generation());
      json.writeNumberField("sequence", origin.sequence());
      json.writeStringField("region", origin.region().value());
      json.writeNumberField("partition", origin.partition());
      List<Channel> channels = channelsOf(record);
      if (!channels.isEmpty()) {
        json.writeArrayFieldStart("channels");
        for (Channel channel : channels) {
          json.writeString(channel.value());
        }
        json.writeEndArray();
      }
      switch (record) {
        case Join join -> {
          writeMember(json, join.channel(), join.user(), join.connection());
          if (join.again()) {
            json.writeBooleanField("again", true);
          }
        }
        case Leave leave -> {
          writeMember(json, leave.channel(), leave.user(), leave.connection());
          if (leave.confirmed().isPresent()) {
            json.writeNumberField("confirmed", leave.confirmed().getAsLong());
          }
        }
        case Subscribe _, Unsubscribe _, GatewayUp _, GatewayDown _, Roster _ -> {
          // Its channels say it all.
        }
      }
      if (version.hasUnread()) {
        json.writeBooleanField("rehearsal", true);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory does not fail", e);
    }
    return out.toByteArray();
  }

  private static void writeMember(
      JsonGenerator json, Channel channel, UserId user, ConnectionId connection)
      throws IOException {
    json.writeStringField("channel", channel.value());
    json.writeStringField("user", user.value());
    json.writeStringField("connection", connection.value());
  }

  /** What a value says, before it is known to be whole. */
  private static final class Fields {
    long version;
    @Nullable String gateway;
    long generation;
    long sequence;
    @Nullable String region;
    int partition = -1;
    final List<Channel> channels = new ArrayList<>();
    @Nullable String channel;
    @Nullable String user;
    @Nullable String connection;
    boolean again;
    OptionalLong confirmed = OptionalLong.empty();

    Channel channel() {
      return new Channel(present(channel, "channel"));
    }

    UserId user() {
      return new UserId(present(user, "user"));
    }

    ConnectionId connection() {
      return new ConnectionId(present(connection, "connection"));
    }

    private static String present(@Nullable String text, String name) {
      if (text == null) {
        throw new IllegalArgumentException("no " + name);
      }
      return text;
    }
  }

  private static Fields read(byte[] value) throws IOException {
    Fields fields = new Fields();
    try (JsonParser json = JSON.createParser(value)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("not an object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        switch (name) {
          case "v" -> fields.version = number(json);
          case "gateway" -> fields.gateway = text(json);
          case "generation" -> fields.generation = number(json);
          case "sequence" -> fields.sequence = number(json);
          case "region" -> fields.region = text(json);
          case "partition" -> fields.partition = Math.toIntExact(number(json));
          case "channels" -> readChannels(json, fields.channels);
          case "channel" -> fields.channel = text(json);
          case "user" -> fields.user = text(json);
          case "connection" -> fields.connection = text(json);
          case "again" -> fields.again = json.currentToken() == JsonToken.VALUE_TRUE;
          case "confirmed" -> fields.confirmed = OptionalLong.of(number(json));
          default -> json.skipChildren();
        }
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw new IllegalArgumentException("not one object");
      }
    }
    return fields;
  }

  private static String text(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw new IllegalArgumentException(json.currentName() + " is not a string");
    }
    return json.getText();
  }

  private static long number(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw new IllegalArgumentException(json.currentName() + " is not a whole number");
    }
    return json.getLongValue();
  }

  private static void readChannels(JsonParser json, List<Channel> channels) throws IOException {
    channels.clear();
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new IllegalArgumentException("channels is not an array");
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (channels.size() == ControlRecord.MAX_CHANNELS) {
        throw new IllegalArgumentException("too many channels");
      }
      channels.add(new Channel(text(json)));
    }
  }

  private static ControlRecord assemble(String type, byte @Nullable [] recordKey, Fields fields) {
    if (fields.gateway == null || fields.region == null) {
      throw new IllegalArgumentException("no gateway or no region");
    }
    Origin origin =
        new Origin(
            new GatewayId(fields.gateway),
            fields.generation,
            fields.sequence,
            new Region(fields.region),
            fields.partition);
    return switch (type) {
      case "subscribe" -> new Subscribe(origin, tenant(recordKey), fields.channels);
      case "unsubscribe" -> new Unsubscribe(origin, tenant(recordKey), fields.channels);
      case "gateway-up" -> new GatewayUp(origin);
      case "gateway-down" -> new GatewayDown(origin);
      case "roster" -> new Roster(origin);
      case JOIN ->
          new Join(
              origin,
              tenant(recordKey),
              fields.channel(),
              fields.user(),
              fields.connection(),
              fields.again);
      case LEAVE ->
          new Leave(
              origin,
              tenant(recordKey),
              fields.channel(),
              fields.user(),
              fields.connection(),
              fields.confirmed);
      default -> throw new IllegalArgumentException("not a control record's type");
    };
  }

  private static TenantId tenant(byte @Nullable [] recordKey) {
    if (recordKey == null) {
      throw new IllegalArgumentException("no tenant as key");
    }
    return new TenantId(new String(recordKey, StandardCharsets.UTF_8));
  }
}
