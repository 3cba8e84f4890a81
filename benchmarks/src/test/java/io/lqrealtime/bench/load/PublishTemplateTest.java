package io.lqrealtime.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PublishTemplateTest {

  private final ObjectMapper mapper = new ObjectMapper();

  @Test
  void frame_isAPublishOfTheSizeAskedFor_withTheStampTwice() throws Exception {
    PublishTemplate template = new PublishTemplate("bench.a.0", 200);
    JsonNode frame = mapper.readTree(template.stamped(0xdeadbeef, 513, 77, 1_000_000));
    assertThat(frame.get("type").asText()).isEqualTo("publish");
    assertThat(frame.get("channel").asText()).isEqualTo("bench.a.0");
    assertThat(frame.get("payload").toString().getBytes(StandardCharsets.UTF_8)).hasSize(200);
    assertThat(frame.get("id").asText()).isEqualTo("deadbeef020100000000004d0000000f4240");
    assertThat(frame.get("payload").get("lq").asText()).isEqualTo(frame.get("id").asText());
  }

  @Test
  void stamp_isReadBackFromThePayload() throws Exception {
    long due = System.nanoTime();
    PublishTemplate template = new PublishTemplate("c", PublishTemplate.MIN_PAYLOAD);
    byte[] payload =
        mapper
            .readTree(template.stamped(-5, 65_535, 1L << 40, due))
            .get("payload")
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    Stamp stamp = new Stamp();
    assertThat(PublishTemplate.readStamp(payload, 0, payload.length, stamp)).isTrue();
    assertThat(stamp.run()).isEqualTo(-5);
    assertThat(stamp.publisher()).isEqualTo(65_535);
    assertThat(stamp.sequence()).isEqualTo(1L << 40);
    assertThat(stamp.age(due + 1_234)).isEqualTo(1_234);
  }

  @Test
  void age_isRightAcrossTheEndOf48Bits() {
    byte[] bytes = new byte[Stamp.LENGTH];
    Stamp stamp = new Stamp();
    long due = (1L << 48) - 10;
    Stamp.write(bytes, 0, 1, 1, 1, due);
    assertThat(stamp.read(bytes, 0, bytes.length)).isTrue();
    assertThat(stamp.age(due + TimeUnit.SECONDS.toNanos(5))).isEqualTo(5_000_000_000L);
  }

  @Test
  void payloadOfSomebodyElse_hasNoStamp() {
    Stamp stamp = new Stamp();
    for (String other :
        new String[] {
          "{}",
          "17",
          "{\"lq\":\"" + "g".repeat(36) + "\",\"pad\":\"\"}",
          "{\"lq\":\"" + "0".repeat(20) + "\"}",
          "{\"ab\":\"" + "0".repeat(36) + "\",\"pad\":\"\"}"
        }) {
      byte[] bytes = other.getBytes(StandardCharsets.UTF_8);
      assertThat(PublishTemplate.readStamp(bytes, 0, bytes.length, stamp)).as(other).isFalse();
    }
  }
}
