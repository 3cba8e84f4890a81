package io.lqrealtime.id;

/** The alphabets that names are checked against; a table look-up a character. */
final class Names {
  private static final boolean[] CHANNEL = alphabet("-_.:=@,#/");
  private static final boolean[] TOPIC = alphabet("-_.");
  private static final boolean[] REGION = alphabet("-_");

  private Names() {}

  private static boolean[] alphabet(String punctuation) {
    boolean[] allowed = new boolean[128];
    for (char c = 0; c < 128; c++) {
      allowed[c] =
          (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || punctuation.indexOf(c) >= 0;
    }
    return allowed;
  }

  static boolean isChannel(String text, int maxLength) {
    return matches(text, maxLength, CHANNEL);
  }

  static boolean isTopicPart(String text, int maxLength) {
    return matches(text, maxLength, TOPIC);
  }

  static boolean isRegion(String text, int maxLength) {
    return matches(text, maxLength, REGION);
  }

  private static boolean matches(String text, int maxLength, boolean[] allowed) {
    int length = text.length();
    if (length == 0 || length > maxLength) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 128 || !allowed[c]) {
        return false;
      }
    }
    return true;
  }
}
