package io.lqrealtime.frame;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Frames as texts, for tests. */
final class Frames {
  private static final JsonMapper MAPPER = new JsonMapper();

  private Frames() {}

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  static ClientFrame parse(String frame) {
    return parse(utf8(frame));
  }

  static ClientFrame parse(byte[] frame) {
    return ClientFrameParser.parse(frame, 0, frame.length);
  }

  /** Read by a parser that is not ours. */
  static JsonNode json(byte[] frame) {
    try {
      return MAPPER.readTree(frame);
    } catch (IOException e) {
      throw new UncheckedIOException(text(frame), e);
    }
  }

  static JsonNode json(String frame) {
    try {
      return MAPPER.readTree(frame);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(frame, e);
    }
  }
}
