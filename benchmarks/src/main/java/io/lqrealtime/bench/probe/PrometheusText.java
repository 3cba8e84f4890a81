package io.lqrealtime.bench.probe;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * The samples of a page in Prometheus' text format (version 0.0.4). Lines that are no samples are
 * passed over: a page of a newer format still gives what can be read.
 */
public final class PrometheusText {

  private record Sample(Map<String, String> labels, double value) {}

  private final Map<String, List<Sample>> samples = new HashMap<>();

  private PrometheusText() {}

  public static PrometheusText parse(String page) {
    PrometheusText text = new PrometheusText();
    page.lines().filter(line -> !line.isBlank() && line.charAt(0) != '#').forEach(text::line);
    return text;
  }

  /** The sum over all label sets of a metric that match; nothing where it is not there. */
  public OptionalDouble sum(String name, Map<String, String> labels) {
    List<Sample> matching =
        samples.getOrDefault(name, List.of()).stream()
            .filter(sample -> sample.labels().entrySet().containsAll(labels.entrySet()))
            .toList();
    return matching.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(matching.stream().mapToDouble(Sample::value).sum());
  }

  public OptionalDouble sum(String name) {
    return sum(name, Map.of());
  }

  /** The sums of a metric by the values of one of its labels. */
  public Map<String, Double> byLabel(String name, String label) {
    Map<String, Double> sums = new TreeMap<>();
    for (Sample sample : samples.getOrDefault(name, List.of())) {
      String value = sample.labels().get(label);
      if (value != null) {
        sums.merge(value, sample.value(), Double::sum);
      }
    }
    return sums;
  }

  private void line(String line) {
    int nameEnd = 0;
    while (nameEnd < line.length() && line.charAt(nameEnd) != '{' && line.charAt(nameEnd) > ' ') {
      nameEnd++;
    }
    Map<String, String> labels = new HashMap<>();
    int at = nameEnd;
    if (at < line.length() && line.charAt(at) == '{') {
      at = labels(line, at + 1, labels);
    }
    if (at < 0) {
      return;
    }
    String[] rest = line.substring(at).trim().split("\\s+", 2);
    double value = number(rest[0]);
    if (nameEnd > 0 && !Double.isNaN(value)) {
      samples
          .computeIfAbsent(line.substring(0, nameEnd), name -> new ArrayList<>())
          .add(new Sample(labels, value));
    }
  }

  /** Reads labels up to past the closing brace; -1 where there is none. */
  private static int labels(String line, int from, Map<String, String> into) {
    int at = from;
    while (at < line.length()) {
      char c = line.charAt(at);
      if (c == '}') {
        return at + 1;
      }
      if (c == ',' || c == ' ') {
        at++;
        continue;
      }
      int equals = line.indexOf("=\"", at);
      if (equals < 0) {
        return -1;
      }
      StringBuilder value = new StringBuilder();
      int end = value(line, equals + 2, value);
      if (end < 0) {
        return -1;
      }
      into.put(line.substring(at, equals).trim(), value.toString());
      at = end;
    }
    return -1;
  }

  private static int value(String line, int from, StringBuilder into) {
    for (int at = from; at < line.length(); at++) {
      char c = line.charAt(at);
      if (c == '"') {
        return at + 1;
      }
      if (c == '\\' && at + 1 < line.length()) {
        at++;
        c = line.charAt(at) == 'n' ? '\n' : line.charAt(at);
      }
      into.append(c);
    }
    return -1;
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> {
        try {
          yield Double.parseDouble(text);
        } catch (NumberFormatException e) {
          yield Double.NaN;
        }
      }
    };
  }
}
