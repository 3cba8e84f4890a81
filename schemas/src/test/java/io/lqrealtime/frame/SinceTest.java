package io.lqrealtime.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lqrealtime.id.Cursor;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SinceTest {
  @Test
  void parse_positionCursorOrEarliest_isThat() {
    assertThat(Since.parse("earliest")).isEqualTo(new Since.Earliest());
    assertThat(Since.parse("us.aaaaaaaa.1.2"))
        .isEqualTo(new Since.After(Cursor.parse("us.aaaaaaaa.1.2")));
    assertThat(Since.parse("us.aaaaaaaa.1.2~eu.bbbbbbbb.3.4"))
        .isEqualTo(new Since.After(Cursor.parse("us.aaaaaaaa.1.2~eu.bbbbbbbb.3.4")));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-01-02T03:04:05Z, 2026-01-02T03:04:05Z",
    "2026-01-02t03:04:05z, 2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.5Z, 2026-01-02T03:04:05.500Z",
    "2026-01-02T03:04:05.123456789123Z, 2026-01-02T03:04:05.123456789Z",
    "2026-01-02T03:04:05+01:30, 2026-01-02T01:34:05Z",
    "2026-01-02T03:04:05-08:00, 2026-01-02T11:04:05Z",
    "2026-01-02T03:04:05-00:00, 2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05+23:59, 2026-01-01T03:05:05Z",
    "2024-02-29T00:00:00Z, 2024-02-29T00:00:00Z",
    "2016-12-31T23:59:60Z, 2017-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z, 0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z, 9999-12-31T23:59:59Z",
  })
  void parse_instant_isRead(String text, Instant instant) {
    assertThat(Since.parse(text)).isEqualTo(new Since.From(instant));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Earliest",
        "latest",
        "now",
        "2026-01-02",
        "2026-01-02T03:04:05",
        "2026-01-02T03:04Z",
        "2026-01-02 03:04:05Z",
        "2026-1-2T03:04:05Z",
        "26-01-02T03:04:05Z",
        "+12026-01-02T03:04:05Z",
        "-2026-01-02T03:04:05Z",
        "2026-02-29T03:04:05Z",
        "2026-13-01T03:04:05Z",
        "2026-00-01T03:04:05Z",
        "2026-01-00T03:04:05Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:60:05Z",
        "2026-01-02T03:04:61Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05,5Z",
        "2026-01-02T03:04:05+01",
        "2026-01-02T03:04:05+0100",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+01:60",
        "2026-01-02T03:04:05+01:00:00",
        "2026-01-02T03:04:05Z[Europe/Berlin]",
        "2026-01-02T03:04:05Z ",
        "٢026-01-02T03:04:05Z",
        ":",
        "1790000000",
      })
  void parse_anythingElse_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Since.parse(text));
  }

  @Test
  void parse_endlessInstant_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Since.parse("2026-01-02T03:04:05." + "0".repeat(1_000_000) + "Z"));
  }
}
