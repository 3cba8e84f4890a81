package io.lqrealtime.id;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Positions and cursors have one text form each: what is read is written again as it was, and read
 * is exactly what the protocol's description of that form, a pattern here, allows.
 */
class PositionFuzzTest {
  private static final Pattern POSITION =
      Pattern.compile("([A-Za-z0-9_-]{1,16})\\.[a-z2-7]{8}\\.(0|[1-9][0-9]*)\\.(-1|0|[1-9][0-9]*)");

  @FuzzTest
  @DictionaryEntries({"local.qzs2bywm.", ".2147483647", ".9223372036854775807", ".-1", "aaaaaaaa"})
  void position_isWrittenAsItWasRead(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    Optional<Position> position = attempt(() -> Position.parse(text));
    assertThat(position.isPresent()).isEqualTo(region(text).isPresent());
    position.ifPresent(
        read -> {
          assertThat(read.toString()).isEqualTo(text);
          assertThat(text.length()).isLessThanOrEqualTo(Position.MAX_LENGTH);
          assertThat(LogId.parse(read.log().toString())).isEqualTo(read.log());
        });
  }

  @FuzzTest
  @DictionaryEntries({"local.qzs2bywm.4.1042", "~eu.qzs2bywm.0.-1", "~us.aaaaaaaa.0.0", "~"})
  void cursor_isWrittenAsItWasRead(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    Optional<Cursor> cursor = attempt(() -> Cursor.parse(text));
    assertThat(cursor.isPresent()).isEqualTo(isCursor(text));
    cursor.ifPresent(
        read -> {
          assertThat(read.toString()).isEqualTo(text);
          assertThat(read.in(read.last().region())).contains(read.last());
          read.others().forEach(other -> assertThat(read.in(other.region())).contains(other));
        });
  }

  private static boolean isCursor(String text) {
    Set<String> regions = new HashSet<>();
    for (String part : text.split("~", -1)) {
      Optional<String> region = region(part);
      if (region.isEmpty() || !regions.add(region.get())) {
        return false;
      }
    }
    return text.length() <= 200;
  }

  /** A position's region; empty if the text is no position. */
  private static Optional<String> region(String text) {
    Matcher form = POSITION.matcher(text);
    return form.matches()
            && isAtMost(form.group(2), Integer.MAX_VALUE)
            && isAtMost(form.group(3), Long.MAX_VALUE)
        ? Optional.of(form.group(1))
        : Optional.empty();
  }

  private static boolean isAtMost(String number, long bound) {
    return new BigInteger(number).compareTo(BigInteger.valueOf(bound)) <= 0;
  }

  private static <T> Optional<T> attempt(Supplier<T> parser) {
    try {
      return Optional.of(parser.get());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
