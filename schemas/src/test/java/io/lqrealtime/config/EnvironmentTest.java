package io.lqrealtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lqrealtime.id.Region;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {
  private static final String KEY = "LQ_SOME_KEY";

  private static Environment with(String value) {
    return new Environment(Map.of(KEY, value));
  }

  private static Environment empty() {
    return new Environment(Map.of());
  }

  private static void assertRefused(ThrowingCallable reading, String... parts) {
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(reading)
        .withMessageStartingWith(KEY + ": ")
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }

  @Test
  void integer_absentOrBlank_isTheFallback() {
    assertThat(empty().integer(KEY, 5, 1, 10, "")).isEqualTo(5);
    assertThat(with("  ").integer(KEY, 5, 1, 10, "")).isEqualTo(5);
  }

  @Test
  void integer_withinBounds_isRead() {
    assertThat(with(" 1 ").integer(KEY, 5, 1, 10, "")).isEqualTo(1);
    assertThat(with("10").integer(KEY, 5, 1, 10, "")).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "11", "-1", "1.5", "ten", "1e1", "4294967297", "99999999999999999999"})
  void integer_anythingElse_namesKeyBoundsAndValue(String value) {
    assertRefused(() -> with(value).integer(KEY, 5, 1, 10, ""), "from 1 to 10", value);
  }

  @Test
  void bytes_pastTheRangeOfAnInt_areRead() {
    assertThat(with("8589934592").bytes(KEY, 1, 0, 1L << 40, "")).isEqualTo(1L << 33);
    assertThat(empty().bytes(KEY, 1, 0, 10, "")).isEqualTo(1);
    assertRefused(() -> with("11").bytes(KEY, 1, 0, 10, ""), "from 0 to 10", "11");
  }

  @ParameterizedTest
  @CsvSource({"250ms, 250", "5s, 5000", "2m, 120000", "1h, 3600000", "0s, 0"})
  void duration_withUnit_isRead(String value, long millis) {
    assertThat(with(value).duration(KEY, Duration.ZERO, Duration.ZERO, Duration.ofHours(1), ""))
        .isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5",
        "s",
        "-5s",
        "1.5s",
        "5 s",
        "5S",
        "5d",
        "99999999999999999999s",
        "9223372036854775807h"
      })
  void duration_anythingElse_namesKeyAndValue(String value) {
    assertRefused(
        () -> with(value).duration(KEY, Duration.ZERO, Duration.ZERO, Duration.ofHours(1), ""),
        value);
  }

  @Test
  void duration_outOfBounds_namesTheBounds() {
    assertRefused(
        () ->
            with("2h")
                .duration(KEY, Duration.ZERO, Duration.ofMillis(250), Duration.ofHours(1), ""),
        "from 250ms to 1h",
        "2h");
  }

  @Test
  void flag_trueOrFalse_isRead() {
    assertThat(with("TRUE").flag(KEY, false, "")).isTrue();
    assertThat(with("false").flag(KEY, true, "")).isFalse();
    assertThat(empty().flag(KEY, true, "")).isTrue();
    assertRefused(() -> with("yes").flag(KEY, true, ""), "true or false", "yes");
  }

  @Test
  void text_absent_isTheFallback() {
    assertThat(with(" x ").text(KEY, "y", "a text", "")).isEqualTo("x");
    assertThat(empty().text(KEY, "y", "a text", "")).isEqualTo("y");
  }

  @Test
  void value_refusedByItsType_tellsWhatTheTypeSays() {
    assertThat(with("eu").value(KEY, "local", Region::new, "a region", ""))
        .isEqualTo(new Region("eu"));
    assertThat(empty().value(KEY, "local", Region::new, "a region", ""))
        .isEqualTo(new Region("local"));
    assertRefused(
        () -> with("a b").value(KEY, "local", Region::new, "a region", ""),
        "1 to 16 characters",
        "a b");
  }

  @Test
  void secret_refusedByItsType_isRepeatedNowhere() {
    assertThat(with("12345").secret(KEY, Integer::valueOf, "digits", "")).contains(12345);
    assertThat(empty().secret(KEY, Integer::valueOf, "digits", "")).isEmpty();
    assertThat(with(" ").secret(KEY, Integer::valueOf, "digits", "")).isEmpty();
    // The parser's own message repeats what it was given.
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> with("hunter2").secret(KEY, Integer::valueOf, "digits", ""))
        .withMessage(KEY + ": must be digits")
        .withNoCause();
  }

  @Test
  void optionalAndList_blankParts_countAsAbsent() {
    assertThat(with(" ").optional(KEY, "a text", "")).isEmpty();
    assertThat(with(" x ").optional(KEY, "a text", "")).isEqualTo(Optional.of("x"));
    assertThat(with("a, b ,,c,").list(KEY, "texts", "")).containsExactly("a", "b", "c");
    assertThat(empty().list(KEY, "texts", "")).isEmpty();
  }

  @Test
  void kafkaProperties_prefixedKeys_becomeDottedNames() {
    Environment environment =
        new Environment(
            Map.of("LQ_KAFKA_SECURITY_PROTOCOL", "SSL ", "LQ_KAFKA_CLIENT_ID", " ", "OTHER", "x"));

    assertThat(environment.kafkaProperties("LQ_KAFKA_"))
        .containsExactly(Map.entry("security.protocol", "SSL"));
  }

  @Test
  void settings_whateverWasAsked_areListedByKeyWithoutTheirValues() {
    Environment environment = new Environment(Map.of("B", "hunter2"));
    environment.secret("B", text -> text, "32 bytes or more", "The secret.");
    environment.integer("A", 1, 0, 2, "A number.");

    assertThat(environment.settings())
        .isEqualTo(
            List.of(
                new Environment.Setting("A", "a whole number from 0 to 2", "1", "A number."),
                new Environment.Setting("B", "32 bytes or more", "(none)", "The secret.")));
  }
}
