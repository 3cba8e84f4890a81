package io.lqrealtime.bench.command;

import io.lqrealtime.bench.client.ClientOptions;
import io.lqrealtime.bench.client.WebSocketClient;
import io.lqrealtime.bench.load.ConnectPolicy;
import io.lqrealtime.bench.load.Departure;
import io.lqrealtime.bench.load.ResumePlan;
import io.lqrealtime.bench.load.ResumeResult;
import io.lqrealtime.bench.load.ResumeRun;
import io.lqrealtime.bench.load.RunObserver;
import io.lqrealtime.bench.load.StopSignal;
import io.lqrealtime.bench.load.Targets;
import io.lqrealtime.bench.load.Tokens;
import io.lqrealtime.bench.probe.Probes;
import io.lqrealtime.bench.report.Report;
import io.lqrealtime.bench.report.Unit;
import io.lqrealtime.bench.report.Value;
import java.net.URI;
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
 * Purpose: how fast clients that were away catch up, and what the others feel of it.
 *
 * <p>Load shape: by default 1,000 connections on 100 channels subscribe and close; 20 messages of
 * 200 bytes are published on each channel; all come back at {@code --connect-rate} with the
 * position they left at, once what was published is routed. Each is done when it is live and has
 * what it missed. A pair of clients sends 100 messages a second on a channel of its own, before and
 * meanwhile.
 *
 * <p>Commands: a storm of reconnects, {@code lq bench resume --connections 10000 --source-addresses
 * 8}; one client far behind, {@code lq bench resume --connections 1 --channels 1 --behind 100000}
 */
@Command(
    name = "resume",
    sortOptions = false,
    description = {
      "How fast clients that were away catch up, and what others feel of it.",
      "By default 1,000 connections on 100 channels subscribe and close, 20 messages are published"
          + " on each channel, and all come back with the position they left at. A pair of other"
          + " clients sends 100 messages a second meanwhile."
    },
    footer = {
      "",
      "A storm: lq bench resume --connections 10000 --source-addresses 8 --tenants 10",
      "A gateway that dies, and is started again by its supervisor: the same with --url"
          + " ws://127.0.0.1:8082/ws --others-url ws://127.0.0.1:8083/ws --lost-by 'kill -9 4711'",
      "One client far behind: lq bench resume --connections 1 --channels 1 --behind 100000"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:passed", "1:the run failed one of its checks", "2:wrong usage"})
public final class ResumeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "Connections that go and come back. Default: ${DEFAULT-VALUE}")
  private int connections = 1_000;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "Channels that they are spread over. Default: ${DEFAULT-VALUE}")
  private int channels = 100;

  @Option(
      names = "--behind",
      paramLabel = "N",
      description = "Messages that each has missed. Default: ${DEFAULT-VALUE}")
  private int behind = 20;

  @Option(
      names = "--payload",
      paramLabel = "BYTES",
      description = "The size of a payload. Default: ${DEFAULT-VALUE}")
  private int payload = 200;

  @Option(
      names = "--lost-by",
      paramLabel = "COMMAND",
      description =
          "Connections are not closed, but end by this shell command, which kills their gateway,"
              + " say; whoever starts it again is not the bench. Give --others-url with it")
  private String lostBy = "";

  @Option(
      names = "--others-url",
      paramLabel = "WS_URL",
      description =
          "The gateway of the publishers and of the other clients. Default: the first --url")
  private List<URI> othersUrl = List.of();

  @Mixin final HelpOption help = new HelpOption();

  @Mixin private final GatewayOptions gateway = new GatewayOptions();

  @Mixin private final ProbeOptions probing = new ProbeOptions();

  @Override
  public Integer call() {
    RunFrame frame = new RunFrame(spec, probing.json);
    return frame.run(() -> prepare(frame));
  }

  private Function<StopSignal, Report> prepare(RunFrame frame) {
    ResumePlan plan =
        new ResumePlan(
            connections,
            channels,
            behind,
            payload,
            lostBy.isEmpty() ? new Departure.Close() : new Departure.Command(lostBy),
            gateway.tenant,
            gateway.tenants,
            gateway.channelPrefix);
    Watch watch = new Watch(frame, probing.probes());
    Targets targets = gateway.targets();
    Targets others =
        gateway.targets(othersUrl.isEmpty() ? gateway.urls.subList(0, 1) : othersUrl, 1);
    Tokens tokens = gateway.tokens();
    ConnectPolicy policy = gateway.policy();
    ClientOptions options = gateway.clientOptions();
    return stop -> {
      ResumeResult result =
          new ResumeRun(plan, targets, others, tokens, policy, watch, stop)
              .run(WebSocketClient.start(options));
      Report report = report(result);
      watch.write(report, result.received());
      return report;
    };
  }

  private Report report(ResumeResult result) {
    Report report =
        new Report(
            "resume: %d connections on %d channels, each %d messages behind"
                .formatted(connections, channels, behind));
    RunFrame.connects(report, result.back());
    double seconds = result.back().tookNanos() / 1e9;
    Value.Group caughtUp = report.findings().group("caught_up");
    caughtUp.amount("time_until_all_are_live", seconds, Unit.SECONDS);
    caughtUp.count("messages", result.received());
    caughtUp.amount("messages_a_second", result.received() / seconds, Unit.COUNT);
    report.findings().put("latency_of_others_before", Value.Distribution.of(result.calm()));
    report.findings().put("latency_of_others_meanwhile", Value.Distribution.of(result.bystander()));
    report.check(
        "every connection was opened the first time",
        result.first().complete(),
        result.first().givenUp());
    report.check(
        "every client got what it had missed",
        result.received() == result.expected(),
        result.received() + " of " + result.expected());
    RunFrame.none(report, "each message came once and in order", result.outOfOrder());
    RunFrame.none(report, "nobody was told of a loss", result.toldOfLoss());
    RunFrame.none(report, "the server answered with no error", result.errors());
    RunFrame.none(report, "no connection ended", result.endings());
    return report;
  }

  /** CPU time while they come back. */
  private static final class Watch implements RunObserver {
    private final RunFrame frame;
    private final Probes probes;
    private Optional<Probes.Snapshot> before = Optional.empty();
    private Optional<Probes.Snapshot> after = Optional.empty();

    Watch(RunFrame frame, Probes probes) {
      this.frame = frame;
      this.probes = probes;
    }

    @Override
    public void phase(String what) {
      frame.progress(what);
    }

    @Override
    public void windowOpens() {
      before = Optional.of(probes.look());
    }

    @Override
    public void windowCloses() {
      after = Optional.of(probes.look());
    }

    void write(Report report, long messages) {
      before.ifPresent(
          from ->
              after.ifPresent(
                  to -> new ProcessSection(from, to, Map.of("delivery", messages)).write(report)));
    }
  }
}
