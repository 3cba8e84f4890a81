package io.lqrealtime.bench.command;

import io.lqrealtime.bench.attack.Attack;
import io.lqrealtime.bench.attack.AttackPlan;
import io.lqrealtime.bench.attack.Attacker;
import io.lqrealtime.bench.client.ClientOptions;
import io.lqrealtime.bench.client.WebSocketClient;
import io.lqrealtime.bench.load.Agenda;
import io.lqrealtime.bench.load.ConnectPolicy;
import io.lqrealtime.bench.load.Phase;
import io.lqrealtime.bench.load.PublishPlan;
import io.lqrealtime.bench.load.PublishResult;
import io.lqrealtime.bench.load.PublishRun;
import io.lqrealtime.bench.load.RunObserver;
import io.lqrealtime.bench.load.Schedule;
import io.lqrealtime.bench.load.StopSignal;
import io.lqrealtime.bench.load.Targets;
import io.lqrealtime.bench.load.Tokens;
import io.lqrealtime.bench.probe.Probes;
import io.lqrealtime.bench.report.Report;
import io.lqrealtime.bench.report.Value;
import java.time.Duration;
import java.util.ArrayList;
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
 * Purpose: what a tenant feels of another one that floods or attacks.
 *
 * <p>Load shape: one tenant has an open load, by default 500 messages of 200 B a second from 10
 * publishers to 10 subscribers on 10 channels, all the time. After a warm-up, windows in which it
 * is alone and windows in which another tenant misbehaves take turns, so that both kinds see the
 * same machine; what counts is the ratio of their figures. Between two rounds there is a pause.
 *
 * <p>Command: {@code lq tenants set bench-noisy --messages-per-second 200} and {@code lq bench
 * neighbours --attack publish --management gateway=127.0.0.1:8083}
 */
