package io.lqrealtime.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * One thing that a report says. Names are in snake case, as in JSON; the text shows them with
 * blanks.
 */
public sealed interface Value {

  record Words(String text) implements Value {}

  record Amount(double value, Unit unit) implements Value {}

  /** A distribution of durations, in milliseconds. */
  record Distribution(
      long count, double p50, double p90, double p99, double p999, double max, double mean)
      implements Value {

    /** Of a histogram in nanoseconds. */
    public static Distribution of(Histogram nanos) {
      return new Distribution(
          nanos.getTotalCount(),
          millis((double) nanos.getValueAtPercentile(50)),
          millis((double) nanos.getValueAtPercentile(90)),
          millis((double) nanos.getValueAtPercentile(99)),
          millis((double) nanos.getValueAtPercentile(99.9)),
          millis((double) nanos.getMaxValue()),
          millis(nanos.getMean()));
    }

    private static double millis(double nanos) {
      return nanos / 1e6;
    }
  }

  /** Rows with the same columns. */
  record Table(List<String> columns, List<List<Object>> rows) implements Value {

    public Table {
      columns = List.copyOf(columns);
      rows = List.copyOf(rows);
    }
  }

  /** Named values in their order. */
  final class Group implements Value {

    private final Map<String, Value> values = new LinkedHashMap<>();

    public Group words(String name, String text) {
      return put(name, new Words(text));
    }

    public Group count(String name, long number) {
      return amount(name, (double) number, Unit.COUNT);
    }

    public Group amount(String name, double value, Unit unit) {
      return put(name, new Amount(value, unit));
    }

    public Group counts(String name, Map<String, Long> counts) {
      Group all = group(name);
      counts.forEach(all::count);
      return this;
    }

    /** A group inside this one. */
    public Group group(String name) {
      Group inner = new Group();
      put(name, inner);
      return inner;
    }

    public Group put(String name, Value value) {
      values.put(name, value);
      return this;
    }

    /** Name and value, in the order they were put. */
    List<Map.Entry<String, Value>> entries() {
      return new ArrayList<>(values.entrySet());
    }
  }
}
