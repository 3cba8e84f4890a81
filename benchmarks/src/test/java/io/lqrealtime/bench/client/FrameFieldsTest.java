package io.lqrealtime.bench.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameFieldsTest {

  private final FrameFields fields = new FrameFields();
  private byte[] bytes = new byte[0];

  private boolean read(String json) {
    bytes = ("##" + json + "##").getBytes(StandardCharsets.UTF_8);
    return fields.read(bytes, 2, bytes.length - 4);
  }

  private String id() {
    return new String(bytes, fields.idStart(), fields.idLength(), StandardCharsets.UTF_8);
  }

  @Test
  void message_givesItsTypeAndWhereThePayloadStarts() {
    assertThat(
            read(
                "{\"type\":\"message\",\"channel\":\"c\",\"position\":\"eu.1.0.7\",\"id\":\"i1\","
                    + "\"time\":1790000000000,\"payload\":{\"type\":\"ack\",\"id\":\"no\"}}"))
        .isTrue();
    assertThat(fields.type()).isEqualTo(FrameFields.Type.MESSAGE);
    assertThat(id()).isEqualTo("i1");
    assertThat(new String(bytes, fields.payloadStart(), 14, StandardCharsets.UTF_8))
        .isEqualTo("{\"type\":\"ack\",");
  }

  @Test
  void error_givesItsCode_alsoWithBlanks() {
    assertThat(
            read(
                " { \"payload\" : { \"message\": \"no \\\"code\", \"code\" : \"rate_limited\" } ,"
                    + " \"type\" : \"error\" , \"id\" : \"x\" } "))
        .isTrue();
    assertThat(fields.type()).isEqualTo(FrameFields.Type.ERROR);
    assertThat(fields.errorCode()).isEqualTo("rate_limited");
    assertThat(id()).isEqualTo("x");
  }

  @Test
  void subscribed_tellsWhetherItWasRecovered() {
    read("{\"type\":\"subscribed\",\"channel\":\"c\",\"position\":\"p\",\"recovered\":false}");
    assertThat(fields.notRecovered()).isTrue();
    read("{\"type\":\"subscribed\",\"channel\":\"c\",\"position\":\"p\",\"recovered\":true}");
    assertThat(fields.type()).isEqualTo(FrameFields.Type.SUBSCRIBED);
    assertThat(fields.notRecovered()).isFalse();
  }

  @Test
  void brokenFrames_areNotRead_andNeverReadPastTheirEnd() {
    for (String broken :
        List.of(
            "",
            "[]",
            "{",
            "{\"type\"",
            "{\"type\":",
            "{\"type\":\"mess",
            "{\"type\":\"x\\",
            "{\"a\":{\"b\":[1,2}",
            "{\"a\":}",
            "{\"a\":1 \"b\":2}",
            "{a:1}")) {
      byte[] alone = broken.getBytes(StandardCharsets.UTF_8);
      assertThat(fields.read(alone, 0, alone.length)).as(broken).isFalse();
    }
  }

  @Test
  void randomFrames_inAnyOrderOfFields_agreeWithAJsonParser() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    ObjectMapper mapper = new ObjectMapper();
    String[] types = {"message", "ack", "error", "subscribed", "welcome", "reconnect", "join"};
    for (int i = 0; i < 2_000; i++) {
      ObjectNode frame = mapper.createObjectNode();
      List<String> names =
          new ArrayList<>(List.of("type", "id", "channel", "payload", "recovered", "extra", "n"));
      Collections.shuffle(names, random);
      for (String name : names.subList(0, 1 + random.nextInt(names.size()))) {
        switch (name) {
          case "type" -> frame.put(name, types[random.nextInt(types.length)]);
          case "id" -> frame.put(name, "id" + random.nextInt(1000));
          case "recovered" -> frame.put(name, random.nextBoolean());
          case "n" -> frame.put(name, random.nextDouble());
          case "payload" ->
              frame.putObject(name).put("q", "a\"}\\{[" + random.nextInt()).putArray("z").add("]}");
          default -> frame.put(name, "\"type\":\"ack\"\\" + random.nextInt());
        }
      }
      String json =
          random.nextBoolean()
              ? frame.toString()
              : mapper.writerWithDefaultPrettyPrinter().writeValueAsString(frame);
      assertThat(read(json)).as("seed %d: %s", seed, json).isTrue();
      String type = frame.path("type").asText("join");
      assertThat(fields.type().name())
          .as("seed %d: %s", seed, json)
          .isEqualTo(type.equals("join") ? "OTHER" : type.toUpperCase(java.util.Locale.ROOT));
      if (frame.has("id") && !type.equals("message")) {
        assertThat(id()).as("seed %d: %s", seed, json).isEqualTo(frame.get("id").asText());
      }
      if (frame.has("payload") && !type.equals("ack")) {
        JsonNode payload =
            mapper
                .readerFor(JsonNode.class)
                .readValue(bytes, fields.payloadStart(), bytes.length - 2 - fields.payloadStart());
        assertThat(payload).as("seed %d: %s", seed, json).isEqualTo(frame.get("payload"));
      }
    }
  }
}