@Command(
    name = "neighbours",
    sortOptions = false,
    description = {
      "What a tenant feels of another one that floods or attacks.",
      "The quiet tenant has an open load all the time, by default 500 messages of 200 B a second"
          + " from 10 publishers to 10 subscribers. Windows in which it is alone and windows in"
          + " which the other tenant misbehaves take turns, and the ratio of their figures is what"
          + " counts. Every message of the quiet tenant is accounted for.",
      "The attacker is bounded in rate and connections, and runs in this process: on one machine"
          + " its own CPU time is taken from the service as well, and counts as the service's. It"
          + " is kept small (the report has it as the generator's), but on few cores a ratio is an"
          + " upper bound. For gateways on this machine only.",
      "",
      "Attacks, with their default rates and connections:",
      "  publish     publishes far over the tenant's limit: 20,000/s on 8",
      "  frames      not JSON, unknown types, invalid fields: 20,000/s on 8",
      "  pings       WebSocket pings: 20,000/s on 8",
      "  fragments   empty fragments of a message without an end: 20,000/s on 8",
      "  handshakes  connects, half of them with a forged token: 500/s, 200 under way",
      "  subscribe   subscribes to new channels and unsubscribes: 2,000/s on 8",
      "  history     asks for history from the earliest, and for presence: 500/s on 8",
      "  slow        99 subscribers read nothing of a channel with 200 messages/s",
      "  crowd       200 read a channel with 1,000 messages/s, 500 at once",
      "",
    },
    footer = {
      "",
      "Example: lq tenants set bench-noisy --messages-per-second 200",
      "         lq bench neighbours --attack publish --url ws://127.0.0.1:8082/ws --management"
          + " gateway=127.0.0.1:8083 --json neighbours.json"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:passed", "1:the run failed one of its checks, or a goal", "2:wrong usage"})
public final class NeighboursCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--attack",
      paramLabel = "NAME",
      converter = AttackConverter.class,
      completionCandidates = AttackConverter.class,
      description = "How the neighbour misbehaves: ${COMPLETION-CANDIDATES}. Default: publish")
  private Attack attack = Attack.PUBLISH;

  @Option(
      names = "--attack-rate",
      paramLabel = "N",
      description =
          "Its frames (connects, for handshakes) a second at the most, over all its connections."
              + " Default: the attack's")
  private long attackRate;

  @Option(
      names = "--attack-connections",
      paramLabel = "N",
      description = "Its connections at once at the most. Default: the attack's")
  private int attackConnections;

  @Option(
      names = "--attack-tenant",
      paramLabel = "T",
      description = "The tenant that misbehaves. Default: the quiet one's name with -noisy")
  private String attackTenant = "";

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Pairs of a quiet and a noisy window. Default: ${DEFAULT-VALUE}")
  private int rounds = 3;

  @Option(
      names = "--window",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "The length of each window. Default: 10s")
  private Duration window = Duration.ofSeconds(10);

  @Option(
      names = "--pause",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "After each noisy window, before the next quiet one. Default: 2s")
  private Duration pause = Duration.ofSeconds(2);

  @Option(
      names = "--warmup",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description =
          "Before the first window; in the second half of it with the attack. Default: 40s")
  private Duration warmup = Duration.ofSeconds(40);

  @Option(
      names = "--drain",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description =
          "After the end, give up on missing messages when none came for this long. Default: 10s")
  private Duration drain = Duration.ofSeconds(10);

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Messages a second of the quiet tenant. Default: ${DEFAULT-VALUE}")
  private long rate = 500;

  @Option(
      names = "--payload-bytes",
      paramLabel = "N",
      description = "Size of its messages' payloads. Default: ${DEFAULT-VALUE}")
  private int payloadBytes = 200;

  @Option(
      names = "--publishers",
      paramLabel = "N",
      description = "Its publishing connections. Default: ${DEFAULT-VALUE}")
  private int publishers = 10;

  @Option(
      names = "--subscribers",
      paramLabel = "N",
      description = "Its subscribed connections. Default: ${DEFAULT-VALUE}")
  private int subscribers = 10;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "Channels that both are spread over. Default: ${DEFAULT-VALUE}")
  private int channels = 10;

  @Option(
      names = "--goal-throughput",
      paramLabel = "RATIO",
      description =
          "Messages delivered in noisy windows over those in quiet ones, at the least. Default:"
              + " ${DEFAULT-VALUE}")
  private double goalThroughput = 0.98;

  @Option(
      names = "--goal-p50",
      paramLabel = "RATIO",
      description =
          "Noisy over quiet, of the latency's p50, at the most. Default: ${DEFAULT-VALUE}")
  private double goalP50 = 1.2;

  @Option(
      names = "--goal-p99",
      paramLabel = "RATIO",
      description =
          "Noisy over quiet, of the latency's p99, at the most. Default: ${DEFAULT-VALUE}")
  private double goalP99 = 2;

  @Mixin final HelpOption help = new HelpOption();

  @Mixin private final GatewayOptions gateway = new GatewayOptions();

  @Mixin private final ProbeOptions probing = new ProbeOptions();

  @Override
  public Integer call() {
    RunFrame frame = new RunFrame(spec, probing.json);
    return frame.run(() -> prepare(frame));
  }

  private Function<StopSignal, Report> prepare(RunFrame frame) {
    PublishPlan plan = plan();
    Targets targets = gateway.targets();
    Tokens tokens = gateway.tokens();
    if (tokens instanceof Tokens.Given) {
      throw new IllegalArgumentException(
          "--token is for one tenant: two need --secret, or LQ_AUTH_HS256_SECRET");
    }
    ConnectPolicy policy = gateway.policy();
    ClientOptions options = gateway.clientOptions();
    Attacker attacker = Attacker.of(attackPlan(), targets, tokens);
    Watch watch = new Watch(frame, probing.probes(), attacker);
    return stop -> {
      PublishRun run = new PublishRun(plan, targets, tokens, policy, watch, stop);
      PublishResult result = run.run(WebSocketClient.start(options));
      NeighboursReport.Goals goals = new NeighboursReport.Goals(goalThroughput, goalP50, goalP99);
      return new NeighboursReport(plan, result, attacker.result(), goals)
          .write(title(), attack, watch.processes(result));
    };
  }

  private PublishPlan plan() {
    if (subscribers < 1) {
      throw new IllegalArgumentException("at least one subscriber is needed");
    }
    return new PublishPlan(
        publishers,
        subscribers,
        0,
        channels,
        gateway.tenant,
        gateway.tenants,
        gateway.channelPrefix,
        payloadBytes,
        new PublishPlan.Pace.Open(new Schedule(rate, 1)),
        Agenda.alternating(warmup, window, rounds, pause),
        drain);
  }

  private AttackPlan attackPlan() {
    return new AttackPlan(
        attack,
        attackRate == 0 ? attack.defaultRate() : attackRate,
        attackConnections == 0 ? attack.defaultConnections() : attackConnections,
        attackTenant.isEmpty() ? gateway.tenant + "-noisy" : attackTenant,
        gateway.channelPrefix + ".noisy");
  }

  private String title() {
    return "neighbours: "
        + rate
        + " messages/s of "
        + payloadBytes
        + " B from "
        + publishers
        + " publishers to "
        + subscribers
        + " subscribers on "
        + channels
        + " channels, without and with an attack by "
        + attack;
  }

  /** Has the attacker begin and end, and looks at the processes when windows open and close. */
  private static final class Watch implements RunObserver {
    private final RunFrame frame;
    private final Probes probes;
    private final Attacker attacker;
    private final List<ProcessSection.Interval> quiet = new ArrayList<>();
    private final List<ProcessSection.Interval> noisy = new ArrayList<>();
    private Optional<Probes.Snapshot> before = Optional.empty();

    Watch(RunFrame frame, Probes probes, Attacker attacker) {
      this.frame = frame;
      this.probes = probes;
      this.attacker = attacker;
    }

    @Override
    public void phase(String what) {
      frame.progress(what);
    }

    @Override
    public void begins(Phase phase) {
      before = phase.isMeasured() ? Optional.of(probes.look()) : Optional.empty();
      if (phase.hasNeighbour()) {
        attacker.begin();
      }
    }

    @Override
    public void ends(Phase phase) {
      before.ifPresent(
          from ->
              (phase == Phase.NOISY ? noisy : quiet)
                  .add(new ProcessSection.Interval(from, probes.look())));
      attacker.end();
    }

    NeighboursReport.Processes processes(PublishResult result) {
      return new NeighboursReport.Processes() {
        @Override
        public void quiet(Report report, Value.Group into) {
          section(quiet, result.quiet().delivered()).write(report, into);
        }

        @Override
        public void noisy(Report report, Value.Group into) {
          section(noisy, result.noisy().delivered()).write(report, into);
        }
      };
    }

    private static ProcessSection section(List<ProcessSection.Interval> intervals, long count) {
      return new ProcessSection(intervals, Map.of("delivery", count));
    }
  }
}
