package io.lqrealtime.frame;

import io.lqrealtime.id.Cursor;
import java.time.Instant;

/** From where a subscription or a history request starts. */
public sealed interface Since {
  /** Past this cursor. */
  record After(Cursor cursor) implements Since {}

  /** Everything that is retained. */
  record Earliest() implements Since {}

  /** The first message appended at or after this instant. */
  record From(Instant instant) implements Since {}

  /**
   * Parses a position, {@code earliest} or an RFC 3339 instant.
   *
   * @throws IllegalArgumentException where the text is none of them
   */
  static Since parse(String text) {
    if (text.equals("earliest")) {
      return new Earliest();
    }
    // An instant has colons, which no position has.
    if (text.indexOf(':') >= 0) {
      return new From(Rfc3339.parse(text));
    }
    return new After(Cursor.parse(text));
  }
}
