package io.lqrealtime.id;

/**
 * A gateway's stable id, which also names its topic: 1 to 100 characters out of {@code A-Z a-z 0-9
 * _ - .}.
 *
 * <p>The constructor throws {@link IllegalArgumentException}, saying what is allowed.
 */
public record GatewayId(String value) {
  public static final int MAX_LENGTH = 100;

  public GatewayId {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "a gateway id is 1 to 100 characters out of A-Z a-z 0-9 _ - .");
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
