package io.lqrealtime.gateway.security;

/**
 * A pattern of channel names, in which {@code *} matches any run of characters, none included.
 * Matching takes time linear in the name for each star: no pattern can make it explode. It is no
 * more than its text, since each connection has its token's.
 */
public record ChannelPattern(String text) {
  public static final int MAX_LENGTH = 200;

  /**
   * @throws IllegalArgumentException if it is empty or longer than {@value #MAX_LENGTH} characters
   */
  public ChannelPattern {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("a channel pattern has 1 to 200 characters");
    }
  }

  public boolean matches(String name) {
    return matches(text, 0, text.length(), name);
  }

  /** Whether the pattern that stands there in a text matches a name. */
  static boolean matches(String text, int from, int to, String name) {
    int at = from;
    int seen = 0;
    int afterStar = -1;
    int seenByStar = 0;
    while (seen < name.length()) {
      char next = at < to ? text.charAt(at) : 0;
      if (at < to && next == '*') {
        // What a star before this one has matched need not be undone: the earliest fit leaves most
        // room for the rest.
        at++;
        afterStar = at;
        seenByStar = seen;
      } else if (at < to && next == name.charAt(seen)) {
        at++;
        seen++;
      } else if (afterStar >= 0) {
        at = afterStar;
        seenByStar++;
        seen = seenByStar;
      } else {
        return false;
      }
    }
    while (at < to && text.charAt(at) == '*') {
      at++;
    }
    return at == to;
  }
}
