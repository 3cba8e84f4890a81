package io.lqrealtime.gateway.websocket;

/**
 * Every way in which a peer's bytes can break RFC 6455 or a limit: the section that forbids it, the
 * code to close with, and a reason that fits into a Close frame. The names are stable and few, so
 * that they can label a metric. None says anything of what the peer sent.
 */
public enum Violation {
  /**
   * Section 5.2: an RSV bit is set and no extension that gives it a meaning there was negotiated.
   */
  RESERVED_BITS(CloseCode.PROTOCOL_ERROR, "reserved bits set"),

  /** Section 5.2: opcodes 3 to 7 and 11 to 15 are reserved. */
  RESERVED_OPCODE(CloseCode.PROTOCOL_ERROR, "reserved opcode"),

  /** Section 5.1: a client masks every frame. */
  UNMASKED(CloseCode.PROTOCOL_ERROR, "frame not masked"),

  /** Section 5.2: the length is written in as few bytes as possible, and its highest bit is 0. */
  LENGTH_ENCODING(CloseCode.PROTOCOL_ERROR, "length badly encoded"),

  /** Section 5.5: a control frame is not fragmented. */
  FRAGMENTED_CONTROL(CloseCode.PROTOCOL_ERROR, "fragmented control frame"),

  /** Section 5.5: a control frame has at most 125 bytes. */
  CONTROL_TOO_LONG(CloseCode.PROTOCOL_ERROR, "control frame too long"),

  /** Section 5.4: a continuation frame, and no message to continue. */
  NOTHING_TO_CONTINUE(CloseCode.PROTOCOL_ERROR, "nothing to continue"),

  /** Section 5.4: a new message within the fragments of another. */
  INTERLEAVED_MESSAGE(CloseCode.PROTOCOL_ERROR, "message within a fragmented message"),

  /** Section 5.5.1: a Close frame is empty or starts with a code of two bytes. */
  CLOSE_TOO_SHORT(CloseCode.PROTOCOL_ERROR, "close code cut off"),

  /** Section 7.4: a code that must not be sent. */
  CLOSE_CODE(CloseCode.PROTOCOL_ERROR, "close code not allowed"),

  /** Section 7.4.1: this service takes text only. */
  BINARY(CloseCode.UNSUPPORTED_DATA, "binary frames are not supported"),

  /** Section 8.1: a text, or the reason of a Close frame, is not UTF-8. */
  NOT_UTF8(CloseCode.INVALID_PAYLOAD, "text that is not UTF-8"),

  /** RFC 7692 section 7.2.2: a message that says that it is deflated does not inflate. */
  NOT_DEFLATED(CloseCode.INVALID_PAYLOAD, "message that does not inflate"),

  /**
   * Section 10.4: the message is longer than {@link FrameLimits#maxMessageBytes}, as it came or
   * inflated.
   */
  MESSAGE_TOO_BIG(CloseCode.TOO_BIG, "message too big"),

  /**
   * Section 10.4: the message has more fragments than {@link FrameLimits#maxFragmentsPerMessage}.
   */
  TOO_MANY_FRAGMENTS(CloseCode.POLICY_VIOLATION, "too many fragments"),

  /** More Pings and Pongs in a second than a connection may send. Found by the transport. */
  TOO_MANY_CONTROL_FRAMES(CloseCode.POLICY_VIOLATION, "too many control frames"),

  /** Section 10.4: a message has not come whole in time. Found by the transport. */
  MESSAGE_TOO_SLOW(CloseCode.POLICY_VIOLATION, "message not whole in time");

  private final int closeCode;
  private final String reason;

  Violation(int closeCode, String reason) {
    this.closeCode = closeCode;
    this.reason = reason;
  }

  /** The code to close the connection with. */
  public int closeCode() {
    return closeCode;
  }

  /** The reason to close the connection with: ASCII, well below the 123 bytes of a Close frame. */
  public String reason() {
    return reason;
  }
}
