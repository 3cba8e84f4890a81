package io.lqrealtime.id;

/**
 * A channel's name inside its tenant: 1 to 200 characters out of {@code A-Z a-z 0-9 _ - . : = @ , #
 * /}. Plain ASCII that JSON need not escape.
 *
 * <p>Each has a companion, {@link #members()}, in which its joins and leaves go to those who asked
 * for them. Its name has a character that channels do not have: no client and no backend reaches
 * it, for {@link #isValid} says that it is none.
 *
 * <p>The constructor throws {@link IllegalArgumentException}, saying what is allowed.
 */
public record Channel(String value) implements Place {
  public static final int MAX_LENGTH = 200;

  private static final String MEMBERS = "!members";

  public Channel {
    if (!isValid(value.endsWith(MEMBERS) ? withoutMembers(value) : value)) {
      throw new IllegalArgumentException(
          "a channel is 1 to 200 characters out of A-Z a-z 0-9 _ - . : = @ , # /");
    }
  }

  /** The companion of this channel. */
  public Channel members() {
    return new Channel(value + MEMBERS);
  }

  /** Whether it is another channel's companion. */
  public boolean isMembers() {
    return value.endsWith(MEMBERS);
  }

  /** The channel whose companion this is; itself, if it is none. */
  public Channel audience() {
    return isMembers() ? new Channel(withoutMembers(value)) : this;
  }

  private static String withoutMembers(String text) {
    return text.substring(0, text.length() - MEMBERS.length());
  }

  /** Whether clients and backends may name a channel so. */
  public static boolean isValid(String value) {
    return Names.isChannel(value, MAX_LENGTH);
  }

  @Override
  public String toString() {
    return value;
  }
}
