package io.lqrealtime.frame;

/** What counts as JSON from outside: RFC 8259, strictly, nested and sized within bounds. */
public final class JsonLimits {
  /** Objects and arrays within each other, at the most; a frame is one level itself. */
  public static final int MAX_DEPTH = 128;

  /** The largest text that is ever parsed, whatever is configured: 16 MiB. */
  public static final int MAX_TEXT_BYTES = 16 << 20;

  private JsonLimits() {}

  /**
   * Whether the bytes are one JSON text in UTF-8 and nothing else, within the bounds: what can
   * stand in a frame as it is.
   */
  public static boolean isJson(byte[] bytes) {
    if (bytes.length > MAX_TEXT_BYTES) {
      return false;
    }
    try (JsonInput json = new JsonInput(bytes, 0, bytes.length)) {
      if (json.next() == null) {
        return false;
      }
      json.skipChildren();
      return json.next() == null;
    } catch (MalformedJsonException e) {
      return false;
    }
  }
}
