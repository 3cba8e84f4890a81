package io.lqrealtime.record;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Headers of inbound records, whatever their names, values and order, are read as the protocol's
 * description of them says, here by looking for each name in the list of all. The input is a header
 * a line, its name, {@code =} and its value; without {@code =} it has no value.
 */
class MessageHeadersFuzzTest {
  @FuzzTest
  @DictionaryEntries({
    "type=message",
    "channel=room.1",
    "id=1",
    "from=alice",
    "mac=",
    "origin=4@1042",
    "ce_subject=room.2",
    "ce_id=2",
    "ce_source=/bob"
  })
  void read_isTheLastOfTheNameThatGoesFirst(byte[] input) {
    List<Header> all = new ArrayList<>();
    MessageHeaders headers = new MessageHeaders();
    for (String line : new String(input, ISO_8859_1).split("\n", -1)) {
      String[] parts = line.split("=", 2);
      Optional<String> value = Optional.of(parts).filter(p -> p.length == 2).map(p -> p[1]);
      all.add(new Header(parts[0], value));
      headers.add(parts[0], value.map(v -> v.getBytes(ISO_8859_1)).orElse(null));
    }
    Optional<String> id = first(all, "id", "ce_id");
    Optional<String> from = first(all, "from", "ce_source");
    assertThat(value(headers.type())).isEqualTo(first(all, "type"));
    assertThat(value(headers.channel())).isEqualTo(first(all, "channel", "ce_subject"));
    assertThat(value(headers.id())).isEqualTo(id);
    assertThat(value(headers.from())).isEqualTo(from);
    assertThat(value(headers.mac())).isEqualTo(first(all, "mac"));
    assertThat(value(headers.origin())).isEqualTo(first(all, "origin"));
    assertThat(headers.isMessage())
        .isEqualTo(first(all, "type").orElse("message").equals("message"));
    checkText(headers.idText(), id.orElse(""));
    checkText(headers.fromText(), from.orElse(""));
  }

  /** What the last header of each name has, of the first name that has any. */
  private static Optional<String> first(List<Header> all, String... names) {
    return Stream.of(names)
        .flatMap(name -> all.reversed().stream().filter(h -> h.name.equals(name)).limit(1))
        .flatMap(header -> header.value.stream())
        .findFirst();
  }

  /** Where the value is no UTF-8 the record is not valid, and nobody asks for the text. */
  private static void checkText(Optional<String> text, String value) {
    try {
      String decoded =
          UTF_8.newDecoder().decode(ByteBuffer.wrap(value.getBytes(ISO_8859_1))).toString();
      assertThat(text).isEqualTo(Optional.of(decoded).filter(t -> !t.isEmpty()));
    } catch (CharacterCodingException e) {
      assertThat(text).isPresent();
    }
  }

  private static Optional<String> value(Optional<byte[]> header) {
    return header.map(bytes -> new String(bytes, ISO_8859_1));
  }

  /** One octet of the value a character. */
  private record Header(String name, Optional<String> value) {}
}
