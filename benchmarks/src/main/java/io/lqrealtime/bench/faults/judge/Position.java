package io.lqrealtime.bench.faults.judge;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in a log, as the protocol's document gives its form. The offset -1 is before all that a
 * log holds: where one can be, and no message.
 */
record Position(Log log, long offset) {
  /** One partition of one log. */
  record Log(String region, String log, int partition) {}

  private static final String PART =
      "([A-Za-z0-9_-]{1,16})\\.([a-z2-7]{8})\\.(0|[1-9][0-9]{0,8})\\.(-1|0|[1-9][0-9]{0,17})";
  private static final Pattern FORM = Pattern.compile(PART + "(?:~" + PART + ")*");
  private static final int LONGEST = 200;

  boolean isMessage() {
    return offset >= 0;
  }

  /** The first of the positions that the text lists: the message's own. */
  static Optional<Position> parse(String text) {
    if (text.length() > LONGEST) {
      return Optional.empty();
    }
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new Position(
            new Log(matcher.group(1), matcher.group(2), Integer.parseInt(matcher.group(3))),
            Long.parseLong(matcher.group(4))));
  }

  @Override
  public String toString() {
    return log.region() + '.' + log.log() + '.' + log.partition() + '.' + offset;
  }
}
