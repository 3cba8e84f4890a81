package io.lqrealtime.id;

/**
 * A channel's name inside its tenant: 1 to 200 characters out of {@code A-Z a-z 0-9 _ - . : = @ , #
 * /}. Plain ASCII that JSON need not escape.
 *
 * <p>The constructor throws {@link IllegalArgumentException}, saying what is allowed.
 */
public record Channel(String value) {
  public static final int MAX_LENGTH = 200;

  public Channel {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "a channel is 1 to 200 characters out of A-Z a-z 0-9 _ - . : = @ , # /");
    }
  }

  public static boolean isValid(String value) {
    return Names.isChannel(value, MAX_LENGTH);
  }

  @Override
  public String toString() {
    return value;
  }
}
