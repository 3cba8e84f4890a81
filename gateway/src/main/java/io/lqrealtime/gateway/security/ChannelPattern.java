package io.lqrealtime.gateway.security;

import java.util.List;

/**
 * A pattern of channel names, in which {@code *} matches any run of characters, none included.
 * Matching takes time linear in the name for each star: no pattern can make it explode.
 */
public final class ChannelPattern {
  public static final int MAX_LENGTH = 200;

  private final List<String> parts;

  /**
   * @throws IllegalArgumentException if it is empty or longer than {@value #MAX_LENGTH} characters
   */
  public ChannelPattern(String pattern) {
    if (pattern.isEmpty() || pattern.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("a channel pattern has 1 to 200 characters");
    }
    parts = List.of(pattern.split("\\*", -1));
  }

  public boolean matches(String name) {
    String first = parts.getFirst();
    if (parts.size() == 1) {
      return name.equals(first);
    }
    String last = parts.getLast();
    if (name.length() < first.length() + last.length()
        || !name.startsWith(first)
        || !name.endsWith(last)) {
      return false;
    }
    // The earliest fit of each middle part leaves most room for the rest, so no choice need be
    // undone.
    int at = first.length();
    int end = name.length() - last.length();
    for (String part : parts.subList(1, parts.size() - 1)) {
      int found = name.indexOf(part, at);
      if (found < 0 || found + part.length() > end) {
        return false;
      }
      at = found + part.length();
    }
    return true;
  }
}
