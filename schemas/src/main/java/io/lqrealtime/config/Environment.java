package io.lqrealtime.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Reads settings from environment variables: each with its default, its bounds and its prose in one
 * place. A value that is wrong stops the start with a {@link ConfigurationException} that names the
 * key; a blank value counts as absent. What was asked for can be listed, which is where the
 * documentation's table comes from.
 *
 * <p>Not safe for several threads: used at the start.
 */
public final class Environment {
  private final Map<String, String> values;
  private final Map<String, Setting> asked = new TreeMap<>();

  /** A setting as documented: what it takes, and what it is without a value. */
  public record Setting(String key, String takes, String fallback, String prose) {}

  public Environment(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  /** The variables as they are. */
  public Map<String, String> values() {
    return values;
  }

  /** The settings that have been read, by key. */
  public List<Setting> settings() {
    return new ArrayList<>(asked.values());
  }

  public int integer(String key, int fallback, int min, int max, String prose) {
    note(key, "a whole number from " + min + " to " + max, Integer.toString(fallback), prose);
    return read(key, fallback, text -> (int) wholeNumber(key, text, min, max));
  }

  public long bytes(String key, long fallback, long min, long max, String prose) {
    note(key, "bytes, from " + min + " to " + max, Long.toString(fallback), prose);
    return read(key, fallback, text -> wholeNumber(key, text, min, max));
  }

  /** A time span such as {@code 250ms}, {@code 5s}, {@code 2m} or {@code 1h}. */
  public Duration duration(
      String key, Duration fallback, Duration min, Duration max, String prose) {
    note(key, "a time from " + show(min) + " to " + show(max), show(fallback), prose);
    return read(
        key,
        fallback,
        text -> {
          Duration value = parseDuration(key, text);
          if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new ConfigurationException(
                key, "must be from " + show(min) + " to " + show(max) + ", and is " + text);
          }
          return value;
        });
  }

  public boolean flag(String key, boolean fallback, String prose) {
    note(key, "true or false", Boolean.toString(fallback), prose);
    return read(
        key,
        fallback,
        text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "true" -> true;
              case "false" -> false;
              default ->
                  throw new ConfigurationException(key, "must be true or false, and is " + text);
            });
  }

  public String text(String key, String fallback, String takes, String prose) {
    note(key, takes, fallback.isEmpty() ? "(empty)" : fallback, prose);
    return read(key, fallback, Function.identity());
  }

  /**
   * A text that a type with a validating constructor takes; its message becomes the error's, and
   * the text is repeated there. For what must not be repeated there is {@link #secret}.
   */
  public <T> T value(
      String key, String fallback, Function<String, T> parser, String takes, String prose) {
    note(key, takes, fallback, prose);
    String text = read(key, fallback, Function.identity());
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(key, e.getMessage() + ", and it is " + text);
    }
  }

  /**
   * A secret that a type with a validating constructor takes. Neither the text nor what the type
   * says about it (which may repeat it) is told: only the key, and what it takes.
   */
  public <T> Optional<T> secret(
      String key, Function<String, T> parser, String takes, String prose) {
    note(key, takes, "(none)", prose);
    return read(
        key,
        Optional.<T>empty(),
        text -> {
          try {
            return Optional.of(parser.apply(text));
          } catch (IllegalArgumentException e) {
            throw new ConfigurationException(key, "must be " + takes);
          }
        });
  }

  public Optional<String> optional(String key, String takes, String prose) {
    note(key, takes, "(none)", prose);
    return Optional.ofNullable(values.get(key)).map(String::strip).filter(text -> !text.isEmpty());
  }

  /** A comma-separated list; empty without a value. */
  public List<String> list(String key, String takes, String prose) {
    return optional(key, takes, prose)
        .map(text -> List.of(text.split(",")))
        .orElse(List.of())
        .stream()
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .toList();
  }

  /**
   * Every variable that starts with the prefix, as a Kafka client property: {@code
   * LQ_KAFKA_SECURITY_PROTOCOL} is {@code security.protocol}.
   */
  public Map<String, String> kafkaProperties(String prefix) {
    note(
        prefix + "*",
        "any Kafka client property",
        "(none)",
        "LQ_KAFKA_SECURITY_PROTOCOL is security.protocol");
    Map<String, String> properties = new TreeMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(prefix) && !value.isBlank()) {
            String name = key.substring(prefix.length()).toLowerCase(Locale.ROOT).replace('_', '.');
            properties.put(name, value.strip());
          }
        });
    return properties;
  }

  private void note(String key, String takes, String fallback, String prose) {
    asked.put(key, new Setting(key, takes, fallback, prose));
  }

  private <T> T read(String key, T fallback, Function<String, T> parser) {
    String text = values.get(key);
    return text == null || text.isBlank() ? fallback : parser.apply(text.strip());
  }

  private static long wholeNumber(String key, String text, long min, long max) {
    try {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, like a number that is out of bounds.
    }
    throw new ConfigurationException(
        key, "must be a whole number from " + min + " to " + max + ", and is " + text);
  }

  private static Duration parseDuration(String key, String text) {
    String unit = text.replaceFirst("^[0-9]+", "");
    try {
      long amount = Long.parseLong(text.substring(0, text.length() - unit.length()));
      return switch (unit) {
        case "ms" -> Duration.ofMillis(amount);
        case "s" -> Duration.ofSeconds(amount);
        case "m" -> Duration.ofMinutes(amount);
        case "h" -> Duration.ofHours(amount);
        default -> throw new NumberFormatException();
      };
    } catch (NumberFormatException | ArithmeticException e) {
      throw new ConfigurationException(
          key, "must be a time such as 250ms, 5s, 2m or 1h, and is " + text);
    }
  }

  /** As settings are written: {@code 250ms}, {@code 10s}, {@code 2m}, {@code 1h}. */
  public static String show(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 3_600_000 == 0 && millis > 0) {
      return millis / 3_600_000 + "h";
    }
    if (millis % 60_000 == 0 && millis > 0) {
      return millis / 60_000 + "m";
    }
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }
}
