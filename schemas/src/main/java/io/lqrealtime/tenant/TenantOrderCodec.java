package io.lqrealtime.tenant;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.Position;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.RecordFormatException;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.tenant.TenantPolicy.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Orders as they lie in Kafka, twice with the same value, a JSON object:
 *
 * <pre>
 * {"v":1,"region":"local","partition":4,"tenant":"acme","by":"ops","issued":1790000000000,"policy":{"connections":500}}
 * {"v":1,"region":"local","partition":4,"tenant":"acme","by":"ops","issued":1790000000000,"user":"mallory","issuedBefore":1790000000}
 * </pre>
 *
 * <p>In the <b>inbound log</b>, on the tenant's partition, as a control record: key = tenant,
 * headers {@code type} and {@code mac}. It is obeyed only where it was written for, within {@value
 * #FRESH_MILLIS} ms of when it was issued, and once: whoever can read the log and append to it can
 * have no order obeyed again.
 *
 * <p>In the <b>tenants topic</b>, where the router repeats it for the gateways: the key says what
 * the order replaces ({@link #snapshotKey}), since that topic is compacted, so that what it holds
 * is what is in force; headers {@code type}, and {@code position}, which says where the order lies
 * in the inbound log. An order of a moment (disconnect, unsubscribe) is followed by a tombstone.
 *
 * <p>Readers ignore fields they don't know, and refuse a newer {@linkplain FormatVersion version}.
 */
public final class TenantOrderCodec {
  /** How much time may lie between issuing an order and its append, on clocks that may differ. */
  public static final long FRESH_MILLIS = 60_000;

  private static final JsonFactory JSON = new JsonFactory();
  private static final String POLICY = "tenant-policy";
  private static final String DISCONNECT = "disconnect";
  private static final String UNSUBSCRIBE = "unsubscribe-client";
  private static final String REVOKE = "revoke";

  private TenantOrderCodec() {}

  /**
   * An order and what it was written for.
   *
   * @param region and {@code partition}: where the tenant's records lie
   * @param issued in epoch milliseconds; 0 where it does not say, as none did at first
   */
  public record Addressed(Region region, int partition, long issued, TenantOrder order) {
    public Addressed {
      if (issued < 0) {
        throw new IllegalArgumentException("an order is issued at 0 or later, in epoch ms");
      }
    }
  }

  /** A control record for the inbound log, ready to be produced. */
  public record Encoded(byte[] key, byte[] value, Map<String, String> headers) {}

  public static boolean isOrderType(String type) {
    return switch (type) {
      case POLICY, DISCONNECT, UNSUBSCRIBE, REVOKE -> true;
      default -> false;
    };
  }

  public static Encoded encode(Addressed addressed, ControlKey key, FormatVersion version) {
    TenantOrder order = addressed.order();
    byte[] recordKey = order.tenant().value().getBytes(UTF_8);
    byte[] value = write(addressed, version);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(RecordHeader.TYPE, typeOf(order));
    headers.put(RecordHeader.MAC, key.sign(typeOf(order), recordKey, value));
    headers.put(RecordHeader.FROM, order.by());
    return new Encoded(recordKey, value, headers);
  }

  /**
   * @throws RecordFormatException if it is broken or of a newer version
   */
  public static Addressed decode(String type, byte[] value) {
    try {
      Fields fields = read(value);
      FormatVersion.check(fields.version, "an order of type " + type);
      return new Addressed(
          new Region(present(fields.region, "region")),
          fields.partition,
          fields.issued,
          order(type, fields));
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw new RecordFormatException("an order of type " + type + " can't be read", e);
    }
  }

  /** The key in the tenants topic: an order replaces the former one with the same. */
  public static byte[] snapshotKey(TenantOrder order) {
    // No tenant's name holds a space, and a target comes last.
    String key = order.tenant() + " " + typeOf(order) + " ";
    return (switch (order) {
          case TenantOrder.SetPolicy _ -> key.strip();
          case TenantOrder.Disconnect disconnect -> key + label(disconnect.target());
          case TenantOrder.Unsubscribe unsubscribe ->
              key + unsubscribe.channel() + " " + label(unsubscribe.target());
          case TenantOrder.Revoke revoke -> key + label(revoke.target());
        })
        .getBytes(UTF_8);
  }

  /**
   * Whether an order takes the place of a former one with the same key: a router that was paused,
   * or does its work again, may repeat an old one after it. In another log, which was created anew,
   * offsets say nothing: what lies later in the tenants topic counts.
   */
  public static boolean replaces(Position position, Position former) {
    return !position.log().equals(former.log()) || position.offset() > former.offset();
  }

  /**
   * Whether a tombstone ends what stands under its key: not where a router repeats it, and what
   * stands came later.
   *
   * @param tombstone where the order lies that it follows
   */
  public static boolean ends(Position tombstone, Position standing) {
    return tombstone.equals(standing) || replaces(tombstone, standing);
  }

  /** Whether the order is of a moment, or takes a former one back: nothing of it is to be kept. */
  public static boolean leavesNothing(TenantOrder order) {
    return switch (order) {
      case TenantOrder.Disconnect _, TenantOrder.Unsubscribe _ -> true;
      case TenantOrder.SetPolicy set -> set.policy().equals(TenantPolicy.DEFAULT);
      case TenantOrder.Revoke revoke -> revoke.issuedBefore() == 0;
    };
  }

  private static String label(Target target) {
    return switch (target) {
      case Target.Everyone _ -> "everyone";
      case Target.User(UserId user) -> "user " + user;
      case Target.Connection(ConnectionId connection) -> "connection " + connection;
    };
  }

  public static String typeOf(TenantOrder order) {
    return switch (order) {
      case TenantOrder.SetPolicy _ -> POLICY;
      case TenantOrder.Disconnect _ -> DISCONNECT;
      case TenantOrder.Unsubscribe _ -> UNSUBSCRIBE;
      case TenantOrder.Revoke _ -> REVOKE;
    };
  }

  private static byte[] write(Addressed addressed, FormatVersion version) {
    TenantOrder order = addressed.order();
    ByteArrayOutputStream out = new ByteArrayOutputStream(128);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField("v", version.number());
      json.writeStringField("region", addressed.region().value());
      json.writeNumberField("partition", addressed.partition());
      json.writeStringField("tenant", order.tenant().value());
      json.writeStringField("by", order.by());
      json.writeNumberField("issued", addressed.issued());
      switch (order) {
        case TenantOrder.SetPolicy set -> {
          json.writeObjectFieldStart("policy");
          for (Kind kind : Kind.values()) {
            if (set.policy().limit(kind).isPresent()) {
              json.writeNumberField(kind.wireName(), set.policy().limit(kind).getAsInt());
            }
          }
          json.writeEndObject();
        }
        case TenantOrder.Disconnect disconnect -> write(json, disconnect.target());
        case TenantOrder.Unsubscribe unsubscribe -> {
          write(json, unsubscribe.target());
          json.writeStringField("channel", unsubscribe.channel().value());
        }
        case TenantOrder.Revoke revoke -> {
          write(json, revoke.target());
          json.writeNumberField("issuedBefore", revoke.issuedBefore());
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

  private static void write(JsonGenerator json, Target target) throws IOException {
    switch (target) {
      case Target.Everyone _ -> json.writeBooleanField("everyone", true);
      case Target.User(UserId user) -> json.writeStringField("user", user.value());
      case Target.Connection(ConnectionId connection) ->
          json.writeStringField("connection", connection.value());
    }
  }

  /** What a value says, before it is known to be whole. */
  private static final class Fields {
    long version;
    @Nullable String region;
    int partition = -1;
    @Nullable String tenant;
    @Nullable String by;
    long issued;
    @Nullable TenantPolicy policy;
    boolean everyone;
    @Nullable String user;
    @Nullable String connection;
    @Nullable String channel;
    long issuedBefore = -1;

    Target target() {
      int targets = (everyone ? 1 : 0) + (user != null ? 1 : 0) + (connection != null ? 1 : 0);
      if (targets != 1) {
        throw new IllegalArgumentException("an order is about one user, connection, or everyone");
      }
      Optional<Target> one =
          Optional.ofNullable(user).map(name -> new Target.User(new UserId(name)));
      return one.orElseGet(
          () ->
              connection == null
                  ? new Target.Everyone()
                  : new Target.Connection(new ConnectionId(connection)));
    }
  }

  private static TenantOrder order(String type, Fields fields) {
    TenantId tenant = new TenantId(present(fields.tenant, "tenant"));
    String by = present(fields.by, "by");
    return switch (type) {
      case POLICY ->
          new TenantOrder.SetPolicy(
              tenant,
              by,
              Optional.ofNullable(fields.policy)
                  .orElseThrow(() -> new IllegalArgumentException("no policy")));
      case DISCONNECT -> new TenantOrder.Disconnect(tenant, by, fields.target());
      case UNSUBSCRIBE ->
          new TenantOrder.Unsubscribe(
              tenant, by, fields.target(), new Channel(present(fields.channel, "channel")));
      case REVOKE -> new TenantOrder.Revoke(tenant, by, fields.target(), fields.issuedBefore);
      default -> throw new IllegalArgumentException("not an order's type");
    };
  }

  private static String present(@Nullable String text, String name) {
    if (text == null) {
      throw new IllegalArgumentException("no " + name);
    }
    return text;
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
          case "region" -> fields.region = text(json);
          case "partition" -> fields.partition = Math.toIntExact(number(json));
          case "tenant" -> fields.tenant = text(json);
          case "by" -> fields.by = text(json);
          case "issued" -> fields.issued = number(json);
          case "policy" -> fields.policy = policy(json);
          case "everyone" -> fields.everyone = json.currentToken() == JsonToken.VALUE_TRUE;
          case "user" -> fields.user = text(json);
          case "connection" -> fields.connection = text(json);
          case "channel" -> fields.channel = text(json);
          case "issuedBefore" -> fields.issuedBefore = number(json);
          default -> json.skipChildren();
        }
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw new IllegalArgumentException("not one object");
      }
    }
    return fields;
  }

  private static TenantPolicy policy(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new IllegalArgumentException("policy is not an object");
    }
    Map<Kind, Integer> limits = new EnumMap<>(Kind.class);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      Optional<Kind> kind = kind(name);
      if (kind.isPresent()) {
        limits.put(kind.get(), Math.toIntExact(number(json)));
      } else {
        json.skipChildren();
      }
    }
    return new TenantPolicy(limits);
  }

  private static Optional<Kind> kind(String wireName) {
    for (Kind kind : Kind.values()) {
      if (kind.wireName().equals(wireName)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
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
}
