package io.lqrealtime.bench.load;

/** A run that can't go on; the message tells its user why. */
public final class RunException extends RuntimeException {
  private static final long serialVersionUID = 1;

  RunException(String message) {
    super(message);
  }

  RunException(String message, Throwable cause) {
    super(message, cause);
  }
}
