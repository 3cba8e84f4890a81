package io.lqrealtime.id;

/**
 * One WebSocket connection, unique over all gateways and time: 1 to 64 characters out of {@code A-Z
 * a-z 0-9 _ - .}.
 *
 * <p>The constructor throws {@link IllegalArgumentException}, saying what is allowed.
 */
public record ConnectionId(String value) {
  public static final int MAX_LENGTH = 64;

  public ConnectionId {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "a connection id is 1 to 64 characters out of A-Z a-z 0-9 _ - .");
    }
  }

  public static boolean isValid(String value) {
    return Names.isTopicPart(value, MAX_LENGTH);
  }

  @Override
  public String toString() {
    return value;
  }
}
