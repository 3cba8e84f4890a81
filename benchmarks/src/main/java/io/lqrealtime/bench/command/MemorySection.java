package io.lqrealtime.bench.command;

import io.lqrealtime.bench.probe.ManagementPage;
import io.lqrealtime.bench.probe.Probes;
import io.lqrealtime.bench.probe.PrometheusText;
import io.lqrealtime.bench.probe.Reading;
import io.lqrealtime.bench.report.Report;
import io.lqrealtime.bench.report.Unit;
import io.lqrealtime.bench.report.Value;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What connections keep: the memory of processes without and with them, and the difference by
 * connection.
 */
final class MemorySection {

  private final Report report;
  private final Value.Group section;
  private final int connections;

  MemorySection(Report report, int connections) {
    this.report = report;
    this.connections = connections;
    section = report.findings().group("memory");
  }

  /** Of processes by their id, the same ones in the same order. */
  void processes(List<Probes.Memory> before, List<Probes.Memory> after) {
    for (int i = 0; i < Math.min(before.size(), after.size()); i++) {
      Probes.Memory from = before.get(i);
      Probes.Memory to = after.get(i);
      String name = to.process().name();
      Value.Group group = section.group(name);
      difference(group, name, "live_heap", from.liveHeap(), to.liveHeap());
      difference(group, name, "rss", from.rss(), to.rss());
    }
  }

  /**
   * Of processes by their own metrics. The heap in use contains garbage: only {@code
   * lq_live_heap_bytes} is what connections keep.
   */
  void pages(Probes.Snapshot before, Probes.Snapshot after) {
    after.pages().forEach((page, reading) -> page(page, before.pages().get(page), reading));
  }

  private void page(
      ManagementPage page,
      @Nullable Reading<PrometheusText> before,
      Reading<PrometheusText> after) {
    if (before instanceof Reading.Got<PrometheusText>(PrometheusText from)
        && after instanceof Reading.Got<PrometheusText>(PrometheusText to)) {
      Value.Group group = section.group(page.name() + "_metrics");
      metric(group, "live_heap", "lq_live_heap_bytes", Map.of(), from, to);
      metric(group, "heap_used", "jvm_memory_used_bytes", Map.of("area", "heap"), from, to);
      metric(group, "rss", "process_resident_memory_bytes", Map.of(), from, to);
    }
  }

  private void metric(
      Value.Group group,
      String what,
      String metric,
      Map<String, String> labels,
      PrometheusText before,
      PrometheusText after) {
    OptionalDouble from = before.sum(metric, labels);
    OptionalDouble to = after.sum(metric, labels);
    if (from.isPresent() && to.isPresent()) {
      difference(group, what, from.getAsDouble(), to.getAsDouble());
    }
  }

  private void difference(
      Value.Group group, String process, String what, Reading<Long> before, Reading<Long> after) {
    if (before instanceof Reading.Got<Long>(Long from)
        && after instanceof Reading.Got<Long>(Long to)) {
      difference(group, what, (double) from, (double) to);
    }
    for (Reading<Long> reading : List.of(before, after)) {
      if (reading instanceof Reading.Missing<Long>(String reason)) {
        report.note("no " + what.replace('_', ' ') + " of " + process + ": " + reason);
        return;
      }
    }
  }

  private void difference(Value.Group group, String what, double from, double to) {
    group.amount(what + "_before", from, Unit.BYTES);
    group.amount(what + "_after", to, Unit.BYTES);
    group.amount(what + "_by_connection", (to - from) / connections, Unit.BYTES);
  }
}
