package io.lqrealtime.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lqrealtime.frame.FrameSchemas;
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
import io.lqrealtime.record.ControlRecordCodec.Encoded;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlRecordCodecTest {
  private static final ControlKey KEY =
      new ControlKey("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
  private static final Origin ORIGIN =
      new Origin(new GatewayId("g1"), 7, 3, new Region("local"), 4);
  private static final UserId ALICE = new UserId("alice");
  private static final ConnectionId CONNECTION = new ConnectionId("g1-1-2");
  private static final TenantId TENANT = new TenantId("acme");
  private static final byte[] TENANT_KEY = utf8("acme");
  private static final List<Channel> CHANNELS =
      List.of(new Channel("room.1"), new Channel("user:alice"));

  static List<ControlRecord> records() {
    return List.of(
        new Subscribe(ORIGIN, TENANT, CHANNELS),
        new Unsubscribe(ORIGIN, TENANT, CHANNELS),
        new GatewayUp(ORIGIN),
        new Roster(ORIGIN),
        new Join(ORIGIN, TENANT, CHANNELS.getFirst(), new UserId("o'\"brien"), CONNECTION, false),
        new Join(ORIGIN, TENANT, CHANNELS.getFirst(), new UserId("alice"), CONNECTION, true),
        new Leave(ORIGIN, TENANT, CHANNELS.getFirst(), ALICE, CONNECTION, OptionalLong.empty()),
        new Leave(ORIGIN, TENANT, CHANNELS.getFirst(), ALICE, CONNECTION, OptionalLong.of(0)),
        new GatewayDown(
            new Origin(
                new GatewayId("a.b-c_d"),
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                new Region("us"),
                Integer.MAX_VALUE)));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertRefused(String type, byte[] key, byte[] value) {
    assertThatExceptionOfType(RecordFormatException.class)
        .as("%s", new String(value, StandardCharsets.UTF_8))
        .isThrownBy(() -> ControlRecordCodec.decode(type, key, value))
        .withMessageContaining(type);
  }

  @ParameterizedTest
  @MethodSource("records")
  void decode_encoded_isTheSameRecordAndSigned(ControlRecord record) {
    for (FormatVersion version : FormatVersionTest.ALL) {
      Encoded encoded = ControlRecordCodec.encode(record, KEY, version);

      assertThat(ControlRecordCodec.isControlType(encoded.type())).isTrue();
      assertThat(encoded.partition()).isEqualTo(record.origin().partition());
      assertThat(KEY.verifies(encoded.mac(), encoded.type(), encoded.key(), encoded.value()))
          .isTrue();
      assertThat(ControlRecordCodec.decode(encoded.type(), encoded.key(), encoded.value()))
          .isEqualTo(record);
      assertThat(new String(encoded.value(), StandardCharsets.UTF_8))
          .startsWith("{\"v\":" + version.number() + ",");
    }
  }

  /** Gateways and routers of different versions read each other's records. */
  @Test
  void encode_examples_areTheTextsOfTheProtocol() {
    Encoded subscribe = ControlRecordCodec.encode(records().get(0), KEY, FormatVersion.FIRST);

    assertThat(subscribe.type()).isEqualTo("subscribe");
    assertThat(subscribe.key()).isEqualTo(TENANT_KEY);
    assertThat(new String(subscribe.value(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\","
                + "\"partition\":4,\"channels\":[\"room.1\",\"user:alice\"]}");
    // Computed by another implementation of HMAC, from the description in ControlKey.
    assertThat(subscribe.mac()).isEqualTo("wgtHotCByQ9rq-pQJu7x-0nEpollKbkVMCILMQmCBsw");

    Encoded up = ControlRecordCodec.encode(records().get(2), KEY, FormatVersion.FIRST);
    assertThat(up.type()).isEqualTo("gateway-up");
    assertThat(up.key()).isNull();
    assertThat(new String(up.value(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\","
                + "\"partition\":4}");
  }

  @ParameterizedTest
  @MethodSource("records")
  void encode_value_isValidByItsSchema(ControlRecord record) {
    Encoded encoded = ControlRecordCodec.encode(record, KEY, FormatVersion.FIRST);
    String schema =
        switch (record) {
          case Subscribe _, Unsubscribe _ -> "subscription";
          case Join _, Leave _ -> "member";
          case GatewayUp _, GatewayDown _, Roster _ -> "gateway-life";
        };

    assertThat(
            FrameSchemas.faults(
                "records/" + schema + ".json", new String(encoded.value(), StandardCharsets.UTF_8)))
        .isEmpty();
  }

  @Test
  void encode_joinOrLeave_saysInHeadersWhoAndWhere() {
    for (ControlRecord record : records()) {
      Encoded encoded = ControlRecordCodec.encode(record, KEY, FormatVersion.FIRST);

      assertThat(encoded.headers())
          .containsEntry("type", encoded.type())
          .containsEntry("mac", encoded.mac())
          .containsEntry("gateway", record.origin().gateway().value());
      if (record instanceof Leave leave) {
        assertThat(encoded.headers())
            .containsEntry("channel", "room.1")
            .containsEntry("from", leave.user().value())
            .containsEntry("connection", leave.connection().value());
      }
    }
  }

  @Test
  void decode_unknownFields_areIgnored() {
    assertThat(
            ControlRecordCodec.decode(
                "subscribe",
                TENANT_KEY,
                utf8(
                    """
                    {"new":{"v":9,"channels":["x"]},"v":1,"gateway":"g1","generation":7,"sequence":3,
                     "list":[[1],{}],"region":"local","partition":4,"channels":["room.1","user:alice"],
                     "later":null}
                    """)))
        .isEqualTo(new Subscribe(ORIGIN, TENANT, CHANNELS));
  }

  @Test
  void decode_newerVersion_isRefused() {
    for (String version :
        List.of("3", "0", "-1", "9999999999999999999999", "1.0", "\"1\"", "null")) {
      assertRefused(
          "gateway-up",
          null,
          utf8(
              "{\"v\":%s,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4}"
                  .formatted(version)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "5",
        "\"x\"",
        "[]",
        "{",
        "{}",
        "{}{}",
        "{\"v\":1}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[\"a\"]}"
            + " x",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":\"a\"}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[null]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[5]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[[\"a\"]]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[\"a"
            + " b\"]}",
        "{\"v\":1,\"gateway\":null,\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[\"a\"]}",
        "{\"v\":1,\"gateway\":5,\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[\"a\"]}",
        "{\"v\":1,\"gateway\":{\"gateway\":\"g1\"},\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[\"a\"]}",
        "{\"v\":1,\"gateway\":\"g/1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[\"a\"]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":0,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[\"a\"]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7.5,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[\"a\"]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":\"7\",\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[\"a\"]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":9223372036854775808,\"region\":\"local\",\"partition\":4,\"channels\":[\"a\"]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":0,\"region\":\"local\",\"partition\":4,\"channels\":[\"a\"]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"a.b\",\"partition\":4,\"channels\":[\"a\"]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":-1,\"channels\":[\"a\"]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4294967300,\"channels\":[\"a\"]}",
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"channels\":[\"a\"]}",
      })
  void decode_broken_isRefused(String value) {
    assertRefused("subscribe", TENANT_KEY, utf8(value));
  }

  @Test
  void decode_deepNesting_isRefused() {
    assertRefused("subscribe", TENANT_KEY, utf8("{\"x\":" + "[".repeat(100_000)));
  }

  @Test
  void decode_tooManyChannels_isRefused() {
    String channels =
        String.join(",", IntStream.range(0, 501).mapToObj(i -> "\"room." + i + "\"").toList());
    String value =
        "{\"v\":1,\"gateway\":\"g1\",\"generation\":7,\"sequence\":3,\"region\":\"local\",\"partition\":4,\"channels\":[%s]}";

    assertRefused("subscribe", TENANT_KEY, utf8(value.formatted(channels)));
    assertThat(
            ControlRecordCodec.decode(
                "subscribe",
                TENANT_KEY,
                utf8(value.formatted(channels.substring(0, channels.lastIndexOf(','))))))
        .isInstanceOf(Subscribe.class);
    assertThatIllegalArgumentException().isThrownBy(() -> new Subscribe(ORIGIN, TENANT, List.of()));
  }

  @Test
  void decode_noKeyOrABadOne_isRefused() {
    byte[] value = ControlRecordCodec.encode(records().get(0), KEY, FormatVersion.FIRST).value();

    assertRefused("subscribe", null, value);
    assertRefused("unsubscribe", new byte[0], value);
    assertRefused("subscribe", new byte[] {(byte) 0xff, 'a'}, value);
    assertRefused("subscribe", utf8("a b"), value);
  }

  @Test
  void decode_anotherType_isRefused() {
    byte[] value = ControlRecordCodec.encode(records().get(0), KEY, FormatVersion.FIRST).value();

    for (String type : List.of("message", "", "Subscribe", "gateway-UP")) {
      assertThat(ControlRecordCodec.isControlType(type)).isFalse();
      assertRefused(type, TENANT_KEY, value);
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  void decode_mutations_areRecordsOrRefusals(ControlRecord record) {
    long seed = 1313;
    Mutations mutations = new Mutations(seed);
    Encoded encoded = ControlRecordCodec.encode(record, KEY, FormatVersion.FIRST);
    for (int i = 0; i < 4_000; i++) {
      byte[] value = mutations.mutate(encoded.value());
      byte[] key =
          encoded.key() == null || i % 4 != 0 ? encoded.key() : mutations.mutate(encoded.key());
      try {
        ControlRecordCodec.decode(encoded.type(), key, value);
      } catch (RecordFormatException e) {
        // Right: anything else fails the test.
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            "seed " + seed + ", value " + new String(value, StandardCharsets.ISO_8859_1), e);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  void verifies_anythingTampered_isRefused(ControlRecord record) {
    Encoded encoded = ControlRecordCodec.encode(record, KEY, FormatVersion.FIRST);
    String mac = encoded.mac();
    String type = encoded.type();
    byte[] key = encoded.key();
    byte[] value = encoded.value();

    for (int i = 0; i < value.length; i++) {
      byte[] other = value.clone();
      other[i] ^= 1;
      assertThat(KEY.verifies(mac, type, key, other)).isFalse();
    }
    assertThat(KEY.verifies(mac, "gateway-x", key, value)).isFalse();
    assertThat(KEY.verifies(mac, type, utf8("globex"), value)).isFalse();
    assertThat(KEY.verifies(mac, type, key == null ? new byte[0] : null, value)).isFalse();
    for (int i = 0; i < mac.length() - 1; i++) {
      char c = mac.charAt(i) == 'A' ? 'B' : 'A';
      String other = mac.substring(0, i) + c + mac.substring(i + 1);
      assertThat(KEY.verifies(other, type, key, value)).as(other).isFalse();
    }
    for (String other : List.of("", "A", "é", "\u0000", mac.substring(1), mac + mac, mac + "\n")) {
      assertThat(KEY.verifies(other, type, key, value)).as(other).isFalse();
    }
    assertThat(new ControlKey(new byte[32]).verifies(mac, type, key, value)).isFalse();
  }

  @Test
  void verifies_bytesMovedBetweenParts_isRefused() {
    String mac = KEY.sign("subscribe", utf8("acme"), utf8("{}"));

    assertThat(KEY.verifies(mac, "subscribea", utf8("cme"), utf8("{}"))).isFalse();
    assertThat(KEY.verifies(mac, "subscribe", utf8("acme{"), utf8("}"))).isFalse();
  }

  @Test
  void controlKey_short_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ControlKey(new byte[31]))
        .withMessageContaining("32");
  }

  @Test
  void deadLetterReasons_wireNames_areDistinctLowerCaseWords() {
    assertThat(DeadLetterReason.values())
        .extracting(DeadLetterReason::wireName)
        .doesNotHaveDuplicates()
        .allSatisfy(name -> assertThat(name).matches("[a-z]+(-[a-z]+)*"));
  }
}
