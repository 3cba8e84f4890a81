package io.lqrealtime.bench.command;

import io.lqrealtime.bench.probe.ManagementPage;
import io.lqrealtime.bench.probe.Probes;
import io.lqrealtime.bench.probe.ProcessProbe;
import io.lqrealtime.bench.probe.PrometheusText;
import io.lqrealtime.bench.probe.Reading;
import io.lqrealtime.bench.report.Report;
import io.lqrealtime.bench.report.Unit;
import io.lqrealtime.bench.report.Value;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;

/**
 * What processes used between looks, in all and for each message: {@code lq_cpu_seconds_total} by
 * stage, the CPU time of the process ({@code process_cpu_seconds_total} or Micrometer's {@code
 * process_cpu_time_ns_total}), heap and RSS. Of several stretches of time CPU time is the sum, and
 * memory is what the last look found.
 */
final class ProcessSection {

  /** Two looks, at the beginning and the end of a stretch. */
  record Interval(Probes.Snapshot before, Probes.Snapshot after) {}

  private final List<Interval> intervals;
  private final Map<String, Long> messages;

  /**
   * A section.
   *
   * @param messages by what to divide the CPU time, by name: one called x gives {@code
   *     cpu_per_x_us}
   */
  ProcessSection(List<Interval> intervals, Map<String, Long> messages) {
    this.intervals = List.copyOf(intervals);
    this.messages = messages;
  }

  ProcessSection(Probes.Snapshot before, Probes.Snapshot after, Map<String, Long> messages) {
    this(List.of(new Interval(before, after)), messages);
  }

  void write(Report report) {
    write(report, report.findings());
  }

  /** Writes into a group of the report, or nothing where nobody looked. */
  void write(Report report, Value.Group into) {
    if (intervals.isEmpty()) {
      return;
    }
    Probes.Snapshot last = intervals.getLast().after();
    Value.Group processes = into.group("processes");
    last.pages().forEach((page, reading) -> page(processes.group(page.name()), page, reading));
    last.processes().forEach((process, usage) -> process(processes, process, usage));
    Value.Group own = into.group("generator");
    sum(i -> OptionalDouble.of((i.after().ownCpuNanos() - i.before().ownCpuNanos()) / 1e9))
        .ifPresent(seconds -> cpu(own, "cpu", seconds));
    intervals.stream()
        .flatMap(interval -> busy(interval).stream())
        .mapToDouble(busy -> busy * 100)
        .average()
        .ifPresent(percent -> own.amount("machine_busy", percent, Unit.PERCENT));
    Set<String> missing = new LinkedHashSet<>();
    for (Interval interval : intervals) {
      missing.addAll(Probes.missing(interval.before()));
      missing.addAll(Probes.missing(interval.after()));
    }
    missing.forEach(report::note);
  }

  private static Optional<Double> busy(Interval interval) {
    return interval
        .before()
        .cores()
        .flatMap(from -> interval.after().cores().map(to -> to.busySince(from)));
  }

  /** Over all intervals that have the figure. */
  private OptionalDouble sum(Function<Interval, OptionalDouble> figure) {
    double[] found =
        intervals.stream()
            .map(figure)
            .filter(OptionalDouble::isPresent)
            .mapToDouble(OptionalDouble::getAsDouble)
            .toArray();
    return found.length == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(Arrays.stream(found).sum());
  }

  private void process(Value.Group processes, ProcessProbe process, Probes.Usage last) {
    Value.Group group = processes.group(process.name());
    sum(interval -> cpuSeconds(process, interval)).ifPresent(seconds -> cpu(group, "cpu", seconds));
    if (last.rssBytes() instanceof Reading.Got<Long>(Long rss)) {
      group.amount("rss", rss, Unit.BYTES);
    }
  }

  private static OptionalDouble cpuSeconds(ProcessProbe process, Interval interval) {
    Probes.Usage from = interval.before().processes().get(process);
    Probes.Usage to = interval.after().processes().get(process);
    return from != null
            && to != null
            && from.cpuNanos() instanceof Reading.Got<Long>(Long earlier)
            && to.cpuNanos() instanceof Reading.Got<Long>(Long later)
        ? OptionalDouble.of((later - earlier) / 1e9)
        : OptionalDouble.empty();
  }

  private void page(Value.Group group, ManagementPage page, Reading<PrometheusText> last) {
    if (!(last instanceof Reading.Got<PrometheusText>(PrometheusText to))) {
      return;
    }
    sum(interval -> difference(page, interval, ProcessSection::processCpu))
        .ifPresent(seconds -> cpu(group, "cpu", seconds));
    Set<String> stages = to.byLabel("lq_cpu_seconds_total", "stage").keySet();
    if (!stages.isEmpty()) {
      Value.Group perStage = group.group("stages");
      for (String stage : stages) {
        sum(interval -> difference(page, interval, text -> stageCpu(text, stage)))
            .ifPresent(seconds -> cpu(perStage, stage, seconds));
      }
    }
    to.sum("lq_live_heap_bytes").ifPresent(b -> group.amount("live_heap", b, Unit.BYTES));
    to.sum("jvm_memory_used_bytes", Map.of("area", "heap"))
        .ifPresent(b -> group.amount("heap_used", b, Unit.BYTES));
    to.sum("jvm_gc_live_data_size_bytes")
        .ifPresent(b -> group.amount("heap_after_last_full_gc", b, Unit.BYTES));
    to.sum("process_resident_memory_bytes").ifPresent(b -> group.amount("rss", b, Unit.BYTES));
  }

  private static OptionalDouble processCpu(PrometheusText text) {
    OptionalDouble seconds = text.sum("process_cpu_seconds_total");
    if (seconds.isPresent()) {
      return seconds;
    }
    OptionalDouble nanos = text.sum("process_cpu_time_ns_total");
    return nanos.isPresent() ? OptionalDouble.of(nanos.getAsDouble() / 1e9) : nanos;
  }

  /** A stage that nobody has met yet has used nothing. */
  private static OptionalDouble stageCpu(PrometheusText text, String stage) {
    return OptionalDouble.of(
        text.byLabel("lq_cpu_seconds_total", "stage").getOrDefault(stage, 0.0));
  }

  private static OptionalDouble difference(
      ManagementPage page, Interval interval, Function<PrometheusText, OptionalDouble> figure) {
    if (interval.before().pages().get(page)
            instanceof Reading.Got<PrometheusText>(PrometheusText from)
        && interval.after().pages().get(page)
            instanceof Reading.Got<PrometheusText>(PrometheusText to)) {
      OptionalDouble earlier = figure.apply(from);
      OptionalDouble later = figure.apply(to);
      if (earlier.isPresent() && later.isPresent()) {
        return OptionalDouble.of(later.getAsDouble() - earlier.getAsDouble());
      }
    }
    return OptionalDouble.empty();
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
