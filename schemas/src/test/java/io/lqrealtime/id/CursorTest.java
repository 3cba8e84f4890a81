package io.lqrealtime.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
  private static final Position US = Position.parse("us.aaaaaaaa.1.10");
  private static final Position EU = Position.parse("eu.bbbbbbbb.2.20");

  @Test
  void parse_plainPosition_isACursorOverOneRegion() {
    assertThat(Cursor.parse(US.toString())).isEqualTo(Cursor.at(US));
    assertThat(Cursor.at(US)).hasToString("us.aaaaaaaa.1.10");
  }

  @Test
  void parse_severalRegions_keepsTheirOrder() {
    String text = "us.aaaaaaaa.1.10~eu.bbbbbbbb.2.20~ap.cccccccc.3.30";

    Cursor cursor = Cursor.parse(text);

    assertThat(cursor.last()).isEqualTo(US);
    assertThat(cursor.others()).containsExactly(EU, Position.parse("ap.cccccccc.3.30"));
    assertThat(cursor).hasToString(text);
  }

  @Test
  void in_region_isItsPositionOrNone() {
    Cursor cursor = new Cursor(US, List.of(EU));

    assertThat(cursor.in(new Region("us"))).contains(US);
    assertThat(cursor.in(new Region("eu"))).contains(EU);
    assertThat(cursor.in(new Region("ap"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "us.aaaaaaaa.1.10~",
        "~us.aaaaaaaa.1.10",
        "~",
        "us.aaaaaaaa.1.10~~eu.bbbbbbbb.2.20",
        "us.aaaaaaaa.1.10~us.aaaaaaaa.1.11",
        "us.aaaaaaaa.1.10~eu.bbbbbbbb.2.20~eu.bbbbbbbb.3.20",
        "us.aaaaaaaa.1.10 ~eu.bbbbbbbb.2.20",
        "us.aaaaaaaa.1.10~eu.bbbbbbbb.2.020",
      })
  void parse_anythingElse_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Cursor.parse(text));
  }

  @Test
  void parse_moreThan200Characters_isRefused() {
    String text = longest("aaaa", 3) + "~z.aaaaaaaa.0." + "1".repeat(16);
    assertThat(text).hasSize(200);
    assertThat(Cursor.parse(text)).hasToString(text);

    assertThatIllegalArgumentException().isThrownBy(() -> Cursor.parse(text + "1"));
    assertThatIllegalArgumentException().isThrownBy(() -> Cursor.parse("a".repeat(1_000_000)));
    assertThatIllegalArgumentException().isThrownBy(() -> Cursor.parse(".".repeat(200)));
  }

  @Test
  void constructor_textWouldNotFit_isRefused() {
    Cursor three = Cursor.parse(longest("aaaa", 3));
    assertThat(three.toString().length()).isLessThanOrEqualTo(Cursor.MAX_LENGTH);

    List<Position> more =
        List.of(
            three.others().get(0),
            three.others().get(1),
            Position.parse("fourth-region-16.aaaaaaaa.2147483647.9223372036854775807"));
    assertThatIllegalArgumentException().isThrownBy(() -> new Cursor(three.last(), more));
  }

  @Test
  void constructor_fourRegionsOfAnyRealLog_fit() {
    Position[] positions = new Position[4];
    for (int i = 0; i < 4; i++) {
      positions[i] =
          new Position(
              new Region("region-number-0" + i), new LogId(i), 99_999, 9_999_999_999_999_999L);
    }
    Cursor cursor = new Cursor(positions[0], List.of(positions[1], positions[2], positions[3]));

    assertThat(Cursor.parse(cursor.toString())).isEqualTo(cursor);
  }

  /** A cursor over regions whose every number is as long as it can be. */
  private static String longest(String prefix, int regions) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < regions; i++) {
      text.append(i == 0 ? "" : "~")
          .append(prefix)
          .append("-long-regio")
          .append(i)
          .append(".aaaaaaaa.2147483647.9223372036854775807");
    }
    // 16 characters a region: anything else would not be the longest.
    assertThat(text.toString()).hasSize(regions * 57 - 1);
    return text.toString();
  }
}
