package io.lqrealtime.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NamesTest {
  private static final String LETTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  /** A kind of name: what it is made of, and how long it may be. */
  record Kind(
      String name,
      Function<String, Object> constructor,
      Predicate<String> isValid,
      String punctuation,
      int maxLength) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Kind> kinds() {
    return List.of(
        new Kind("channel", Channel::new, Channel::isValid, "_-.:=@,#/", 200),
        new Kind("tenant", TenantId::new, TenantId::isValid, "_-.:=@,#/", 200),
        new Kind("gateway", GatewayId::new, GatewayId::isValid, "_-.", 100),
        new Kind("connection", ConnectionId::new, ConnectionId::isValid, "_-.", 64),
        new Kind("region", Region::new, Region::isValid, "_-", 16));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void constructor_everyCharacter_isTakenOrRefusedByTheAlphabet(Kind kind) {
    String allowed = LETTERS + kind.punctuation();
    for (int c = 0; c <= 0xffff; c++) {
      if (kind.isValid().test("a" + (char) c) != allowed.indexOf((char) c) >= 0) {
        fail("U+%04X", c);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void constructor_length_isBounded(Kind kind) {
    String longest = "x".repeat(kind.maxLength());

    assertThat(kind.constructor().apply(longest)).hasToString(longest);
    assertThat(kind.constructor().apply("x")).hasToString("x");
    assertThatIllegalArgumentException().isThrownBy(() -> kind.constructor().apply(""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> kind.constructor().apply(longest + "x"))
        .withMessageContaining("1 to " + kind.maxLength() + " characters");
  }

  @Test
  void user_anyUnicodeWithoutControlCharacters_isTaken() {
    assertThat(new UserId("auth0|José 😀 \"q\"")).hasToString("auth0|José 😀 \"q\"");
    assertThat(UserId.isValid("😀".repeat(200))).isTrue();
    assertThat(UserId.isValid("😀".repeat(201))).isFalse();
    assertThat(UserId.isValid("a".repeat(201))).isFalse();
    assertThat(UserId.isValid("")).isFalse();
  }

  @Test
  void user_controlCharacterOrHalfASurrogatePair_isRefused() {
    for (String text :
        List.of("a\u0000", "a\n", "\u007f", "\u0085", "\ud83d", "a\ude00", "\ude00\ud83d")) {
      assertThat(UserId.isValid(text)).as("%s", text.chars().boxed().toList()).isFalse();
      assertThatIllegalArgumentException().isThrownBy(() -> new UserId(text));
    }
  }
}
