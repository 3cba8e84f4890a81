package io.lqrealtime.bench.command;

import io.lqrealtime.bench.client.ClientOptions;
import io.lqrealtime.bench.client.WebSocketClient;
import io.lqrealtime.bench.load.ConnectPolicy;
import io.lqrealtime.bench.load.IdlePlan;
import io.lqrealtime.bench.load.IdleResult;
import io.lqrealtime.bench.load.IdleRun;
import io.lqrealtime.bench.load.PublishPlan;
import io.lqrealtime.bench.load.RunObserver;
import io.lqrealtime.bench.load.StopSignal;
import io.lqrealtime.bench.load.Targets;
import io.lqrealtime.bench.load.Tokens;
import io.lqrealtime.bench.probe.Probes;
import io.lqrealtime.bench.report.Report;
import io.lqrealtime.bench.report.Unit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
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
          + "--source-addresses 8 --hold 60s --pid gateway=$(pgrep -f 'app.Lq gateway')"
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
    return frame.run(() -> prepare(frame));
  }

  private Function<StopSignal, Report> prepare(RunFrame frame) {
    if (connections < 1 || connections > PublishPlan.MAX_SUBSCRIBERS) {
      throw new IllegalArgumentException(
          "--connections: from 1 to "
              + PublishPlan.MAX_SUBSCRIBERS
              + ", not "
              + connections
              + "; for more, run several of this command side by side");
    }
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
    Targets targets = gateway.targets();
    Tokens tokens = gateway.tokens();
    ConnectPolicy policy = gateway.policy();
    ClientOptions options = gateway.clientOptions();
    return stop -> {
      IdleRun run = new IdleRun(plan, targets, tokens, policy, watch, stop);
      Report report = report(run.run(WebSocketClient.start(options)));
      watch.write(report, connections);
      return report;
    };
  }

  private Report report(IdleResult result) {
    Report report =
        new Report("idle: " + connections + " connections on " + channels + " channels");
    RunFrame.connects(report, result.connects());
    report.findings().group("held").amount("time", result.heldNanos() / 1e9, Unit.SECONDS);
    RunFrame.none(report, "the server answered with no error", result.errors());
    RunFrame.none(report, "no connection ended while it was held", result.endings());
    return report;
  }

  /** Memory before the connections and with them, CPU time in between. */
  private static final class Watch implements RunObserver {

    private final RunFrame frame;
    private final Probes probes;
    private List<Probes.Memory> empty = List.of();
    private List<Probes.Memory> full = List.of();
    private Optional<Probes.Snapshot> unopened = Optional.empty();
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
      unopened = Optional.of(probes.look());
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
      MemorySection section = new MemorySection(report, count);
      section.processes(empty, full);
      unopened.ifPresent(from -> held.ifPresent(to -> section.pages(from, to)));
    }
  }
}
