package io.lqrealtime.frame;

/**
 * Why the server ends a connection: a name for logs and metrics, the close code of RFC 6455 or of
 * the range for applications, and whether a client should come back and resume.
 */
public enum CloseReason {
  /** The client's own: the server only answers it, with the client's code and no reason. */
  NORMAL(1000, false, ""),
  SHUTDOWN(1001, true, "shutting down"),
  PROTOCOL_ERROR(1002, false, "protocol error"),
  BINARY_REFUSED(1003, false, "binary frames are not supported"),
  NOT_UTF8(1007, false, "text that is not UTF-8"),
  TOO_MANY_ERRORS(1008, false, "too many errors"),
  MESSAGE_TOO_BIG(1009, false, "message too big"),
  INTERNAL(1011, true, "internal error"),
  DRAIN(1012, true, "resume elsewhere"),
  OVERLOADED(1013, true, "overloaded"),
  TOKEN_EXPIRED(4401, false, "token expired"),
  DISCONNECTED(4403, false, "disconnected"),
  NO_HEARTBEAT(4408, true, "no heartbeat"),
  LAGGING(4413, true, "lag beyond the limit");

  private final int code;
  private final boolean resumable;
  private final String text;

  CloseReason(int code, boolean resumable, String text) {
    this.code = code;
    this.resumable = resumable;
    this.text = text;
  }

  public int code() {
    return code;
  }

  /** Whether the client may connect again at once and resume from its last positions. */
  public boolean resumable() {
    return resumable;
  }

  /** The reason phrase of the close frame: at most 123 bytes. */
  public String text() {
    return text;
  }
}
