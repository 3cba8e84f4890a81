package io.lqrealtime.app.command;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads a time span such as {@code 30s} or {@code 24h} from a flag, as the environment's settings
 * do.
 */
final class Durations implements ITypeConverter<Duration> {
  private static final String KEY = "the time";

  @Override
  public Duration convert(String text) {
    try {
      return new Environment(Map.of(KEY, text))
          .duration(KEY, Duration.ofHours(1), Duration.ofMillis(1), Duration.ofDays(3650), "");
    } catch (ConfigurationException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
