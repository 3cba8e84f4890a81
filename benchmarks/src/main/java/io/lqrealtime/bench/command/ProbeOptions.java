package io.lqrealtime.bench.command;

import io.lqrealtime.bench.probe.ManagementPage;
import io.lqrealtime.bench.probe.Probes;
import io.lqrealtime.bench.probe.ProcessProbe;
import java.util.List;
import picocli.CommandLine.Option;

/** What to look at beside the connections, and where the report goes. */
final class ProbeOptions {

  @Option(
      names = "--management",
      paramLabel = "[NAME=]HOST:PORT",
      description =
          "Read /metrics there before and after the measured time and report the differences; may"
              + " be repeated")
  List<String> management = List.of();

  @Option(
      names = "--pid",
      paramLabel = "[NAME=]PID",
      description =
          "Report CPU time and memory of this process on this machine, of any kind (a broker,"
              + " Redis); may be repeated")
  List<String> pids = List.of();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write the report as JSON to this file")
  String json = "";

  Probes probes() {
    return new Probes(
        management.stream().map(ManagementPage::of).toList(),
        pids.stream().map(ProbeOptions::process).toList());
  }

  /** One that is not there would leave the report without what it was made for. */
  private static ProcessProbe process(String text) {
    ProcessProbe process = ProcessProbe.of(text);
    if (ProcessHandle.of(process.pid()).isEmpty()) {
      throw new IllegalArgumentException(
          "--pid: there is no process " + process.pid() + " on this machine");
    }
    return process;
  }
}
