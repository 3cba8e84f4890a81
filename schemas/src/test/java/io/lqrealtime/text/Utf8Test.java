package io.lqrealtime.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {

  /** Values on both sides of every border that table 3-7 draws. */
  private static final int[] BORDERS = {
    0x00, 0x41, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
    0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFF
  };

  private static final int[] CONTINUATION_BORDERS = {
    0x00, 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF
  };

  private final CharsetDecoder reference =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);

  @ParameterizedTest
  @CsvSource({
    "'', true",
    "41, true",
    "7F, true",
    "80, false",
    "BF, false",
    "C080, false",
    "C1BF, false",
    "C280, true",
    "DFBF, true",
    "C2, false",
    "C241, false",
    "E08080, false",
    "E09FBF, false",
    "E0A080, true",
    "E282AC, true",
    "E282, false",
    "ED9FBF, true",
    "EDA080, false",
    "EDBFBF, false",
    "EDA080EDB080, false",
    "EE8080, true",
    "EFBFBF, true",
    "F08FBFBF, false",
    "F0908080, true",
    "F09F9880, true",
    "F09F98, false",
    "F48FBFBF, true",
    "F4908080, false",
    "F5808080, false",
    "F888808080, false",
    "FC8480808080, false",
    "FE, false",
    "FF, false",
    "CEBAE1BDB9CF83CEBCCEB5, true",
    "CEBAE1BDB9CF83CEBCCEB5F4908080656469746564, false",
  })
  void isValid_ofASequence_isWhatTheUnicodeStandardSays(String hex, boolean expected) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThat(Utf8.isValid(bytes, 0, bytes.length)).isEqualTo(expected);
  }

  @Test
  void isValid_ofEveryCodePoint_isTrueUnlessItIsASurrogate() {
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      byte[] bytes = encode(codePoint);
      boolean surrogate =
          codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
      if (Utf8.isValid(bytes, 0, bytes.length) == surrogate) {
        throw new AssertionError("U+" + Integer.toHexString(codePoint));
      }
    }
  }

  @Test
  void isValid_ofAllSequencesOfTwoBytes_agreesWithTheJdk() {
    byte[] bytes = new byte[2];
    for (int pair = 0; pair < 1 << 16; pair++) {
      bytes[0] = (byte) (pair >>> 8);
      bytes[1] = (byte) pair;
      agree(bytes);
    }
  }

  @Test
  void isValid_ofAllStartsOfThreeBytes_agreesWithTheJdk() {
    byte[] bytes = new byte[3];
    for (int pair = 0; pair < 1 << 16; pair++) {
      bytes[0] = (byte) (pair >>> 8);
      bytes[1] = (byte) pair;
      for (int third : BORDERS) {
        bytes[2] = (byte) third;
        agree(bytes);
      }
    }
  }

  @Test
  void isValid_ofSequencesOfFourBytesAtTheBorders_agreesWithTheJdk() {
    byte[] bytes = new byte[4];
    for (int first : BORDERS) {
      for (int second = 0; second < 256; second++) {
        for (int third : CONTINUATION_BORDERS) {
          for (int fourth : CONTINUATION_BORDERS) {
            bytes[0] = (byte) first;
            bytes[1] = (byte) second;
            bytes[2] = (byte) third;
            bytes[3] = (byte) fourth;
            agree(bytes);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void advance_overRandomTextInRandomPieces_agreesWithTheJdkOnTheWhole(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 5_000; round++) {
      byte[] bytes = randomText(random);
      if (random.nextBoolean() && bytes.length > 0) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      int state = Utf8.COMPLETE;
      int from = 0;
      while (from < bytes.length) {
        int count = 1 + random.nextInt(Math.min(20, bytes.length - from));
        state = Utf8.advance(state, bytes, from, count);
        from += count;
      }
      boolean expected = isValidToTheJdk(bytes);
      assertThat(state == Utf8.COMPLETE)
          .as("seed %d, round %d, %s", seed, round, HexFormat.of().formatHex(bytes))
          .isEqualTo(expected);
      assertThat(Utf8.isValid(bytes, 0, bytes.length))
          .as("seed %d, round %d, %s", seed, round, HexFormat.of().formatHex(bytes))
          .isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // text, and how many of its bytes are needed to know that it is malformed
    "80, 1",
    "C0AF, 1",
    "C1, 1",
    "F5, 1",
    "FF, 1",
    "E080, 2",
    "E09F, 2",
    "EDA0, 2",
    "F08F, 2",
    "F490, 2",
    "C241, 2",
    "E28241, 3",
    "F09F9841, 4",
    "E241, 2",
    "F041, 2",
    "E282ACC3A441F490, 8",
  })
  void advance_aByteAtATime_isMalformedAtTheFirstByteThatNoTextCouldHave(String hex, int bytes) {
    byte[] text = HexFormat.of().parseHex(hex);
    int state = Utf8.COMPLETE;
    for (int index = 0; index < bytes - 1; index++) {
      state = Utf8.advance(state, text, index, 1);
      assertThat(state).as("after %d bytes", index + 1).isNotEqualTo(Utf8.MALFORMED);
    }
    assertThat(Utf8.advance(state, text, bytes - 1, 1)).isEqualTo(Utf8.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"C2", "E2", "E282", "F0", "F09F", "F09F98", "41414141414141C3"})
  void advance_withATextThatEndsWithinACharacter_isNeitherCompleteNorMalformed(String hex) {
    byte[] text = HexFormat.of().parseHex(hex);
    assertThat(Utf8.advance(Utf8.COMPLETE, text, 0, text.length))
        .isNotIn(Utf8.COMPLETE, Utf8.MALFORMED);
    assertThat(Utf8.isValid(text, 0, text.length)).isFalse();
  }

  @Test
  void advance_afterMalformed_staysMalformedWhateverFollows() {
    byte[] text = new byte[64];
    for (int value = 0; value < 256; value++) {
      Arrays.fill(text, (byte) value);
      assertThat(Utf8.advance(Utf8.MALFORMED, text, 0, text.length)).isEqualTo(Utf8.MALFORMED);
      assertThat(Utf8.advance(Utf8.MALFORMED, text, 0, 1)).isEqualTo(Utf8.MALFORMED);
    }
  }

  @Test
  void advance_withAnEmptyPiece_keepsTheState() {
    byte[] text = HexFormat.of().parseHex("E282AC");
    int state = Utf8.advance(Utf8.COMPLETE, text, 0, 2);
    assertThat(Utf8.advance(state, text, 2, 0)).isEqualTo(state);
    assertThat(Utf8.advance(state, text, 2, 1)).isEqualTo(Utf8.COMPLETE);
  }

  @Test
  void isValid_withOneBadByteAtAnyPlaceOfALongText_isFalse() {
    for (String character : new String[] {"a", "ä", "€", "😀"}) {
      byte[] text = character.repeat(40).getBytes(StandardCharsets.UTF_8);
      assertThat(Utf8.isValid(text, 0, text.length)).isTrue();
      for (int index = 0; index < text.length; index++) {
        byte good = text[index];
        text[index] = (byte) 0xFF;
        assertThat(Utf8.isValid(text, 0, text.length)).as("%s at %d", character, index).isFalse();
        text[index] = good;
      }
    }
  }

  @Test
  void isValid_ofACharacterInterruptedByLetters_isFalseAlthoughItsRestFollows() {
    for (int before = 0; before < 16; before++) {
      for (int between = 1; between < 24; between++) {
        byte[] text = new byte[before + 2 + between + 1];
        Arrays.fill(text, (byte) 'a');
        text[before] = (byte) 0xE2;
        text[before + 1] = (byte) 0x82;
        text[text.length - 1] = (byte) 0xAC;
        assertThat(Utf8.isValid(text, 0, text.length))
            .as("%d letters before, %d between", before, between)
            .isFalse();
      }
    }
  }

  @Test
  void isValid_ofASlice_looksAtNothingOutsideIt() {
    byte[] bytes = new byte[64];
    Arrays.fill(bytes, (byte) 0xFF);
    byte[] text = "a€😀".repeat(3).getBytes(StandardCharsets.UTF_8);
    for (int offset = 0; offset < 16; offset++) {
      byte[] around = bytes.clone();
      System.arraycopy(text, 0, around, offset, text.length);
      assertThat(Utf8.isValid(around, offset, text.length)).isTrue();
      assertThat(Utf8.isValid(around, offset, text.length + 1)).isFalse();
      assertThat(Utf8.isValid(around, offset, text.length - 1)).isFalse();
    }
  }

  @Test
  void advance_withASliceOutsideTheArray_isRefused() {
    byte[] bytes = new byte[4];
    assertThatThrownBy(() -> Utf8.isValid(bytes, 1, 4))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Utf8.isValid(bytes, -1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> Utf8.isValid(bytes, 2, Integer.MAX_VALUE))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  /**
   * Alone, and among characters of every size, so that it lies at each place of a word and across
   * two.
   */
  private void agree(byte[] sequence) {
    boolean expected = isValidToTheJdk(sequence);
    if (Utf8.isValid(sequence, 0, sequence.length) != expected) {
      throw new AssertionError(HexFormat.of().formatHex(sequence) + " is valid: " + expected);
    }
    int state = Utf8.COMPLETE;
    for (int index = 0; index < sequence.length; index++) {
      state = Utf8.advance(state, sequence, index, 1);
    }
    if ((state == Utf8.COMPLETE) != expected) {
      throw new AssertionError(
          HexFormat.of().formatHex(sequence) + " a byte at a time is valid: " + expected);
    }
    int place = sequence[sequence.length - 1] & 7;
    byte[] among = new byte[place + sequence.length + 8];
    Arrays.fill(among, (byte) 'a');
    System.arraycopy(sequence, 0, among, place, sequence.length);
    // Letters neither complete what is cut off nor heal what is malformed.
    if (Utf8.isValid(among, 0, among.length) != expected) {
      throw new AssertionError(HexFormat.of().formatHex(among) + " is valid: " + expected);
    }
  }

  /**
   * Asks for the result, since an exception for each of a million malformed sequences takes a
   * minute.
   */
  private boolean isValidToTheJdk(byte[] bytes) {
    CharBuffer characters = CharBuffer.allocate(bytes.length);
    return !reference.reset().decode(ByteBuffer.wrap(bytes), characters, true).isError();
  }

  /** By the definition of RFC 3629 section 3, for surrogates too. */
  private static byte[] encode(int codePoint) {
    if (codePoint < 0x80) {
      return new byte[] {(byte) codePoint};
    }
    if (codePoint < 0x800) {
      return new byte[] {(byte) (0xC0 | (codePoint >>> 6)), tail(codePoint)};
    }
    if (codePoint < 0x10000) {
      return new byte[] {
        (byte) (0xE0 | (codePoint >>> 12)), tail(codePoint >>> 6), tail(codePoint)
      };
    }
    return new byte[] {
      (byte) (0xF0 | (codePoint >>> 18)),
      tail(codePoint >>> 12),
      tail(codePoint >>> 6),
      tail(codePoint)
    };
  }

  private static byte tail(int bits) {
    return (byte) (0x80 | (bits & 0x3F));
  }

  private static byte[] randomText(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(60);
    while (text.length() < length) {
      switch (random.nextInt(5)) {
        case 0 -> text.appendCodePoint(0x80 + random.nextInt(0x780));
        case 1 -> text.appendCodePoint(0x800 + random.nextInt(0xD000));
        case 2 -> text.appendCodePoint(0x10000 + random.nextInt(0x100000));
        default -> text.append("plain letters".repeat(random.nextInt(3)));
      }
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
