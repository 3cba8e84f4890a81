package io.lqrealtime.app.log;

/**
 * Escapes what could forge another line of a log, speak to a terminal or change how the rest of the
 * line is shown: control characters, separators of lines and paragraphs, and all that Unicode calls
 * format (marks of direction, characters without a width, tags).
 */
final class Escapes {
  private Escapes() {}

  /**
   * Each such character as {@code \}{@code uXXXX}, and a backslash as two, so that nobody's text
   * looks like an escape.
   */
  static String of(String text) {
    return of(text, 0);
  }

  /** The same, but what JSON has escaped itself is left alone. */
  static String beyondJson(String text) {
    return of(text, 0x7f);
  }

  private static String of(String text, int from) {
    if (text.codePoints().noneMatch(c -> c >= from && isEscaped(c))) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 20);
    text.codePoints()
        .forEach(
            c -> {
              if (c < from || !isEscaped(c)) {
                escaped.appendCodePoint(c);
              } else if (c == '\\') {
                escaped.append("\\\\");
              } else {
                for (char unit : Character.toChars(c)) {
                  escaped.append(String.format("\\u%04x", (int) unit));
                }
              }
            });
    return escaped.toString();
  }

  private static boolean isEscaped(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> c == '\\';
    };
  }
}
