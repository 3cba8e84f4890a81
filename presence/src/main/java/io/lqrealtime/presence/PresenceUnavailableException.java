package io.lqrealtime.presence;

/**
 * The directory did not answer in time, or refuses work. Whether a change was applied is not known;
 * a query is to be answered with {@code unavailable}. Carries no address and no credential.
 */
public final class PresenceUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PresenceUnavailableException(String message) {
    super(message);
  }

  public PresenceUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
