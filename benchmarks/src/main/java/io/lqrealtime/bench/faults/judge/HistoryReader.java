package io.lqrealtime.bench.faults.judge;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Reads a history line by line. What can't be read is empty, and counted as a line. */
final class HistoryReader {
  private static final JsonFactory JSON = new JsonFactory();

  private final BufferedReader lines;
  private final Map<String, String> interned = new HashMap<>();
  private long number;

  HistoryReader(BufferedReader lines) {
    this.lines = lines;
  }

  /** What a call came upon. */
  sealed interface Read {
    record Good(Line line) implements Read {}

    record Bad(long number, String reason) implements Read {}
  }

  /** The next line, or nothing at the end. */
  Optional<Read> next() throws IOException {
    String text = lines.readLine();
    if (text == null) {
      return Optional.empty();
    }
    number++;
    try (JsonParser json = JSON.createParser(text)) {
      return Optional.of(new Read.Good(line(json)));
    } catch (IOException | NumberFormatException e) {
      return Optional.of(new Read.Bad(number, String.valueOf(e.getMessage())));
    }
  }

  private Line line(JsonParser json) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new IOException("not an object");
    }
    Map<String, String> fields = HashMap.newHashMap(8);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      if (json.nextToken().isStructStart()) {
        throw new IOException("a nested value");
      }
      fields.put(name, json.getText());
    }
    if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
      throw new IOException("not one whole object");
    }
    long time = Long.parseLong(required(fields, "t"));
    return new Line(
        number, time, same(fields.getOrDefault("client", "")), same(required(fields, "e")), fields);
  }

  /** A few names come in millions of lines. */
  private String same(String name) {
    return interned.computeIfAbsent(name, n -> n);
  }

  private static String required(Map<String, String> fields, String name) throws IOException {
    String value = fields.get(name);
    if (value == null) {
      throw new IOException("no " + name);
    }
    return value;
  }
}
