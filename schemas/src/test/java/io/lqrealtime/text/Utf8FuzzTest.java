package io.lqrealtime.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/** Well-formed is what the JDK's decoder takes, however the text is cut. */
class Utf8FuzzTest {
  @FuzzTest
  void isValid_agreesWithTheJdk_howeverTheTextIsCut(byte[] text) {
    boolean expected = isDecoded(text);
    assertThat(Utf8.isValid(text, 0, text.length)).isEqualTo(expected);
    for (int cut = 1; cut < Math.min(text.length, 64); cut++) {
      int before = Utf8.advance(Utf8.COMPLETE, text, 0, cut);
      int after = Utf8.advance(before, text, cut, text.length - cut);
      assertThat(after == Utf8.COMPLETE).isEqualTo(expected);
      assertThat(before == Utf8.MALFORMED && after != Utf8.MALFORMED).isFalse();
    }
  }

  private static boolean isDecoded(byte[] text) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
