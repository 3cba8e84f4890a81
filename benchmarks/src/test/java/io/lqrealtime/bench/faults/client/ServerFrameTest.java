package io.lqrealtime.bench.faults.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ServerFrameTest {
  private static ServerFrame read(String text) {
    byte[] frame = ("xx" + text + "yy").getBytes(StandardCharsets.UTF_8);
    return ServerFrame.of(frame, 2, frame.length - 4);
  }

  private static String message(String payload) {
    return "{\"type\":\"message\",\"channel\":\"room.1\",\"position\":\"p\",\"id\":\"m1\","
        + "\"from\":\"w\",\"time\":1,\"payload\":"
        + payload
        + "}";
  }

  @Test
  void payloadsDigest_isThatOfItsBytes_whateverItsForm() {
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      String payload = Payload.of("acme", "writer", "room.1", i, 100 + i, random);
      ServerFrame frame = read(message(payload));
      assertThat(frame.digest()).as(payload).isEqualTo(Payload.digest(payload));
      assertThat(frame.id()).isEqualTo("m1");
      assertThat(frame.from()).isEqualTo("w");
      assertThat(frame.channel()).isEqualTo("room.1");
      assertThat(frame.position()).isEqualTo("p");
    }
  }

  @Test
  void payloadsDigest_changesWithEveryByte() {
    assertThat(read(message("{\"a\":1}")).digest())
        .isNotEqualTo(read(message("{\"a\": 1}")).digest());
    assertThat(read(message("[1.0]")).digest()).isNotEqualTo(read(message("[1]")).digest());
  }

  @Test
  void error_hasItsCodeAndTime() {
    ServerFrame frame =
        read(
            "{\"type\":\"error\",\"id\":\"m1\",\"channel\":\"c\",\"payload\":{\"code\":\"rate_limited\",\"message\":\"too"
                + " many\",\"retryAfterMs\":250}}");
    assertThat(frame.code()).isEqualTo("rate_limited");
    assertThat(frame.retryAfterMillis()).isEqualTo(250);
    assertThat(frame.id()).isEqualTo("m1");
  }

  @Test
  void subscribed_hasWhatItSaysOfLoss() {
    ServerFrame frame =
        read(
            "{\"type\":\"subscribed\",\"channel\":\"c\",\"position\":\"p\",\"recovered\":false,"
                + "\"oldest\":\"o\"}");
    assertThat(frame.recovered()).isFalse();
    assertThat(frame.oldest()).isEqualTo("o");
    assertThat(frame.id()).isEmpty();
  }

  @Test
  void historyPage_hasItsMessagesWithTheirDigests() {
    ServerFrame frame =
        read(
            "{\"type\":\"history\",\"id\":\"h1\",\"channel\":\"room.1\",\"payload\":{\"messages\":["
                + message("{\"é\":1}")
                + ","
                + message("{ }")
                + "],\"position\":\"q\",\"more\":true}}");
    assertThat(frame.position()).isEqualTo("q");
    assertThat(frame.more()).isTrue();
    assertThat(frame.messages())
        .extracting(ServerFrame::digest)
        .containsExactly(Payload.digest("{\"é\":1}"), Payload.digest("{ }"));
  }

  @Test
  void whatIsNoJson_isInvalid() {
    assertThat(read("{\"type\":").type()).isEqualTo("invalid");
    assertThat(read("[]").type()).isEqualTo("invalid");
  }
}
