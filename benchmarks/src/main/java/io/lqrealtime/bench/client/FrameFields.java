package io.lqrealtime.bench.client;

import java.nio.charset.StandardCharsets;

/**
 * Finds the fields of an {@code lq.v1} frame that a load generator needs, by walking over its bytes
 * once: no tree, no strings, nothing allocated. It stops as soon as it has what its type of frame
 * needs (the start of a message's payload, the id of an ack), so it does not find every fault of a
 * frame: tests that check the protocol parse JSON.
 *
 * <p>One is used again for frame after frame by one thread; its spans refer to the bytes of the
 * last one read.
 */
public final class FrameFields {

  /** The types of frame that the load generator tells apart. */
  public enum Type {
    WELCOME,
    SUBSCRIBED,
    LIVE,
    MESSAGE,
    ACK,
    ERROR,
    RECONNECT,
    /** Any other, or none. */
    OTHER
  }

  /**
   * The places of a value in the bytes: from its first byte to past its last; of a string, without
   * the quotes.
   */
  private static final class Span {
    int start;
    int end;

    void clear() {
      start = -1;
      end = -1;
    }
  }

  private static final int LONGEST_CODE = 40;

  private final Span type = new Span();
  private final Span id = new Span();
  private final Span payload = new Span();
  private final Span recovered = new Span();
  private final Span position = new Span();
  private final Span code = new Span();
  private final Span ignored = new Span();
  private byte[] bytes = new byte[0];
  private int at;
  private int end;
  private Type kind = Type.OTHER;

  /**
   * Reads a frame.
   *
   * @return false where it is not a JSON object, as far as it was looked at
   */
  public boolean read(byte[] frame, int offset, int length) {
    bytes = frame;
    at = offset;
    end = offset + length;
    kind = Type.OTHER;
    type.clear();
    id.clear();
    payload.clear();
    recovered.clear();
    position.clear();
    code.clear();
    blank();
    if (!take('{')) {
      return false;
    }
    blank();
    if (take('}')) {
      return true;
    }
    while (true) {
      Span field = key();
      if (at < 0) {
        return false;
      }
      if (field == payload && kind == Type.MESSAGE) {
        payload.start = at;
        return at < end;
      }
      value(field);
      if (at < 0) {
        return false;
      }
      if (field == type) {
        kind = kindOf(type.start, type.end - type.start);
      }
      if (kind == Type.ACK && id.start >= 0) {
        return true;
      }
      if (kind == Type.MESSAGE && payload.start >= 0) {
        return true;
      }
      blank();
      if (take('}')) {
        return true;
      }
      if (!take(',')) {
        return false;
      }
      blank();
    }
  }

  public Type type() {
    return kind;
  }

  /** Where the {@code id} starts, without its quote; -1 where there is none. */
  public int idStart() {
    return id.start;
  }

  public int idLength() {
    return id.end - id.start;
  }

  /**
   * Where the {@code payload} starts; -1 where there is none. Its end is known only for other
   * frames than messages.
   */
  public int payloadStart() {
    return payload.start;
  }

  /** The {@code position}, or an empty text. Makes a string: not for the hot path. */
  public String position() {
    return position.start < 0
        ? ""
        : new String(
            bytes, position.start, position.end - position.start, StandardCharsets.US_ASCII);
  }

  /** Whether there is {@code "recovered":false}. */
  public boolean notRecovered() {
    return recovered.start >= 0 && bytes[recovered.start] == 'f';
  }

  /**
   * The string {@code code} inside the payload of an error, or "none". Makes a string: not for the
   * hot path.
   */
  public String errorCode() {
    if (payload.start < 0) {
      return "none";
    }
    FrameFields inside = new FrameFields();
    if (!inside.read(bytes, payload.start, payload.end - payload.start) || inside.code.start < 0) {
      return "none";
    }
    int length = Math.min(inside.code.end - inside.code.start, LONGEST_CODE);
    return new String(bytes, inside.code.start, length, StandardCharsets.UTF_8);
  }

  /** Reads {@code "name" :} and the blanks around; where there is none, {@code at} becomes -1. */
  private Span key() {
    if (!take('"')) {
      at = -1;
      return ignored;
    }
    int start = at;
    string();
    if (at < 0) {
      return ignored;
    }
    int length = at - 1 - start;
    blank();
    if (!take(':')) {
      at = -1;
      return ignored;
    }
    blank();
    return fieldOf(start, length);
  }

  private Span fieldOf(int start, int length) {
    return switch (length) {
      case 2 -> bytes[start] == 'i' && bytes[start + 1] == 'd' ? id : ignored;
      case 4 -> is(start, "type") ? type : is(start, "code") ? code : ignored;
      case 7 -> is(start, "payload") ? payload : ignored;
      case 8 -> is(start, "position") ? position : ignored;
      case 9 -> is(start, "recovered") ? recovered : ignored;
      default -> ignored;
    };
  }

  private Type kindOf(int start, int length) {
    return switch (length) {
      case 3 -> is(start, "ack") ? Type.ACK : Type.OTHER;
      case 4 -> is(start, "live") ? Type.LIVE : Type.OTHER;
      case 5 -> is(start, "error") ? Type.ERROR : Type.OTHER;
      case 7 ->
          is(start, "message") ? Type.MESSAGE : is(start, "welcome") ? Type.WELCOME : Type.OTHER;
      case 9 -> is(start, "reconnect") ? Type.RECONNECT : Type.OTHER;
      case 10 -> is(start, "subscribed") ? Type.SUBSCRIBED : Type.OTHER;
      default -> Type.OTHER;
    };
  }

  private boolean is(int start, String ascii) {
    for (int i = 0; i < ascii.length(); i++) {
      if (bytes[start + i] != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Reads a value into the span; where it does not end, {@code at} becomes -1. */
  private void value(Span into) {
    if (at >= end) {
      at = -1;
      return;
    }
    into.start = at;
    byte first = bytes[at];
    if (first == '"') {
      at++;
      into.start = at;
      string();
      into.end = at - 1;
    } else if (first == '{' || first == '[') {
      nested();
      into.end = at;
    } else {
      while (at < end && !endsScalar(bytes[at])) {
        at++;
      }
      into.end = at;
      at = at == into.start ? -1 : at;
    }
  }

  private static boolean endsScalar(byte b) {
    return b == ',' || b == '}' || b == ']' || b <= ' ';
  }

  private void nested() {
    int depth = 0;
    while (at < end) {
      byte b = bytes[at++];
      if (b == '"') {
        string();
        if (at < 0) {
          return;
        }
      } else if (b == '{' || b == '[') {
        depth++;
      } else if ((b == '}' || b == ']') && --depth == 0) {
        return;
      }
    }
    at = -1;
  }

  /** From past the opening quote to past the closing one. */
  private void string() {
    while (at < end) {
      byte b = bytes[at++];
      if (b == '"') {
        return;
      }
      if (b == '\\') {
        at++;
      }
    }
    at = -1;
  }

  private void blank() {
    while (at >= 0 && at < end && bytes[at] <= ' ' && bytes[at] >= 0) {
      at++;
    }
  }

  private boolean take(char expected) {
    if (at >= 0 && at < end && bytes[at] == expected) {
      at++;
      return true;
    }
    return false;
  }
}
