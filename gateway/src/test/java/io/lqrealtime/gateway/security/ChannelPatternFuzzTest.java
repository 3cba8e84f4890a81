package io.lqrealtime.gateway.security;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** A pattern matches what the definition of its stars says, tried out place by place. */
class ChannelPatternFuzzTest {
  /** The pattern is what stands before the first line break, the name what stands behind it. */
  @FuzzTest
  void matches_whatTheDefinitionSays(byte[] input) {
    String[] parts = new String(input, ISO_8859_1).split("\n", 2);
    String pattern = parts[0];
    String name = parts.length == 2 ? parts[1] : "";
    if (pattern.isEmpty() || pattern.length() > ChannelPattern.MAX_LENGTH) {
      return;
    }
    assertThat(new ChannelPattern(pattern).matches(name)).isEqualTo(matches(pattern, name));
  }

  private static boolean matches(String pattern, String name) {
    // Which beginnings of the name are matched by the pattern so far.
    boolean[] matched = new boolean[name.length() + 1];
    matched[0] = true;
    for (int at = 0; at < pattern.length(); at++) {
      char c = pattern.charAt(at);
      boolean[] next = new boolean[matched.length];
      for (int end = 0; end < matched.length; end++) {
        next[end] =
            c == '*'
                ? matched[end] || (end > 0 && next[end - 1])
                : end > 0 && matched[end - 1] && name.charAt(end - 1) == c;
      }
      matched = next;
    }
    return matched[name.length()];
  }
}
