package io.lqrealtime.router.core;

import static io.lqrealtime.router.core.Log.message;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.record.DeadLetterReason;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.MessageHeaders;
import io.lqrealtime.router.core.Decision.Verdict;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {
  private final Partition partition = new Partition();

  @BeforeEach
  void subscribe() {
    partition.process(Log.subscribe(0, "g", 1, 1, "room", "user:ann"));
  }

  @Test
  void message_isDeliveredAsPublished() {
    GatewayRecord.Message sent =
        routed(message(5, "acme", "{\"a\": 1}", "channel", "room", "id", "7", "from", "änn"));

    assertThat(sent.tenant().value()).isEqualTo("acme");
    assertThat(sent.channel().value()).isEqualTo("room");
    assertThat(sent.id()).contains("7");
    assertThat(sent.from()).contains("änn");
    assertThat(sent.time()).isEqualTo(1_005);
    assertThat(sent.position().toString()).isEqualTo("local." + Log.LOG_ID + ".0.5");
    assertThat(new String(sent.payload(), UTF_8)).isEqualTo("{\"a\": 1}");
  }

  @Test
  void cloudEvent_inBinaryMode_isTakenAsItIs() {
    GatewayRecord.Message sent =
        routed(
            message(
                5,
                "acme",
                "1",
                "ce_specversion",
                "1.0",
                "ce_subject",
                "room",
                "ce_id",
                "a-1",
                "ce_source",
                "/orders"));

    assertThat(sent.id()).contains("a-1");
    assertThat(sent.from()).contains("/orders");
  }

  @Test
  void repeatedHeader_lastCounts_andOwnHeadersGoBeforeCloudEvents() {
    GatewayRecord.Message sent =
        routed(
            message(
                5,
                "acme",
                "1",
                "channel",
                "hall",
                "id",
                "1",
                "channel",
                "room",
                "id",
                "2",
                "ce_subject",
                "hall",
                "ce_id",
                "3",
                "type",
                "message"));

    assertThat(sent.channel().value()).isEqualTo("room");
    assertThat(sent.id()).contains("2");
  }

  @Test
  void emptyIdAndSender_countAsAbsent() {
    GatewayRecord.Message sent =
        routed(message(5, "acme", "1", "channel", "room", "id", "", "from", ""));

    assertThat(sent.id()).isEqualTo(Optional.empty());
    assertThat(sent.from()).isEqualTo(Optional.empty());
  }

  @Test
  void noKey_isRejected() {
    assertThat(reason(message(5, null, "1", "channel", "room"))).isEqualTo(DeadLetterReason.NO_KEY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "ä", "a\nb", "a*"})
  void keyThatIsNoTenant_isRejected(String key) {
    assertThat(reason(message(5, key, "1", "channel", "room"))).isEqualTo(DeadLetterReason.BAD_KEY);
  }

  @Test
  void longKey_isRejected() {
    assertThat(reason(message(5, "a".repeat(201), "1", "channel", "room")))
        .isEqualTo(DeadLetterReason.BAD_KEY);
  }

  @Test
  void noChannel_isRejected() {
    assertThat(reason(message(5, "acme", "1", new String[0])))
        .isEqualTo(DeadLetterReason.NO_CHANNEL);
    MessageHeaders withoutValue = new MessageHeaders();
    withoutValue.add("channel", null);
    assertThat(reason(new InboundRecord(5, 0, Log.bytes("acme"), withoutValue, Log.bytes("1"))))
        .isEqualTo(DeadLetterReason.NO_CHANNEL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "ä", "room*"})
  void badChannel_isRejected(String channel) {
    assertThat(reason(message(5, "acme", "1", "channel", channel, "ce_subject", "room")))
        .isEqualTo(DeadLetterReason.BAD_CHANNEL);
  }

  @Test
  void headersBeyondTheirBounds_areRejected() {
    assertThat(reason(message(5, "acme", "1", "channel", "room", "id", "x".repeat(129))))
        .isEqualTo(DeadLetterReason.BAD_HEADER);
    assertThat(reason(message(5, "acme", "1", "channel", "room", "from", "x".repeat(201))))
        .isEqualTo(DeadLetterReason.BAD_HEADER);
    assertThat(routed(message(5, "acme", "1", "channel", "room", "id", "ä".repeat(128))).id())
        .contains("ä".repeat(128));
  }

  @Test
  void headerThatIsNotUtf8_isRejected() {
    MessageHeaders headers = Log.headers("channel", "room");
    headers.add("id", new byte[] {(byte) 0xC3});

    assertThat(reason(new InboundRecord(5, 0, Log.bytes("acme"), headers, Log.bytes("1"))))
        .isEqualTo(DeadLetterReason.BAD_HEADER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{", "hello", "1 2", "{} x", "[1,]", "\uFEFF1", "NaN", "'a'"})
  void valueThatIsNotJson_isRejected(String value) {
    assertThat(reason(message(5, "room", value))).isEqualTo(DeadLetterReason.NOT_JSON);
  }

  @Test
  void tombstone_isRejected() {
    assertThat(reason(message(5, "room", null))).isEqualTo(DeadLetterReason.NOT_JSON);
  }

  @Test
  void valueInAnotherEncoding_isRejected() {
    for (byte[] value :
        new byte[][] {
          "\"a\"".getBytes(UTF_16BE), {'"', (byte) 0xE9, '"'}, {'"', (byte) 0xED, (byte) 0xA0, '"'}
        }) {
      InboundRecord record =
          new InboundRecord(5, 0, Log.bytes("acme"), Log.headers("channel", "room"), value);
      assertThat(reason(record)).isEqualTo(DeadLetterReason.NOT_JSON);
    }
  }

  @Test
  void valueBeyondTheBound_isRejected() {
    String most = "\"" + "x".repeat(Log.MAX_PAYLOAD - 2) + "\"";
    assertThat(routed(message(5, "room", most)).payload()).hasSize(Log.MAX_PAYLOAD);
    assertThat(reason(message(6, "room", most + " "))).isEqualTo(DeadLetterReason.TOO_LARGE);
  }

  @ParameterizedTest
  @CsvSource({"joined", "Leave", "Message", "''", "subscribe2"})
  void unknownType_isRejected(String type) {
    assertThat(reason(message(5, "acme", "1", "channel", "room", "type", type)))
        .isEqualTo(DeadLetterReason.UNKNOWN_TYPE);
  }

  private GatewayRecord.Message routed(InboundRecord record) {
    return (GatewayRecord.Message) partition.sent(record, "g").getFirst();
  }

  private DeadLetterReason reason(InboundRecord record) {
    Decision decision = partition.process(record);
    Effect.DeadLetter dead = (Effect.DeadLetter) decision.effects().getFirst();
    assertThat(decision.verdict()).isEqualTo(new Verdict.Rejected(dead.reason()));
    assertThat(decision.effects()).hasSize(1);
    assertThat(decision.changes()).isEmpty();
    return dead.reason();
  }
}
