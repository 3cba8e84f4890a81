package io.lqrealtime.bench.report;

import java.util.Locale;

/** What a number counts; it is part of the number's name in JSON. */
public enum Unit {
  COUNT(""),
  RATIO(""),
  PERCENT("_percent"),
  PER_SECOND("_per_second"),
  MICROSECONDS("_us"),
  MILLISECONDS("_ms"),
  SECONDS("_s"),
  BYTES("_bytes");

  private final String suffix;

  Unit(String suffix) {
    this.suffix = suffix;
  }

  /** What is appended to a name in JSON. */
  String suffix() {
    return suffix;
  }

  /** For people. */
  public String format(double value) {
    return switch (this) {
      case COUNT -> String.format(Locale.ROOT, "%,.0f", value);
      case RATIO -> String.format(Locale.ROOT, "%.2f", value);
      case PERCENT -> String.format(Locale.ROOT, "%.1f %%", value);
      case PER_SECOND -> String.format(Locale.ROOT, "%,.0f/s", value);
      case MICROSECONDS -> String.format(Locale.ROOT, "%,.2f µs", value);
      case MILLISECONDS -> String.format(Locale.ROOT, "%,.3f ms", value);
      case SECONDS -> String.format(Locale.ROOT, "%,.2f s", value);
      case BYTES -> bytes(value);
    };
  }

  private static String bytes(double value) {
    double size = Math.abs(value);
    if (size < 10_000) {
      return String.format(Locale.ROOT, "%,.0f B", value);
    }
    return size < 10_000_000
        ? String.format(Locale.ROOT, "%,.1f KB", value / 1_000)
        : String.format(Locale.ROOT, "%,.1f MB", value / 1_000_000);
  }
}
