package io.lqrealtime.app;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code LQ_LOG_LEVEL}: Logback itself takes a level that it does not know for DEBUG. */
final class LogLevel {
  private static final String KEY = "LQ_LOG_LEVEL";
  private static final List<String> LEVELS =
      List.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF");

  private LogLevel() {}

  /** Why the level can't be used; empty if it can. */
  static Optional<String> problem(Map<String, String> environment) {
    String level = environment.getOrDefault(KEY, "").strip();
    return level.isEmpty() || LEVELS.contains(level.toUpperCase(Locale.ROOT))
        ? Optional.empty()
        : Optional.of(KEY + ": must be one of " + String.join(", ", LEVELS) + ", and is " + level);
  }
}
