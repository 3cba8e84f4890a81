package io.lqrealtime.bench.command;

import io.lqrealtime.bench.client.ClientOptions;
import io.lqrealtime.bench.client.WebSocketClient;
import io.lqrealtime.bench.load.ConnectPolicy;
import io.lqrealtime.bench.load.Phase;
import io.lqrealtime.bench.load.PublishPlan;
import io.lqrealtime.bench.load.PublishResult;
import io.lqrealtime.bench.load.PublishRun;
import io.lqrealtime.bench.load.RunObserver;
import io.lqrealtime.bench.load.StopSignal;
import io.lqrealtime.bench.load.Targets;
import io.lqrealtime.bench.load.Tokens;
import io.lqrealtime.bench.probe.Machine;
import io.lqrealtime.bench.probe.Probes;
import io.lqrealtime.bench.report.Report;
import io.lqrealtime.bench.report.Unit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What the commands that publish have in common: all but the shape of the load. */
abstract class PublishCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin final HelpOption help = new HelpOption();

  @Mixin final GatewayOptions gateway = new GatewayOptions();

  @Mixin final WindowOptions window = new WindowOptions();

  @Mixin final ProbeOptions probing = new ProbeOptions();

  /** The shape of the load; an illegal argument is a usage error. */
  abstract PublishPlan plan();

  /** One line that says what is measured. */
  abstract String title();

  @Override
  public Integer call() {
    RunFrame frame = new RunFrame(spec, probing.json);
    return frame.run(() -> prepare(frame));
  }

  private Function<StopSignal, Report> prepare(RunFrame frame) {
    PublishPlan plan = plan();
    Watch watch = new Watch(frame, probing.probes());
    Targets targets = gateway.targets();
    Tokens tokens = gateway.tokens();
    ConnectPolicy policy = gateway.policy();
    ClientOptions options = gateway.clientOptions();
    return stop -> {
      PublishRun run = new PublishRun(plan, targets, tokens, policy, watch, stop);
      PublishResult result = run.run(WebSocketClient.start(options));
      Report report = new PublishReport(plan, result).write(title());
      watch.write(report, result);
      return report;
    };
  }

  /** Looks at the processes when the window opens and closes. */
  private static final class Watch implements RunObserver {

    private final RunFrame frame;
    private final Probes probes;
    private Optional<Probes.Snapshot> before = Optional.empty();
    private Optional<Probes.Snapshot> after = Optional.empty();
    private OptionalLong tcpMemory = OptionalLong.empty();

    Watch(RunFrame frame, Probes probes) {
      this.frame = frame;
      this.probes = probes;
    }

    @Override
    public void phase(String what) {
      frame.progress(what);
    }

    @Override
    public void begins(Phase phase) {
      if (phase.isMeasured()) {
        before = Optional.of(probes.look());
      }
    }

    @Override
    public void ends(Phase phase) {
      if (phase.isMeasured()) {
        after = Optional.of(probes.look());
        tcpMemory = Machine.tcpMemory();
      }
    }

    void write(Report report, PublishResult result) {
      Map<String, Long> messages = new LinkedHashMap<>();
      messages.put("message", result.quiet().acked());
      messages.put("delivery", result.quiet().delivered());
      before.ifPresent(
          from -> after.ifPresent(to -> new ProcessSection(from, to, messages).write(report)));
      tcpMemory.ifPresent(
          bytes ->
              report
                  .findings()
                  .group("machine")
                  .amount("tcp_buffers_at_the_end", (double) bytes, Unit.BYTES));
    }
  }
}
