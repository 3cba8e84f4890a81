package io.lqrealtime.bench.client;

/**
 * A frame, or an end, that was waited for and did not come; the message says what the connection
 * did instead.
 */
public final class NoFrameException extends RuntimeException {

  NoFrameException(String message) {
    super(message);
  }
}
