package io.lqrealtime.frame;

import static io.lqrealtime.frame.Frames.json;
import static io.lqrealtime.frame.Frames.text;
import static io.lqrealtime.frame.Frames.utf8;
import static io.lqrealtime.frame.ServerFrameExamples.CHANNEL;
import static io.lqrealtime.frame.ServerFrameExamples.CONNECTION;
import static io.lqrealtime.frame.ServerFrameExamples.NASTY;
import static io.lqrealtime.frame.ServerFrameExamples.POSITION;
import static io.lqrealtime.frame.ServerFrameExamples.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lqrealtime.frame.ServerFrames.Member;
import io.lqrealtime.frame.ServerFrames.Welcome;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ServerFramesTest {
  private static final Channel ROOM = new Channel("room.1");

  static List<ServerFrameExamples.Example> examples() {
    return ServerFrameExamples.all();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void write_anything_isOneJsonText(ServerFrameExamples.Example example) {
    assertThat(JsonLimits.isJson(example.frame())).isTrue();
    assertThat(json(example.frame()).isObject()).isTrue();
  }

  @Test
  void write_everyFrame_isTheTextOfTheProtocol() {
    assertThat(
            text(
                ServerFrames.welcome(
                    new Welcome(
                        CONNECTION,
                        USER,
                        new TenantId("acme"),
                        new GatewayId("gw-0"),
                        new Region("us"),
                        25,
                        65_536))))
        .isEqualTo(
            "{\"type\":\"welcome\",\"payload\":{\"connection\":\"gw-0.7f3a\",\"user\":\"o'\\\"brien\\\""
                + " 😀\",\"tenant\":\"acme\",\"gateway\":\"gw-0\",\"region\":\"us\",\"heartbeatSeconds\":25,\"maxFrameBytes\":65536}}");
    assertThat(text(ServerFrames.pong(Optional.of("1"), Optional.of(utf8("[1.50]")))))
        .isEqualTo("{\"type\":\"pong\",\"id\":\"1\",\"payload\":[1.50]}");
    assertThat(text(ServerFrames.pong(Optional.empty(), Optional.empty())))
        .isEqualTo("{\"type\":\"pong\",\"payload\":null}");
    assertThat(
            text(
                ServerFrames.subscribed(
                    Optional.of("1"), ROOM, POSITION, false, Optional.of("us.aaaaaaaa.1.0"))))
        .isEqualTo(
            "{\"type\":\"subscribed\",\"id\":\"1\",\"channel\":\"room.1\",\"position\":\"us.aaaaaaaa.1.10~eu.bbbbbbbb.2.20\",\"recovered\":false,\"oldest\":\"us.aaaaaaaa.1.0\"}");
    assertThat(text(ServerFrames.live(ROOM, POSITION)))
        .isEqualTo(
            "{\"type\":\"live\",\"channel\":\"room.1\",\"position\":\"us.aaaaaaaa.1.10~eu.bbbbbbbb.2.20\"}");
    assertThat(
            text(
                ServerFrames.message(
                    ROOM,
                    "us.aaaaaaaa.1.10",
                    Optional.of("m"),
                    Optional.of("al"),
                    7,
                    utf8("1e400"))))
        .isEqualTo(
            "{\"type\":\"message\",\"channel\":\"room.1\",\"position\":\"us.aaaaaaaa.1.10\",\"id\":\"m\",\"from\":\"al\",\"time\":7,\"payload\":1e400}");
    assertThat(
            text(
                ServerFrames.message(
                    ROOM, "us.aaaaaaaa.1.10", Optional.empty(), Optional.empty(), 7, utf8("{}"))))
        .isEqualTo(
            "{\"type\":\"message\",\"channel\":\"room.1\",\"position\":\"us.aaaaaaaa.1.10\",\"time\":7,\"payload\":{}}");
    assertThat(text(ServerFrames.ack("m", ROOM, "us.aaaaaaaa.1.10")))
        .isEqualTo(
            "{\"type\":\"ack\",\"id\":\"m\",\"channel\":\"room.1\",\"position\":\"us.aaaaaaaa.1.10\"}");
    assertThat(text(ServerFrames.unsubscribed(Optional.of("1"), ROOM, Optional.of("forbidden"))))
        .isEqualTo(
            "{\"type\":\"unsubscribed\",\"id\":\"1\",\"channel\":\"room.1\",\"reason\":\"forbidden\"}");
    assertThat(
            text(
                ServerFrames.presence(
                    "1",
                    ROOM,
                    3,
                    2,
                    List.of(new Member(USER, CONNECTION, 5), new Member(USER, CONNECTION, 6)))))
        .isEqualTo(
            "{\"type\":\"presence\",\"id\":\"1\",\"channel\":\"room.1\",\"payload\":{\"connections\":3,\"users\":2,\"members\":[{\"user\":\"o'\\\"brien\\\""
                + " 😀\",\"connection\":\"gw-0.7f3a\",\"since\":5},{\"user\":\"o'\\\"brien\\\""
                + " 😀\",\"connection\":\"gw-0.7f3a\",\"since\":6}]}}");
    assertThat(
            text(
                ServerFrames.userPresence(
                    "1", USER, 1, List.of(new Member(USER, CONNECTION, 5)), OptionalLong.empty())))
        .isEqualTo(
            "{\"type\":\"presence\",\"id\":\"1\",\"user\":\"o'\\\"brien\\\""
                + " 😀\",\"payload\":{\"online\":true,\"connections\":1,\"members\":[{\"user\":\"o'\\\"brien\\\""
                + " 😀\",\"connection\":\"gw-0.7f3a\",\"since\":5}]}}");
    assertThat(text(ServerFrames.userPresence("1", USER, 0, List.of(), OptionalLong.of(1_790_000))))
        .endsWith(
            "\"payload\":{\"online\":false,\"connections\":0,\"lastSeen\":1790000,\"members\":[]}}");
    assertThat(text(ServerFrames.join(ROOM, "us.aaaaaaaa.1.10", USER, CONNECTION)))
        .isEqualTo(
            "{\"type\":\"join\",\"channel\":\"room.1\",\"position\":\"us.aaaaaaaa.1.10\",\"payload\":{\"user\":\"o'\\\"brien\\\""
                + " 😀\",\"connection\":\"gw-0.7f3a\"}}");
    assertThat(text(ServerFrames.leaveCounts(ROOM, "us.aaaaaaaa.1.10", 3, 2)))
        .isEqualTo(
            "{\"type\":\"leave\",\"channel\":\"room.1\",\"position\":\"us.aaaaaaaa.1.10\",\"payload\":{\"connections\":3,\"users\":2}}");
    assertThat(
            text(
                ServerFrames.history(
                        "1",
                        ROOM,
                        List.of(
                            new HistoryPage.Message(utf8("{\"a\":1}"), 0),
                            new HistoryPage.Message(utf8("before{\"b\":2}"), 6)),
                        POSITION,
                        true)
                    .toByteArray()))
        .isEqualTo(
            "{\"type\":\"history\",\"id\":\"1\",\"channel\":\"room.1\",\"payload\":{\"messages\":[{\"a\":1},{\"b\":2}],\"position\":\"us.aaaaaaaa.1.10~eu.bbbbbbbb.2.20\",\"more\":true}}");
    assertThat(text(ServerFrames.refreshed(Optional.of("1"), 99)))
        .isEqualTo("{\"type\":\"refreshed\",\"id\":\"1\",\"payload\":{\"exp\":99}}");
    assertThat(text(ServerFrames.reconnect("drain", 1840)))
        .isEqualTo("{\"type\":\"reconnect\",\"payload\":{\"reason\":\"drain\",\"afterMs\":1840}}");
    assertThat(
            text(
                ServerFrames.error(
                    Optional.of("1"),
                    Optional.of("room.1"),
                    ErrorCode.RATE_LIMITED,
                    "slower",
                    OptionalLong.of(250))))
        .isEqualTo(
            "{\"type\":\"error\",\"id\":\"1\",\"channel\":\"room.1\",\"payload\":{\"code\":\"rate_limited\",\"message\":\"slower\",\"retryAfterMs\":250}}");
  }

  @Test
  void write_nastyTexts_comeBackAsTheyWere() {
    JsonNode message =
        json(
            ServerFrames.message(
                CHANNEL, POSITION, Optional.of(NASTY), Optional.of(NASTY), 1, utf8("0")));
    assertThat(message.get("id").textValue()).isEqualTo(NASTY);
    assertThat(message.get("from").textValue()).isEqualTo(NASTY);
    assertThat(message.get("channel").textValue()).isEqualTo(CHANNEL.value());

    JsonNode error =
        json(
            ServerFrames.error(
                Optional.of(NASTY),
                Optional.of(NASTY),
                ErrorCode.INTERNAL,
                NASTY,
                OptionalLong.of(Long.MAX_VALUE)));
    assertThat(error.get("id").textValue()).isEqualTo(NASTY);
    assertThat(error.get("channel").textValue()).isEqualTo(NASTY);
    assertThat(error.at("/payload/message").textValue()).isEqualTo(NASTY);
    assertThat(error.at("/payload/retryAfterMs"))
        .isEqualTo(JsonNodeFactory.instance.numberNode(Long.MAX_VALUE));
    assertThat(json(ServerFrames.ack(NASTY, CHANNEL, POSITION)).get("id").textValue())
        .isEqualTo(NASTY);
    assertThat(json(ServerFrames.presence(NASTY, CHANNEL, 1, 1, List.of())).get("id").textValue())
        .isEqualTo(NASTY);
    assertThat(json(ServerFrames.reconnect(NASTY, 1)).at("/payload/reason").textValue())
        .isEqualTo(NASTY);
  }

  @Test
  void write_everyAsciiAndControlCharacter_isEscapedWhereItMust() {
    StringBuilder all = new StringBuilder();
    for (char c = 0; c < 0x100; c++) {
      all.append(c);
    }
    String text = all.toString();

    assertThat(json(ServerFrames.ack(text, ROOM, POSITION)).get("id").textValue()).isEqualTo(text);
  }

  @Test
  void write_halfASurrogatePair_isTheCallersFault() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerFrames.ack("\ud83d", ROOM, POSITION));
  }

  @Test
  void write_longTexts_growTheFrame() {
    String id = "\u0001".repeat(10_000);
    assertThat(json(ServerFrames.ack(id, ROOM, POSITION)).get("id").textValue()).isEqualTo(id);
    byte[] payload = utf8("\"" + "é".repeat(100_000) + "\"");
    assertThat(
            json(ServerFrames.pong(Optional.empty(), Optional.of(payload)))
                .get("payload")
                .textValue())
        .hasSize(100_000);
  }

  @Test
  void closeReasons_texts_fitACloseFrame() {
    assertThat(CloseReason.values())
        .allSatisfy(reason -> assertThat(utf8(reason.text()).length).isLessThanOrEqualTo(123));
  }
}
