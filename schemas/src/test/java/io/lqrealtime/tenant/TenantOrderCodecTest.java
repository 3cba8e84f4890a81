package io.lqrealtime.tenant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.lqrealtime.frame.FrameSchemas;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.Position;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.RecordFormatException;
import io.lqrealtime.tenant.TenantPolicy.Kind;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TenantOrderCodecTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final Region REGION = new Region("local");
  private static final ControlKey KEY =
      new ControlKey("0123456789abcdef0123456789abcdef".getBytes(UTF_8));
  private static final Target MALLORY = new Target.User(new UserId("mallory the \"2nd\""));

  private static final long ISSUED = 1_790_000_000_123L;

  private static TenantOrderCodec.Addressed addressed(TenantOrder order) {
    return new TenantOrderCodec.Addressed(REGION, 4, ISSUED, order);
  }

  static Stream<TenantOrder> orders() {
    TenantPolicy all = TenantPolicy.DEFAULT;
    for (Kind kind : Kind.values()) {
      all = all.with(kind, kind.highest());
    }
    return Stream.of(
        new TenantOrder.SetPolicy(ACME, "ops", TenantPolicy.DEFAULT),
        new TenantOrder.SetPolicy(ACME, "ops", all),
        new TenantOrder.SetPolicy(ACME, "ops", TenantPolicy.DEFAULT.with(Kind.CONNECTIONS, 0)),
        new TenantOrder.Disconnect(ACME, "ops", MALLORY),
        new TenantOrder.Disconnect(ACME, "ops", new Target.Everyone()),
        new TenantOrder.Disconnect(
            ACME, "ops", new Target.Connection(new ConnectionId("gateway-1-1-a"))),
        new TenantOrder.Unsubscribe(ACME, "ops", MALLORY, new Channel("room.1")),
        new TenantOrder.Revoke(ACME, "backend", MALLORY, 1_790_000_000),
        new TenantOrder.Revoke(ACME, "backend", new Target.Everyone(), 0));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void order_isReadAsItWasWritten(TenantOrder order) {
    for (FormatVersion version :
        new FormatVersion[] {FormatVersion.FIRST, new FormatVersion(FormatVersion.NEWEST)}) {
      TenantOrderCodec.Encoded encoded = TenantOrderCodec.encode(addressed(order), KEY, version);
      String type = encoded.headers().get("type");

      assertThat(TenantOrderCodec.isOrderType(type)).isTrue();
      assertThat(new String(encoded.key(), UTF_8)).isEqualTo("acme");
      assertThat(encoded.headers()).containsEntry("from", order.by());
      assertThat(KEY.verifies(encoded.headers().get("mac"), type, encoded.key(), encoded.value()))
          .isTrue();
      assertThat(TenantOrderCodec.decode(type, encoded.value())).isEqualTo(addressed(order));
    }
  }

  @ParameterizedTest
  @MethodSource("orders")
  void value_isValidByItsSchema(TenantOrder order) {
    TenantOrderCodec.Encoded encoded =
        TenantOrderCodec.encode(addressed(order), KEY, FormatVersion.FIRST);

    assertThat(
            FrameSchemas.faults(
                "records/" + encoded.headers().get("type") + ".json",
                new String(encoded.value(), UTF_8)))
        .isEmpty();
  }

  @Test
  void policySchema_hasTheLimitsOfTheCode() {
    JsonNode limits =
        FrameSchemas.read("records/tenant-policy.json").at("/properties/policy/properties");

    assertThat(limits).hasSize(Kind.values().length);
    for (Kind kind : Kind.values()) {
      assertThat(limits.at("/" + kind.wireName() + "/minimum").asInt()).isEqualTo(kind.lowest());
      assertThat(limits.at("/" + kind.wireName() + "/maximum").asInt()).isEqualTo(kind.highest());
    }
  }

  @ParameterizedTest
  @MethodSource("orders")
  void schema_refusesWhatTheCodeRefuses(TenantOrder order) {
    TenantOrderCodec.Encoded encoded =
        TenantOrderCodec.encode(addressed(order), KEY, FormatVersion.FIRST);
    String schema = "records/" + encoded.headers().get("type") + ".json";
    String value = new String(encoded.value(), UTF_8);

    assertThat(FrameSchemas.faults(schema, value.replace("\"by\":", "\"of\":"))).isNotEmpty();
    if (!(order instanceof TenantOrder.SetPolicy)) {
      assertThat(
              FrameSchemas.faults(schema, value.replace("}", ",\"everyone\":true,\"user\":\"u\"}")))
          .as("an order is about one")
          .isNotEmpty();
    }
  }

  @Test
  void value_isWhatOldRecordsHold() {
    assertThat(
            new String(
                TenantOrderCodec.encode(
                        addressed(new TenantOrder.Revoke(ACME, "ops", MALLORY, 1_790_000_000)),
                        KEY,
                        FormatVersion.FIRST)
                    .value(),
                UTF_8))
        .isEqualTo(
            "{\"v\":1,\"region\":\"local\",\"partition\":4,\"tenant\":\"acme\",\"by\":\"ops\",\"issued\":1790000000123,\"user\":\"mallory"
                + " the \\\"2nd\\\"\",\"issuedBefore\":1790000000}");
  }

  @Test
  void orderOfBeforeTheyWereDated_isRead() {
    assertThat(
            TenantOrderCodec.decode(
                "disconnect",
                ("{\"v\":1,\"region\":\"local\",\"partition\":4,\"tenant\":\"acme\",\"by\":\"x\","
                        + "\"everyone\":true}")
                    .getBytes(UTF_8)))
        .isEqualTo(
            new TenantOrderCodec.Addressed(
                REGION, 4, 0, new TenantOrder.Disconnect(ACME, "x", new Target.Everyone())));
  }

  @Test
  void unknownFieldsAndLimits_areIgnored() {
    TenantOrder order =
        TenantOrderCodec.decode(
                "tenant-policy",
                ("{\"v\":1,\"new\":[1],\"region\":\"local\",\"partition\":0,\"tenant\":\"acme\","
                        + "\"by\":\"x\",\"policy\":{\"connections\":5,\"moons\":{\"a\":1}}}")
                    .getBytes(UTF_8))
            .order();

    assertThat(order)
        .isEqualTo(
            new TenantOrder.SetPolicy(ACME, "x", TenantPolicy.DEFAULT.with(Kind.CONNECTIONS, 5)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "disconnect | {}",
        "disconnect | []",
        "disconnect | nonsense",
        "disconnect | {'v':9,'region':'l','partition':0,'tenant':'a','by':'x','user':'u'}",
        "disconnect | {'v':1,'region':'l','partition':0,'tenant':'a','by':'x'}",
        "disconnect | {'v':1,'region':'l','partition':0,'tenant':'a','by':'','user':'u'}",
        "disconnect | {'v':1,'region':'l','partition':0,'tenant':'a','by':'x\\ud800','user':'u'}",
        "disconnect | {'v':1,'region':'l','partition':0,'tenant':'a b','by':'x','user':'u'}",
        "disconnect |"
            + " {'v':1,'region':'l','partition':0,'tenant':'a','by':'x','user':'u','everyone':true}",
        "disconnect | {'v':1,'region':'l','partition':0,'tenant':'a','by':'x','user':'u'} {}",
        "unsubscribe-client | {'v':1,'region':'l','partition':0,'tenant':'a','by':'x','user':'u'}",
        "unsubscribe-client |"
            + " {'v':1,'region':'l','partition':0,'tenant':'a','by':'x','user':'u','channel':'a"
            + " b'}",
        "revoke | {'v':1,'region':'l','partition':0,'tenant':'a','by':'x','user':'u'}",
        "revoke |"
            + " {'v':1,'region':'l','partition':0,'tenant':'a','by':'x','connection':'c','issuedBefore':5}",
        "tenant-policy | {'v':1,'region':'l','partition':0,'tenant':'a','by':'x'}",
        "tenant-policy |"
            + " {'v':1,'region':'l','partition':0,'tenant':'a','by':'x','policy':{'connections':-1}}",
        "tenant-policy |"
            + " {'v':1,'region':'l','partition':0,'tenant':'a','by':'x','policy':{'channels':99999999999}}",
        "disconnect |"
            + " {'v':1,'region':'l','partition':0,'tenant':'a','by':'x','issued':-1,'user':'u'}",
        "disconnect |"
            + " {'v':1,'region':'l','partition':0,'tenant':'a','by':'x','issued':'now','user':'u'}",
        "other | {'v':1,'region':'l','partition':0,'tenant':'a','by':'x','user':'u'}"
      })
  void brokenOrder_isRefused(String type, String json) {
    assertThatExceptionOfType(RecordFormatException.class)
        .isThrownBy(() -> TenantOrderCodec.decode(type, json.replace('\'', '"').getBytes(UTF_8)));
  }

  @Test
  void ordersThatReplaceEachOther_haveOneKey_andOthersHaveOthers() {
    assertThat(key(new TenantOrder.Revoke(ACME, "a", MALLORY, 1)))
        .isEqualTo(key(new TenantOrder.Revoke(ACME, "b", MALLORY, 2)));
    assertThat(orders().map(TenantOrderCodecTest::key).distinct().count())
        // The three policies are one.
        .isEqualTo(orders().count() - 2);
  }

  @Test
  void momentaryOrders_andThoseThatTakeBack_leaveNothing() {
    assertThat(orders().filter(TenantOrderCodec::leavesNothing))
        .hasSize(6)
        .noneMatch(
            order ->
                order instanceof TenantOrder.SetPolicy set
                    && !set.policy().equals(TenantPolicy.DEFAULT));
  }

  @Test
  void limits_areBounded() {
    for (Kind kind : Kind.values()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TenantPolicy.DEFAULT.with(kind, kind.lowest() - 1))
          .withMessageContaining(kind.wireName());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TenantPolicy.DEFAULT.with(kind, kind.highest() + 1));
    }
  }

  private static String key(TenantOrder order) {
    return new String(TenantOrderCodec.snapshotKey(order), UTF_8);
  }

  @Test
  void laterOrder_replaces_andSoDoesOneInAnotherLog() {
    Position former = Position.parse("local.qzs2bywm.4.41");
    assertThat(TenantOrderCodec.replaces(Position.parse("local.qzs2bywm.4.42"), former)).isTrue();
    assertThat(TenantOrderCodec.replaces(former, former)).isFalse();
    assertThat(TenantOrderCodec.replaces(Position.parse("local.qzs2bywm.4.40"), former)).isFalse();
    assertThat(TenantOrderCodec.replaces(Position.parse("local.6ng5b3hj.4.3"), former)).isTrue();
  }

  @Test
  void tombstone_endsItsOwnOrderAndFormerOnes_andNoneThatCameLater() {
    Position standing = Position.parse("local.qzs2bywm.4.41");

    assertThat(TenantOrderCodec.ends(standing, standing)).isTrue();
    assertThat(TenantOrderCodec.ends(Position.parse("local.qzs2bywm.4.42"), standing)).isTrue();
    assertThat(TenantOrderCodec.ends(Position.parse("local.qzs2bywm.4.40"), standing)).isFalse();
    assertThat(TenantOrderCodec.ends(Position.parse("local.6ng5b3hj.4.3"), standing)).isTrue();
  }
}
