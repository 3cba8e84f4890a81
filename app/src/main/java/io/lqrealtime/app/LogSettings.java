package io.lqrealtime.app;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code LQ_LOG_LEVEL} and {@code LQ_LOG_FORMAT}, checked and handed to Logback, which by itself
 * would take a level that it does not know for DEBUG, and a format that it does not know, or an
 * empty one, for no log at all.
 */
final class LogSettings {
  private static final List<String> LEVELS =
      List.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF");
  private static final List<String> FORMATS = List.of("text", "json");

  private static final String FORMAT = "lq.log.format";

  private LogSettings() {}

  /**
   * Has the settings hold; to be called before anything is logged.
   *
   * @return why one can't be used; empty if all can
   */
  static Optional<String> use(Map<String, String> environment) {
    Optional<String> wrongLevel = use(environment, "LQ_LOG_LEVEL", "lq.log.level", LEVELS);
    Optional<String> wrongFormat = use(environment, "LQ_LOG_FORMAT", FORMAT, FORMATS);
    return wrongLevel.or(() -> wrongFormat);
  }

  /** Whether the log is for machines. */
  static boolean isForMachines() {
    return "json".equals(System.getProperty(FORMAT));
  }

  /**
   * @param property by which {@code logback.xml} reads it; without it, the default there holds
   */
  private static Optional<String> use(
      Map<String, String> environment, String key, String property, List<String> known) {
    String given = environment.getOrDefault(key, "").strip();
    if (given.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> value = known.stream().filter(given::equalsIgnoreCase).findFirst();
    value.ifPresent(chosen -> System.setProperty(property, chosen.toLowerCase(Locale.ROOT)));
    return value.isPresent()
        ? Optional.empty()
        : Optional.of(key + ": must be one of " + String.join(", ", known) + ", and is " + given);
  }
}
