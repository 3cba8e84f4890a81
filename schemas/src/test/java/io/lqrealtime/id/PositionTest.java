package io.lqrealtime.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTest {
  @Test
  void parse_textForm_isTheSamePositionAndText() {
    Position position = Position.parse("us-east_1.abcdefgh.11.9223372036854775807");

    assertThat(position)
        .isEqualTo(
            new Position(
                new Region("us-east_1"), LogId.parse("abcdefgh"), 11, 9223372036854775807L));
    assertThat(position).hasToString("us-east_1.abcdefgh.11.9223372036854775807");
  }

  @Test
  void parse_largestNumbers_fit() {
    assertThat(Position.parse("r.aaaaaaaa.2147483647.0").partition()).isEqualTo(Integer.MAX_VALUE);
    assertThat(Position.parse("0123456789abcdef.aaaaaaaa.2147483647.9223372036854775807"))
        .hasToString("0123456789abcdef.aaaaaaaa.2147483647.9223372036854775807");
  }

  @Test
  void parse_anyPosition_roundTrips() {
    long seed = 20240901;
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      Position position =
          new Position(
              new Region("r" + random.nextInt(1000)),
              new LogId(random.nextLong() & 0xff_ffff_ffffL),
              random.nextInt() & 0x7fffffff,
              random.nextLong() >>> (1 + random.nextInt(63)));
      assertThat(Position.parse(position.toString())).as("seed %d", seed).isEqualTo(position);
    }
  }

  @Test
  void beforeTheFirstRecord_hasATextFormToo() {
    Position before = new Position(new Region("r"), LogId.parse("aaaaaaaa"), 3, -1);

    assertThat(before).hasToString("r.aaaaaaaa.3.-1");
    assertThat(Position.parse("r.aaaaaaaa.3.-1")).isEqualTo(before);
    assertThat(Cursor.parse("r.aaaaaaaa.3.-1")).isEqualTo(Cursor.at(before));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "...",
        "r.aaaaaaaa.1",
        "r.aaaaaaaa.1.2.3",
        "r.aaaaaaaa.1.",
        "r.aaaaaaaa..2",
        "r..1.2",
        ".aaaaaaaa.1.2",
        "r.aaaaaaaa.01.2",
        "r.aaaaaaaa.1.00",
        "r.aaaaaaaa.+1.2",
        "r.aaaaaaaa.1.-2",
        "r.aaaaaaaa.-1.2",
        "r.aaaaaaaa.1.-01",
        "r.aaaaaaaa.-0.2",
        "r.aaaaaaaa.1.2 ",
        " r.aaaaaaaa.1.2",
        "r.aaaaaaaa.1.2\n",
        "r.aaaaaaaa.1.1e3",
        "r.aaaaaaaa.1.0x1",
        "r.aaaaaaaa.2147483648.2",
        "r.aaaaaaaa.1.9223372036854775808",
        "r.aaaaaaaa.1.99999999999999999999",
        "r.aaaaaaaa.١.2",
        "r.AAAAAAAA.1.2",
        "r.aaaaaaa.1.2",
        "r.aaaaaaaaa.1.2",
        "r.aaaaaaa0.1.2",
        "r.aaaaaaa1.1.2",
        "r.aaaaaaa8.1.2",
        "r.aaaaaaa=.1.2",
        "r~.aaaaaaaa.1.2",
        "a region.aaaaaaaa.1.2",
        "seventeen-letters.aaaaaaaa.1.2",
        "é.aaaaaaaa.1.2",
      })
  void parse_anythingElse_isRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Position.parse(text));
    assertThatIllegalArgumentException().isThrownBy(() -> Cursor.parse(text));
  }

  @Test
  void constructor_negativeNumber_isRefused() {
    Region region = new Region("r");
    LogId log = new LogId(0);
    assertThatIllegalArgumentException().isThrownBy(() -> new Position(region, log, -1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Position(region, log, 0, -2));
  }
}
