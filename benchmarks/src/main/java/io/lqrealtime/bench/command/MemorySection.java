package io.lqrealtime.bench.command;

import io.lqrealtime.bench.probe.Probes;
import io.lqrealtime.bench.probe.Reading;
import io.lqrealtime.bench.report.Report;
import io.lqrealtime.bench.report.Unit;
import io.lqrealtime.bench.report.Value;
import java.util.List;

/**
 * What connections keep: the memory of processes without and with them, and the difference by
 * connection.
 */
final class MemorySection {

  private MemorySection() {}

  /** Writes it, for the same processes in the same order. */
  static void write(
      Report report, List<Probes.Memory> before, List<Probes.Memory> after, int connections) {
    Value.Group section = report.findings().group("memory");
    for (int i = 0; i < Math.min(before.size(), after.size()); i++) {
      Probes.Memory from = before.get(i);
      Probes.Memory to = after.get(i);
      String name = to.process().name();
      Value.Group group = section.group(name);
      difference(report, group, name, "live_heap", from.liveHeap(), to.liveHeap(), connections);
      difference(report, group, name, "rss", from.rss(), to.rss(), connections);
    }
  }

  private static void difference(
      Report report,
      Value.Group group,
      String process,
      String what,
      Reading<Long> before,
      Reading<Long> after,
      int connections) {
    if (before instanceof Reading.Got<Long>(Long from)
        && after instanceof Reading.Got<Long>(Long to)) {
      group.amount(what + "_before", (double) from, Unit.BYTES);
      group.amount(what + "_after", (double) to, Unit.BYTES);
      if (connections > 0) {
        group.amount(what + "_by_connection", (to - from) / (double) connections, Unit.BYTES);
      }
    }
    for (Reading<Long> reading : List.of(before, after)) {
      if (reading instanceof Reading.Missing<Long>(String reason)) {
        report.note("no " + what.replace('_', ' ') + " of " + process + ": " + reason);
        return;
      }
    }
  }
}
