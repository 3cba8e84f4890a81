package io.lqrealtime.bench.command;

import io.lqrealtime.bench.probe.Machine;
import io.lqrealtime.bench.probe.ManagementPage;
import io.lqrealtime.bench.probe.Probes;
import io.lqrealtime.bench.probe.PrometheusText;
import io.lqrealtime.bench.probe.Reading;
import io.lqrealtime.bench.report.Report;
import io.lqrealtime.bench.report.Unit;
import io.lqrealtime.bench.report.Value;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * What processes used between two looks, in all and for each message: {@code lq_cpu_seconds_total}
 * by stage, the CPU time of the process ({@code process_cpu_seconds_total} or Micrometer's {@code
 * process_cpu_time_ns_total}), heap and RSS.
 */
final class ProcessSection {

  private final Probes.Snapshot before;
  private final Probes.Snapshot after;
  private final Map<String, Long> messages;

  /**
   * A section.
   *
   * @param messages by what to divide the CPU time, by name: one called x gives {@code
   *     cpu_per_x_us}
   */
  ProcessSection(Probes.Snapshot before, Probes.Snapshot after, Map<String, Long> messages) {
    this.before = before;
    this.after = after;
    this.messages = messages;
  }

  void write(Report report) {
    Value.Group into = report.findings();
    Value.Group processes = into.group("processes");
    after.pages().forEach((page, reading) -> page(processes.group(page.name()), page, reading));
    after
        .processes()
        .forEach(
            (process, usage) -> {
              Value.Group group = processes.group(process.name());
              Probes.Usage earlier = before.processes().get(process);
              if (earlier != null
                  && earlier.cpuNanos() instanceof Reading.Got<Long>(Long from)
                  && usage.cpuNanos() instanceof Reading.Got<Long>(Long to)) {
                cpu(group, "cpu", (to - from) / 1e9);
              }
              if (usage.rssBytes() instanceof Reading.Got<Long>(Long rss)) {
                group.amount("rss", rss, Unit.BYTES);
              }
            });
    Value.Group own = into.group("generator");
    cpu(own, "cpu", (after.ownCpuNanos() - before.ownCpuNanos()) / 1e9);
    before
        .cores()
        .ifPresent(
            from ->
                after
                    .cores()
                    .ifPresent(to -> own.amount("machine_busy", busy(from, to), Unit.PERCENT)));
    Set<String> missing = new LinkedHashSet<>(Probes.missing(before));
    missing.addAll(Probes.missing(after));
    missing.forEach(report::note);
  }

  private static double busy(Machine.CoreTime from, Machine.CoreTime to) {
    return to.busySince(from) * 100;
  }

  private void page(Value.Group group, ManagementPage page, Reading<PrometheusText> reading) {
    Reading<PrometheusText> earlier = before.pages().get(page);
    if (!(reading instanceof Reading.Got<PrometheusText>(PrometheusText to))) {
      return;
    }
    if (earlier instanceof Reading.Got<PrometheusText>(PrometheusText from)) {
      processCpu(from, to).ifPresent(seconds -> cpu(group, "cpu", seconds));
      Map<String, Double> stagesBefore = from.byLabel("lq_cpu_seconds_total", "stage");
      Map<String, Double> stages = to.byLabel("lq_cpu_seconds_total", "stage");
      if (!stages.isEmpty()) {
        Value.Group perStage = group.group("stages");
        stages.forEach(
            (stage, seconds) ->
                cpu(perStage, stage, seconds - stagesBefore.getOrDefault(stage, 0.0)));
      }
    }
    to.sum("lq_live_heap_bytes").ifPresent(b -> group.amount("live_heap", b, Unit.BYTES));
    to.sum("jvm_memory_used_bytes", Map.of("area", "heap"))
        .ifPresent(b -> group.amount("heap_used", b, Unit.BYTES));
    to.sum("jvm_gc_live_data_size_bytes")
        .ifPresent(b -> group.amount("heap_after_last_full_gc", b, Unit.BYTES));
    to.sum("process_resident_memory_bytes").ifPresent(b -> group.amount("rss", b, Unit.BYTES));
  }

  private static OptionalDouble processCpu(PrometheusText from, PrometheusText to) {
    OptionalDouble seconds = difference("process_cpu_seconds_total", from, to);
    if (seconds.isPresent()) {
      return seconds;
    }
    OptionalDouble nanos = difference("process_cpu_time_ns_total", from, to);
    return nanos.isPresent() ? OptionalDouble.of(nanos.getAsDouble() / 1e9) : nanos;
  }

  private static OptionalDouble difference(String name, PrometheusText from, PrometheusText to) {
    OptionalDouble earlier = from.sum(name);
    OptionalDouble later = to.sum(name);
    return earlier.isPresent() && later.isPresent()
        ? OptionalDouble.of(later.getAsDouble() - earlier.getAsDouble())
        : OptionalDouble.empty();
  }

  private void cpu(Value.Group group, String name, double seconds) {
    group.amount(name, seconds, Unit.SECONDS);
    messages.forEach(
        (what, count) -> {
          if (count > 0) {
            group.amount(name + "_per_" + what, seconds * 1e6 / count, Unit.MICROSECONDS);
          }
        });
  }
}
