package io.lqrealtime.router;

/** A router can't start. The message says what is missing. */
public final class RouterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RouterException(String message) {
    super(message);
  }

  public RouterException(String message, Throwable cause) {
    super(message, cause);
  }
}
