package io.lqrealtime.id;

/**
 * A user of a tenant, a token's {@code sub}: 1 to 200 characters, none of them a control character.
 * Wider than a channel's alphabet, since identity providers choose it; a user whose id no channel
 * name can hold has no inbox.
 *
 * <p>The constructor throws {@link IllegalArgumentException}, saying what is allowed.
 */
public record UserId(String value) {
  public static final int MAX_LENGTH = 200;

  public UserId {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "a user is 1 to 200 characters without control characters");
    }
  }

  public static boolean isValid(String value) {
    if (value.isEmpty() || value.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isISOControl(c)) {
        return false;
      }
      if (Character.isSurrogate(c)) {
        // A lone surrogate has no UTF-8 form.
        if (!Character.isHighSurrogate(c)
            || i + 1 == value.length()
            || !Character.isLowSurrogate(value.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return value;
  }
}
