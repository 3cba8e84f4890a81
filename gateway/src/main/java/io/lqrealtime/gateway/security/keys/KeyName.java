package io.lqrealtime.gateway.security.keys;

import java.util.Optional;
import java.util.regex.Pattern;

/** A {@code kid} as it may be shown in a log, whoever chose it. */
final class KeyName {
  private static final Pattern PRINTABLE = Pattern.compile("[A-Za-z0-9._~+/=:@-]{1,100}");

  private KeyName() {}

  /** The text if a line of a log can hold it as it is. */
  static Optional<String> printable(String kid) {
    return PRINTABLE.matcher(kid).matches() ? Optional.of(kid) : Optional.empty();
  }
}
