package io.lqrealtime.bench.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Map;

/**
 * A report for programs: {@code {"title","passed","findings","checks","notes"}}, where a number's
 * name ends with its unit ({@code duration_s}, {@code rss_bytes}).
 */
public final class JsonReport {

  private JsonReport() {}

  public static void write(Report report, Writer out) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("title", report.title());
      json.writeBooleanField("passed", report.passed());
      json.writeFieldName("findings");
      value(report.findings(), json);
      json.writeArrayFieldStart("checks");
      for (Report.Check check : report.checks()) {
        json.writeStartObject();
        json.writeStringField("statement", check.statement());
        json.writeBooleanField("holds", check.holds());
        json.writeStringField("found", check.found());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("notes");
      for (String note : report.notes()) {
        json.writeString(note);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void value(Value value, JsonGenerator json) throws IOException {
    switch (value) {
      case Value.Words(String text) -> json.writeString(text);
      case Value.Amount(double number, Unit unit) -> number(number, unit, json);
      case Value.Distribution d -> distribution(d, json);
      case Value.Table(List<String> columns, List<List<Object>> rows) -> table(columns, rows, json);
      case Value.Group group -> {
        json.writeStartObject();
        for (Map.Entry<String, Value> entry : group.entries()) {
          String suffix = entry.getValue() instanceof Value.Amount a ? a.unit().suffix() : "";
          json.writeFieldName(entry.getKey() + suffix);
          value(entry.getValue(), json);
        }
        json.writeEndObject();
      }
    }
  }

  private static void number(double number, Unit unit, JsonGenerator json) throws IOException {
    if (unit == Unit.COUNT || unit == Unit.BYTES) {
      json.writeNumber(Math.round(number));
    } else {
      json.writeNumber(Math.round(number * 1e6) / 1e6);
    }
  }

  private static void distribution(Value.Distribution d, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("count", d.count());
    json.writeNumberField("p50_ms", d.p50());
    json.writeNumberField("p90_ms", d.p90());
    json.writeNumberField("p99_ms", d.p99());
    json.writeNumberField("p99_9_ms", d.p999());
    json.writeNumberField("max_ms", d.max());
    json.writeNumberField("mean_ms", d.mean());
    json.writeEndObject();
  }

  private static void table(List<String> columns, List<List<Object>> rows, JsonGenerator json)
      throws IOException {
    json.writeStartArray();
    for (List<Object> row : rows) {
      json.writeStartObject();
      for (int i = 0; i < columns.size(); i++) {
        json.writeFieldName(columns.get(i));
        if (row.get(i) instanceof Long number) {
          json.writeNumber(number);
        } else {
          json.writeString(row.get(i).toString());
        }
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
