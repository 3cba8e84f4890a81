package io.lqrealtime.frame;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Whatever text a client gives as {@code since}: it is read as what it says, or refused with the
 * documented exception. Instants are held to what Java's own formatter reads, where RFC 3339 and
 * ISO 8601 agree.
 */
class SinceFuzzTest {
  /** What both read: seconds below 60, offsets that Java has, fractions of nanoseconds. */
  private static final Pattern OF_BOTH =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:[0-5]\\d(\\.\\d{1,9})?"
              + "([Zz]|[+-](0\\d|1[0-7]):[0-5]\\d)");

  @FuzzTest
  @DictionaryEntries({"2026-02-28T23:59:60Z", "T24:00:00", "+23:59", ".000000001", "-00:00", "~"})
  void parse_isWhatTheTextSays_orRefused(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    switch (parse(text).orElse(null)) {
      case null -> assertThat(instant(text)).isEmpty();
      case Since.Earliest _ -> assertThat(text).isEqualTo("earliest");
      case Since.After(var cursor) -> assertThat(cursor.toString()).isEqualTo(text);
      case Since.From from -> {
        if (OF_BOTH.matcher(text).matches()) {
          assertThat(Optional.of(from)).isEqualTo(instant(text));
        }
        String canonical = from.instant().toString();
        // Offsets lead past the four digits that a year has in RFC 3339.
        assertThat(parse(canonical))
            .isEqualTo(canonical.matches("\\d{4}-.*") ? Optional.of(from) : Optional.empty());
        // Sought in Kafka by the millisecond.
        assertThat(from.instant().toEpochMilli())
            .isBetween(-62_167_305_600_000L, 253_402_387_200_000L);
      }
    }
  }

  private static Optional<Since> parse(String text) {
    try {
      return Optional.of(Since.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<Since> instant(String text) {
    try {
      return OF_BOTH.matcher(text).matches()
          ? Optional.of(
              new Since.From(
                  OffsetDateTime.parse(text, DateTimeFormatter.ISO_OFFSET_DATE_TIME).toInstant()))
          : Optional.empty();
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
