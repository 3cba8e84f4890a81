package io.lqrealtime.bench.command;

import io.lqrealtime.bench.load.IdlePlan;
import io.lqrealtime.bench.load.IdleResult;
import io.lqrealtime.bench.load.IdleRun;
import io.lqrealtime.bench.load.RunObserver;
import io.lqrealtime.bench.load.StopSignal;
import io.lqrealtime.bench.probe.Probes;
import io.lqrealtime.bench.report.Report;
import io.lqrealtime.bench.report.Unit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Purpose: how many connections open, how fast, and what memory and CPU one that does nothing
 * costs.
 *
 * <p>Load shape: by default 1,000 connections on 100 channels, one subscription each, opened at
 * {@code --connect-rate}, held for 30 s and closed. Before the first look at memory 200 connections
 * are opened and closed, so that classes and caches are not counted. With {@code --pid} of a Java
 * process its live heap is read after a garbage collection ({@code jcmd PID GC.run}) with nothing
 * open and with all open: the difference by connection is what one keeps.
 *
 * <p>Command: {@code lq bench idle --connections 10000 --source-addresses 8 --pid gateway=PID}
 */
@Command(
    name = "idle",
    sortOptions = false,
    description = {
      "How many connections open, how fast, and what memory and CPU an idle one costs.",
      "By default 1,000 connections on 100 channels with one subscription each, held for 30 s. With"
          + " --pid of a Java process its live heap is read after a garbage collection (jcmd PID"
          + " GC.run), before and with the connections: the difference is what they keep."
    },
    footer = {
      "",
      "Example: lq bench idle --url ws://127.0.0.1:8082/ws --connections 10000 "
          + "--source-addresses 8 --hold 60s --pid gateway=$(pgrep -f 'lq gateway')"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:passed", "1:the run failed one of its checks", "2:wrong usage"})
public final class IdleCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "Connections to hold, 19,000 at most. Default: ${DEFAULT-VALUE}")
  private int connections = 1_000;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "Channels that they are spread over. Default: ${DEFAULT-VALUE}")
  private int channels = 100;

  @Option(
      names = "--hold",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long to hold them. Default: 30s")
  private Duration hold = Duration.ofSeconds(30);

  @Option(
      names = "--prelude",
      paramLabel = "N",
      description =
          "Connections opened and closed before the first look at memory. Default:"
              + " ${DEFAULT-VALUE}")
  private int prelude = 200;

  @Mixin final HelpOption help = new HelpOption();

  @Mixin private final GatewayOptions gateway = new GatewayOptions();

  @Mixin private final ProbeOptions probing = new ProbeOptions();

  @Override
  public Integer call() {
    RunFrame frame = new RunFrame(spec, probing.json);
    return frame.run(spec.name(), stop -> measure(frame, stop));
  }

  private Report measure(RunFrame frame, StopSignal stop) {
    IdlePlan plan =
        new IdlePlan(
            connections,
            channels,
            gateway.tenant,
            gateway.tenants,
            gateway.channelPrefix,
            prelude,
            hold);
    Watch watch = new Watch(frame, probing.probes());
    IdleRun run =
        new IdleRun(plan, gateway.targets(), gateway.tokens(), gateway.policy(), watch, stop);
    IdleResult result = run.run(gateway.client());
    Report report =
        new Report("idle: " + connections + " connections on " + channels + " channels");
    RunFrame.connects(report, result.connects());
    report.findings().group("held").amount("time", result.heldNanos() / 1e9, Unit.SECONDS);
    RunFrame.none(report, "the server answered with no error", result.errors());
    RunFrame.none(report, "no connection ended while it was held", result.endings());
    watch.write(report, result.connects().ready());
    return report;
  }

  /** Memory before the connections and with them, CPU time in between. */
  private static final class Watch implements RunObserver {

    private final RunFrame frame;
    private final Probes probes;
    private List<Probes.Memory> empty = List.of();
    private List<Probes.Memory> full = List.of();
    private Optional<Probes.Snapshot> opened = Optional.empty();
    private Optional<Probes.Snapshot> held = Optional.empty();

    Watch(RunFrame frame, Probes probes) {
      this.frame = frame;
      this.probes = probes;
    }

    @Override
    public void phase(String what) {
      frame.progress(what);
    }

    @Override
    public void beforeConnections() {
      empty = probes.memory();
    }

    @Override
    public void windowOpens() {
      opened = Optional.of(probes.look());
    }

    @Override
    public void windowCloses() {
      held = Optional.of(probes.look());
      full = probes.memory();
    }

    void write(Report report, int count) {
      opened.ifPresent(
          from -> held.ifPresent(to -> new ProcessSection(from, to, Map.of()).write(report)));
      if (!full.isEmpty()) {
        MemorySection.write(report, empty, full, count);
      }
    }
  }
}
