package io.lqrealtime.frame;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.Arrays;
import java.util.Optional;

/** Builds the bytes of a server frame. Not safe for several threads. */
final class JsonText {
  private byte[] bytes;
  private int length;

  JsonText(int capacity) {
    bytes = new byte[capacity];
  }

  /** Plain ASCII, as it is: names, punctuation, and texts whose alphabet needs no escape. */
  @SuppressWarnings(
      "deprecation") // The one way to copy ASCII without a charset's loop; we know it is.
  JsonText ascii(String text) {
    int size = text.length();
    room(size);
    text.getBytes(0, size, bytes, length);
    length += size;
    return this;
  }

  JsonText quoted(String text) {
    byte[] escaped = JsonStringEncoder.getInstance().quoteAsUTF8(text);
    room(escaped.length + 2);
    bytes[length++] = '"';
    System.arraycopy(escaped, 0, bytes, length, escaped.length);
    length += escaped.length;
    bytes[length++] = '"';
    return this;
  }

  JsonText number(long value) {
    return ascii(Long.toString(value));
  }

  /** JSON text, as it is. */
  JsonText json(byte[] json) {
    room(json.length);
    System.arraycopy(json, 0, bytes, length, json.length);
    length += json.length;
    return this;
  }

  JsonText idField(Optional<String> id) {
    id.ifPresent(text -> ascii(",\"id\":").quoted(text));
    return this;
  }

  byte[] toByteArray() {
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
