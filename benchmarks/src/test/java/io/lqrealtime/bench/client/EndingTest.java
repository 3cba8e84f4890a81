package io.lqrealtime.bench.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class EndingTest {
  private static String refusal(String body) {
    return new Ending.Refused(new HandshakeResponse(200, Map.of(), body)).toString();
  }

  /** Whoever connects to something else than a gateway is not to be shown all its page. */
  @Test
  void refusal_isALine() {
    assertThat(refusal("{\"code\":\"x\"}\n")).isEqualTo("refused with HTTP 200 {\"code\":\"x\"}");
    assertThat(refusal("")).isEqualTo("refused with HTTP 200");
    assertThat(refusal("\n<!doctype html>\n<title>LQ</title>"))
        .isEqualTo("refused with HTTP 200 <!doctype html>");
    assertThat(refusal("x".repeat(10_000))).hasSize("refused with HTTP 200 ".length() + 200);
  }
}
