package io.lqrealtime.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class TailCommandTest {
  @Test
  void onOneLine_ofAPayloadWithLineBreaks_isOneLineThatSaysTheSame() throws Exception {
    String frame = "{\"type\":\"message\",\"payload\":{\r\n  \"text\": \"two\\nlines\"\n}}";

    String line = TailCommand.onOneLine(frame);

    assertThat(line).doesNotContain("\n", "\r").hasSameSizeAs(frame);
    ObjectMapper json = new ObjectMapper();
    assertThat(json.readTree(line)).isEqualTo(json.readTree(frame));
  }
}
