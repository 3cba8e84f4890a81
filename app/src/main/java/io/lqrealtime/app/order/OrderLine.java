package io.lqrealtime.app.order;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.Position;
import io.lqrealtime.id.UserId;
import io.lqrealtime.tenant.Target;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.lqrealtime.tenant.TenantPolicy.Kind;
import java.time.Instant;

/** An order as a line of JSON, for people and tools. */
public final class OrderLine {
  // What is not ASCII is escaped: names may hold what speaks to a terminal, or turns its text
  // about.
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private OrderLine() {}

  public static String of(OrderDesk.Standing standing) {
    return of(standing.order(), standing.position())
        .put("time", standing.given().toString())
        .toString();
  }

  public static ObjectNode of(TenantOrder order, Position position) {
    ObjectNode line = JSON.createObjectNode();
    line.put("tenant", order.tenant().value()).put("type", TenantOrderCodec.typeOf(order));
    switch (order) {
      case TenantOrder.SetPolicy set -> {
        ObjectNode policy = line.putObject("policy");
        for (Kind kind : Kind.values()) {
          set.policy().limit(kind).ifPresent(value -> policy.put(kind.wireName(), value));
        }
      }
      case TenantOrder.Disconnect disconnect -> put(line, disconnect.target());
      case TenantOrder.Unsubscribe unsubscribe -> {
        put(line, unsubscribe.target());
        line.put("channel", unsubscribe.channel().value());
      }
      case TenantOrder.Revoke revoke -> {
        put(line, revoke.target());
        line.put("issuedBefore", Instant.ofEpochSecond(revoke.issuedBefore()).toString());
      }
    }
    return line.put("by", order.by()).put("position", position.toString());
  }

  private static void put(ObjectNode line, Target target) {
    switch (target) {
      case Target.Everyone _ -> line.put("everyone", true);
      case Target.User(UserId user) -> line.put("user", user.value());
      case Target.Connection(ConnectionId connection) -> line.put("connection", connection.value());
    }
  }
}
