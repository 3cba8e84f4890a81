package io.lqrealtime.gateway.websocket;

import java.util.ArrayList;
import java.util.List;

/** What values of HTTP's header fields are made of (RFC 9110 section 5.6). */
final class HttpText {

  private HttpText() {}

  /** The elements of a list; empty ones are ignored (section 5.6.1.2). */
  static List<String> elements(List<String> lines) {
    List<String> elements = new ArrayList<>();
    for (String line : lines) {
      int start = 0;
      for (int end = 0; end <= line.length(); end++) {
        if (end == line.length() || line.charAt(end) == ',') {
          String element = withoutSpace(line.substring(start, end));
          if (!element.isEmpty()) {
            elements.add(element);
          }
          start = end + 1;
        }
      }
    }
    return elements;
  }

  /** Only spaces and tabs are optional white space in HTTP (section 5.6.3). */
  static String withoutSpace(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (start < end && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }

  /** Section 5.6.2. */
  static boolean isToken(String text) {
    for (int index = 0; index < text.length(); index++) {
      char c = text.charAt(index);
      boolean alphanumeric =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!alphanumeric && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
