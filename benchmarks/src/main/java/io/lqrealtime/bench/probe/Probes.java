package io.lqrealtime.bench.probe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Everything there is to look at in a run: pages, processes, the machine, the generator itself. */
public record Probes(List<ManagementPage> pages, List<ProcessProbe> processes) {

  public Probes {
    pages = List.copyOf(pages);
    processes = List.copyOf(processes);
  }

  /** What a process used at one moment. */
  public record Usage(Reading<Long> cpuNanos, Reading<Long> rssBytes) {}

  /** Everything at one moment. */
  public record Snapshot(
      Map<ManagementPage, Reading<PrometheusText>> pages,
      Map<ProcessProbe, Usage> processes,
      long ownCpuNanos,
      Optional<Machine.CoreTime> cores) {}

  public Snapshot look() {
    Map<ProcessProbe, Usage> usages = new LinkedHashMap<>();
    long ownCpu = Machine.ownCpuNanos();
    Optional<Machine.CoreTime> cores = Machine.coreTime();
    for (ProcessProbe process : processes) {
      usages.put(process, new Usage(process.cpuNanos(), process.rssBytes()));
    }
    Map<ManagementPage, Reading<PrometheusText>> read = new LinkedHashMap<>();
    for (ManagementPage page : pages) {
      read.put(page, page.read());
    }
    return new Snapshot(read, usages, ownCpu, cores);
  }

  /** The memory of a process, without its garbage. */
  public record Memory(ProcessProbe process, Reading<Long> liveHeap, Reading<Long> rss) {}

  /**
   * The memory of each process, in their order. Java processes collect their garbage for it, which
   * takes a while and stops them; the heap comes first, since a collection gives memory back that
   * would count as resident.
   */
  public List<Memory> memory() {
    List<Memory> all = new ArrayList<>();
    for (ProcessProbe process : processes) {
      Reading<Long> heap = process.liveHeapBytes();
      all.add(new Memory(process, heap, process.rssBytes()));
    }
    return all;
  }

  /** Why something could not be read, in words. */
  public static List<String> missing(Snapshot snapshot) {
    List<String> reasons = new ArrayList<>();
    snapshot
        .pages()
        .forEach(
            (page, reading) -> {
              if (reading instanceof Reading.Missing<PrometheusText>(String reason)) {
                reasons.add(page.name() + ": " + reason);
              }
            });
    snapshot
        .processes()
        .forEach(
            (process, usage) -> {
              if (usage.cpuNanos() instanceof Reading.Missing<Long>(String reason)) {
                reasons.add(process.name() + ": " + reason);
              }
              if (usage.rssBytes() instanceof Reading.Missing<Long>(String reason)) {
                reasons.add(process.name() + ": " + reason);
              }
            });
    return reasons;
  }
}
