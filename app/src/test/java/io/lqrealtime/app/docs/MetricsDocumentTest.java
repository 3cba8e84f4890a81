package io.lqrealtime.app.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.app.management.Metrics;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds the tables of metrics in docs/OPERATIONS.md to the meters that the code registers. */
class MetricsDocumentTest {
  private static final Pattern METER =
      Pattern.compile(
          "\\b(?:(Gauge|Counter|FunctionCounter|Timer)\\s*\\.builder|(counter|timer))\\(\\s*"
              + "\"((?:lq|websocket)[._][a-z._]+)\"");

  private final PrometheusNamingConvention naming = new PrometheusNamingConvention();

  @Test
  void theTableOfOurOwn_isWhatTheCodeRegisters() {
    Set<String> registered = new TreeSet<>();
    for (var source : Repository.sources()) {
      Matcher matcher = METER.matcher(Repository.read(source));
      while (matcher.find()) {
        String type = matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
        registered.add(prometheusName(matcher.group(3), type));
      }
    }
    assertThat(registered).contains("websocket_active_connections", "lq_routed_total");
    assertThat(new TreeSet<>(new Section("docs/OPERATIONS.md", "metrics").firstColumn()))
        .isEqualTo(registered);
  }

  @Test
  void metersOfTheProcess_areServed() {
    try (Metrics metrics = new Metrics()) {
      String page = metrics.scrape();
      Section documented = new Section("docs/OPERATIONS.md", "process-metrics");
      assertThat(documented.firstColumn()).isNotEmpty();
      for (String name : documented.firstColumn()) {
        assertThat(page).containsPattern("(?m)^" + Pattern.quote(name) + "[ {]");
      }
    }
  }

  private String prometheusName(String name, String type) {
    return switch (type) {
      case "Gauge" -> naming.name(name, Meter.Type.GAUGE, null);
      case "Timer", "timer" -> naming.name(name, Meter.Type.TIMER, "seconds");
      default -> {
        String counter = naming.name(name, Meter.Type.COUNTER, null);
        // The registry adds it when it writes the page.
        yield counter.endsWith("_total") ? counter : counter + "_total";
      }
    };
  }
}
