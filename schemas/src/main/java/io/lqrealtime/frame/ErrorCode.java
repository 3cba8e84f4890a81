package io.lqrealtime.frame;

import java.util.Locale;

/** What an {@code error} frame says went wrong; the connection stays open. */
public enum ErrorCode {
  /** The frame is not what the protocol asks for. */
  BAD_REQUEST,
  /** The frame's {@code type} is none that this server knows. */
  UNSUPPORTED_TYPE,
  /** The token does not allow it. */
  FORBIDDEN,
  /** The payload is larger than allowed. */
  TOO_LARGE,
  /** Too often: try again after {@code retryAfterMs}. */
  RATE_LIMITED,
  /** As many as allowed are there already. */
  LIMIT_EXCEEDED,
  /** Not done, and not durable: try again. */
  UNAVAILABLE,
  /** A fault of the server's. */
  INTERNAL;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /**
   * Whether the client could have avoided it, so that it counts towards close 1008; unless others
   * are known to have caused it.
   */
  public boolean isClientsFault() {
    return switch (this) {
      case BAD_REQUEST, UNSUPPORTED_TYPE, FORBIDDEN, TOO_LARGE, RATE_LIMITED, LIMIT_EXCEEDED ->
          true;
      case UNAVAILABLE, INTERNAL -> false;
    };
  }

  public String wireName() {
    return wireName;
  }
}
