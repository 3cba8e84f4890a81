package io.lqrealtime.frame;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;

/**
 * How JSON from outside is read: strictly (RFC 8259), nested at most {@value #MAX_DEPTH} deep; the
 * length of its tokens is bounded by that of the whole text, which callers bound.
 */
public final class JsonLimits {
  public static final int MAX_DEPTH = 128;

  /** The largest text that is ever parsed, whatever is configured: 16 MiB. */
  public static final int MAX_TEXT_BYTES = 16 << 20;

  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_TEXT_BYTES)
                  .maxStringLength(MAX_TEXT_BYTES)
                  .maxNameLength(MAX_TEXT_BYTES)
                  .build())
          // Positions are what we want from the parser; what the source was is of no use, and of a
          // cost.
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          // A symbol table shared by all parsers would let clients fill it with names of their own.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  private JsonLimits() {}

  /**
   * Whether the bytes are one JSON text of RFC 8259 and nothing else. UTF-8 is not checked here.
   */
  public static boolean isJson(byte[] bytes) {
    try (JsonParser json = FACTORY.createParser(bytes)) {
      if (json.nextToken() == null) {
        return false;
      }
      json.skipChildren();
      json.finishToken();
      return json.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }

  static boolean isScalar(JsonToken token) {
    return token.isScalarValue();
  }
}
