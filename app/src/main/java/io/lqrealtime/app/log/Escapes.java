package io.lqrealtime.app.log;

/**
 * Escapes what could forge another line of a log, speak to a terminal or change how the rest of the
 * line is shown: control characters, line and paragraph separators, and marks of direction.
 */
final class Escapes {
  private Escapes() {}

  /** Each such character as {@code \}{@code uXXXX}; a text without any is returned as it is. */
  static String of(String text) {
    return of(text, 0);
  }

  /** The same, but what JSON has escaped itself is left alone. */
  static String beyondJson(String text) {
    return of(text, 0x7f);
  }

  private static String of(String text, int from) {
    int first = 0;
    while (first < text.length() && !isEscaped(text.charAt(first), from)) {
      first++;
    }
    if (first == text.length()) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 20).append(text, 0, first);
    for (int i = first; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isEscaped(c, from)) {
        escaped.append("\\u").append(String.format("%04x", (int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  private static boolean isEscaped(char c, int from) {
    return c >= from
        && (Character.isISOControl(c)
            || c == 0x200e
            || c == 0x200f
            || (c >= 0x2028 && c <= 0x202e)
            || (c >= 0x2066 && c <= 0x2069));
  }
}
