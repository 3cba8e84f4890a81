package io.lqrealtime.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class MessageHeadersTest {
  private final MessageHeaders headers = new MessageHeaders();

  @Test
  void repeatedHeader_theLastCounts_andOneWithoutValueIsNone() {
    add("channel", "a");
    add("channel", "b");
    add("id", "1");
    headers.add("id", null);

    assertThat(headers.channel()).hasValue(bytes("b"));
    assertThat(headers.id()).isEmpty();
  }

  @Test
  void ownNames_goBeforeThoseOfCloudEvents() {
    add("ce_subject", "cloud");
    add("ce_id", "c1");
    add("ce_source", "/src");
    assertThat(headers.channel()).hasValue(bytes("cloud"));
    assertThat(headers.idText()).hasValue("c1");
    assertThat(headers.fromText()).hasValue("/src");

    add("channel", "own");
    add("id", "o1");
    add("from", "alice");
    assertThat(headers.channel()).hasValue(bytes("own"));
    assertThat(headers.idText()).hasValue("o1");
    assertThat(headers.fromText()).hasValue("alice");
  }

  @Test
  void emptyText_isNone_evenBeforeACloudEvents() {
    add("id", "");
    add("ce_id", "c1");

    assertThat(headers.idText()).isEmpty();
    assertThat(headers.fromText()).isEqualTo(Optional.empty());
  }

  @Test
  void message_isWhatHasNoOtherType() {
    assertThat(headers.isMessage()).isTrue();
    add("type", "message");
    assertThat(headers.isMessage()).isTrue();
    add("type", "messages");
    assertThat(headers.isMessage()).isFalse();
    add("type", "");
    assertThat(headers.isMessage()).isFalse();
  }

  private void add(String name, String value) {
    headers.add(name, bytes(value));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
