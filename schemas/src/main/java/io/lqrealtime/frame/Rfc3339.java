package io.lqrealtime.frame;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Instants as RFC 3339, section 5.6, writes them, which is neither all nor only what Java's ISO
 * 8601 formatter reads: seconds and offset are required, the year has four digits, offsets go up to
 * 23:59, a fraction may have any number of digits, and a leap second counts as the second after it.
 */
final class Rfc3339 {
  private static final int MAX_LENGTH = 64;

  private static final Pattern FORM =
      Pattern.compile(
          "([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}):([0-9]{2})(?:\\.([0-9]+))?"
              + "(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))");

  private Rfc3339() {}

  /**
   * @throws IllegalArgumentException where the text is no such instant
   */
  static Instant parse(String text) {
    Matcher form = FORM.matcher(text.length() > MAX_LENGTH ? "" : text);
    if (!form.matches()) {
      throw new IllegalArgumentException("not an RFC 3339 instant");
    }
    int seconds = Integer.parseInt(form.group(3));
    if (seconds > 60) {
      throw new IllegalArgumentException("a minute has no second " + seconds);
    }
    try {
      return LocalDateTime.parse(form.group(1) + 'T' + form.group(2) + ":00")
          .toInstant(ZoneOffset.UTC)
          .plusSeconds(seconds - offsetSeconds(form))
          .plusNanos(nanos(form.group(4)));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("no such day or time", e);
    }
  }

  private static long offsetSeconds(Matcher form) {
    String sign = form.group(5);
    if (sign == null) {
      return 0;
    }
    long seconds = Integer.parseInt(form.group(6)) * 3600L + Integer.parseInt(form.group(7)) * 60L;
    return sign.equals("-") ? -seconds : seconds;
  }

  private static long nanos(@Nullable String fraction) {
    return fraction == null ? 0 : Long.parseLong((fraction + "000000000").substring(0, 9));
  }
}
