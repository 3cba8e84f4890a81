package io.lqrealtime.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class ReportTest {

  private static Report sample() {
    Histogram nanos = new Histogram(3);
    for (int i = 1; i <= 1_000; i++) {
      nanos.recordValue(i * 1_000_000L);
    }
    Report report = new Report("sample");
    Value.Group group = report.findings().group("latency");
    group.put("client_to_client", Value.Distribution.of(nanos));
    group.put("publish_to_ack", Value.Distribution.of(new Histogram(3)));
    report.findings().group("memory").amount("rss", 12_345_678, Unit.BYTES);
    report.findings().counts("errors", Map.of("rate_limited", 3L));
    report.findings().counts("endings", Map.of());
    report
        .findings()
        .put(
            "subscriptions",
            new Value.Table(List.of("name", "lost"), List.of(List.of("a", 0L), List.of("b", 12L))));
    report.check("all is well", true, "").note("a note");
    return report;
  }

  @Test
  void text_hasEveryFindingInWords() {
    StringWriter out = new StringWriter();
    new TextReport(new PrintWriter(out)).write(sample());
    assertThat(out.toString())
        .contains("p50 500.", "p99 990.", "(1,000)")
        .containsPattern("publish to ack +none")
        .containsPattern("rss +12.3 MB")
        .containsPattern("rate limited +3")
        .containsPattern("endings +none")
        .containsPattern("b +12")
        .contains("ok      all is well", "a note")
        .endsWith("passed" + System.lineSeparator());
  }

  @Test
  void failedCheck_failsTheReportAndSaysWhatWasFound() {
    Report report = sample().check("nothing was lost", false, "12");
    StringWriter out = new StringWriter();
    new TextReport(new PrintWriter(out)).write(report);
    assertThat(report.passed()).isFalse();
    assertThat(out.toString()).contains("FAILED  nothing was lost: 12");
  }

  @Test
  void json_hasNumbersWithTheirUnitInTheName() throws Exception {
    StringWriter out = new StringWriter();
    JsonReport.write(sample(), out);
    JsonNode json = new ObjectMapper().readTree(out.toString());
    JsonNode findings = json.get("findings");
    assertThat(json.get("passed").asBoolean()).isTrue();
    assertThat(findings.at("/latency/client_to_client/p99_ms").asDouble()).isBetween(989.0, 991.0);
    assertThat(findings.at("/memory/rss_bytes").asLong()).isEqualTo(12_345_678);
    assertThat(findings.at("/errors/rate_limited").asLong()).isEqualTo(3);
    assertThat(findings.at("/subscriptions/1/lost").asLong()).isEqualTo(12);
  }
}
