package io.lqrealtime.frame;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * JSON texts as plain values, for tests that ask what a text says without a line of ours: the JDK
 * decodes the UTF-8, and the parser is the one of Jackson's that reads characters. Of a repeated
 * name the last value counts. Numbers stay text: {@code 1.50} is not {@code 1.5}, and none is too
 * large.
 *
 * @param value a map, a list, a string, a {@link Numeral}, a boolean, or null
 */
record JsonTree(Object value) {
  /** A number as it is written. */
  record Numeral(String text) {}

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(JsonLimits.MAX_DEPTH)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  /** Empty where the bytes are not one JSON text in UTF-8 without a byte order mark. */
  static Optional<JsonTree> of(byte[] utf8) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
      try (JsonParser json = FACTORY.createParser(text)) {
        // Jackson would skip a byte order mark.
        if (text.startsWith("\ufeff") || json.nextToken() == null) {
          return Optional.empty();
        }
        JsonTree tree = new JsonTree(read(json));
        return json.nextToken() == null ? Optional.of(tree) : Optional.empty();
      }
    } catch (CharacterCodingException | JsonProcessingException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  /** The members of an object; empty where it is none. */
  Optional<Map<?, ?>> members() {
    return value instanceof Map<?, ?> map ? Optional.of(map) : Optional.empty();
  }

  private static Object read(JsonParser json) throws IOException {
    return switch (Objects.requireNonNull(json.currentToken())) {
      case START_OBJECT -> {
        Map<String, Object> members = new LinkedHashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
          String name = json.currentName();
          json.nextToken();
          members.put(name, read(json));
        }
        yield members;
      }
      case START_ARRAY -> {
        List<Object> elements = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          elements.add(read(json));
        }
        yield elements;
      }
      case VALUE_STRING -> json.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Numeral(json.getText());
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }
}
