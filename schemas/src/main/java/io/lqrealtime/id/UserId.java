package io.lqrealtime.id;

/**
 * A user of a tenant, a token's {@code sub}: 1 to 200 characters (Unicode code points), none of
 * them a control character. Wider than a channel's alphabet, since identity providers choose it; a
 * user whose id no channel name can hold has no inbox.
 *
 * <p>The constructor throws {@link IllegalArgumentException}, saying what is allowed.
 */
public record UserId(String value) implements Place {
  public static final int MAX_LENGTH = 200;

  public UserId {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "a user is 1 to 200 characters without control characters");
    }
  }

  public static boolean isValid(String value) {
    int characters = 0;
    for (int i = 0; i < value.length(); characters++) {
      int c = value.codePointAt(i);
      // A lone surrogate has no UTF-8 form.
      if (Character.isISOControl(c)
          || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
        return false;
      }
      i += Character.charCount(c);
    }
    return characters >= 1 && characters <= MAX_LENGTH;
  }

  @Override
  public String toString() {
    return value;
  }
}
