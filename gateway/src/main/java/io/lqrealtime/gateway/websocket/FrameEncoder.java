package io.lqrealtime.gateway.websocket;

import java.nio.charset.StandardCharsets;

/**
 * Frames as a server sends them (RFC 6455 section 5): whole, unfragmented, unmasked. A text frame's
 * header can be written by itself, so that a frame is built once, in the array that goes to the
 * socket.
 *
 * <p>That a text is UTF-8 is its caller's promise; it is not checked. Safe for use from any thread.
 */
public final class FrameEncoder {

  /** Section 5.5. */
  public static final int MAX_CONTROL_PAYLOAD = 125;

  /** What is left of a Close frame's payload for its reason. */
  public static final int MAX_CLOSE_REASON = MAX_CONTROL_PAYLOAD - Short.BYTES;

  /** The most that {@link #headerLength} gives. */
  public static final int MAX_HEADER_LENGTH = 2 + Long.BYTES;

  private static final int FIN = 0x80;

  /** RFC 7692 section 6: the message is deflated. */
  private static final int RSV1 = 0x40;

  private FrameEncoder() {}

  /** The size of the header in front of so many bytes: 2, 4 or 10. */
  public static int headerLength(int payloadLength) {
    if (payloadLength < 126) {
      return 2;
    }
    return payloadLength <= 0xFFFF ? 2 + Short.BYTES : 2 + Long.BYTES;
  }

  /** The size of the header that an encoded frame begins with. */
  public static int headerLengthOf(byte[] frame) {
    return switch (frame[1] & 0x7F) {
      case 126 -> 2 + Short.BYTES;
      case 127 -> 2 + Long.BYTES;
      default -> 2;
    };
  }

  /**
   * Writes the header of a text frame with so many bytes.
   *
   * @return the offset behind it, where the payload goes
   * @throws IndexOutOfBoundsException if the target has no room for it
   */
  public static int writeTextHeader(byte[] target, int offset, int payloadLength) {
    return writeHeader(target, offset, Opcode.TEXT, payloadLength);
  }

  /** The same for a text that permessage-deflate (RFC 7692) has made of so many bytes. */
  static int writeDeflatedTextHeader(byte[] target, int offset, int payloadLength) {
    return writeHeader(target, offset, RSV1 | Opcode.TEXT, payloadLength);
  }

  /** A text frame. */
  public static byte[] text(byte[] payload, int offset, int length) {
    return frame(Opcode.TEXT, payload, offset, length);
  }

  /**
   * A question that the client answers with a Pong of the same bytes.
   *
   * @throws IllegalArgumentException if there are more than 125
   */
  public static byte[] ping(byte[] payload) {
    return control(Opcode.PING, payload, 0, payload.length);
  }

  /**
   * The answer to a Ping with these bytes.
   *
   * @throws IllegalArgumentException if there are more than 125
   */
  public static byte[] pong(byte[] payload, int offset, int length) {
    return control(Opcode.PONG, payload, offset, length);
  }

  /**
   * A Close frame. A reason of more than {@value #MAX_CLOSE_REASON} bytes is cut between two code
   * points.
   *
   * @param code one that is allowed on the wire, or {@link CloseCode#NO_STATUS} for a frame without
   *     code and reason
   * @throws IllegalArgumentException if the code is another
   */
  public static byte[] close(int code, String reason) {
    if (code == CloseCode.NO_STATUS) {
      return control(Opcode.CLOSE, new byte[0], 0, 0);
    }
    if (!CloseCode.isAllowedOnWire(code)) {
      throw new IllegalArgumentException("not a close code that may be sent: " + code);
    }
    // A char is a byte at least. With one char more than fits, a pair that this cut splits lies
    // behind the one below.
    String start = reason.substring(0, Math.min(reason.length(), MAX_CLOSE_REASON + 1));
    byte[] text = start.getBytes(StandardCharsets.UTF_8);
    int length = text.length;
    if (length > MAX_CLOSE_REASON) {
      length = MAX_CLOSE_REASON;
      while ((text[length] & 0xC0) == 0x80) {
        length--;
      }
    }
    byte[] payload = new byte[Short.BYTES + length];
    payload[0] = (byte) (code >>> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, Short.BYTES, length);
    return control(Opcode.CLOSE, payload, 0, payload.length);
  }

  private static byte[] control(int opcode, byte[] payload, int offset, int length) {
    if (length > MAX_CONTROL_PAYLOAD) {
      throw new IllegalArgumentException(
          "a control frame has at most " + MAX_CONTROL_PAYLOAD + " bytes, not " + length);
    }
    return frame(opcode, payload, offset, length);
  }

  private static byte[] frame(int opcode, byte[] payload, int offset, int length) {
    byte[] frame = new byte[Math.addExact(headerLength(length), length)];
    int start = writeHeader(frame, 0, opcode, length);
    System.arraycopy(payload, offset, frame, start, length);
    return frame;
  }

  private static int writeHeader(byte[] target, int offset, int reservedAndOpcode, int length) {
    int index = offset;
    target[index++] = (byte) (FIN | reservedAndOpcode);
    switch (headerLength(length)) {
      case 2 -> target[index++] = (byte) length;
      case 4 -> {
        target[index++] = 126;
        target[index++] = (byte) (length >>> 8);
        target[index++] = (byte) length;
      }
      default -> {
        target[index++] = 127;
        for (int shift = 56; shift >= 0; shift -= 8) {
          target[index++] = (byte) ((long) length >>> shift);
        }
      }
    }
    return index;
  }
}
