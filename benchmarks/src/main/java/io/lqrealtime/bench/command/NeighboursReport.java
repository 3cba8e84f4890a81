package io.lqrealtime.bench.command;

import io.lqrealtime.bench.attack.Attack;
import io.lqrealtime.bench.attack.AttackResult;
import io.lqrealtime.bench.load.Measurement;
import io.lqrealtime.bench.load.PublishPlan;
import io.lqrealtime.bench.load.PublishResult;
import io.lqrealtime.bench.report.Report;
import io.lqrealtime.bench.report.Unit;
import io.lqrealtime.bench.report.Value;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** The report of a run beside a neighbour that misbehaves: quiet and noisy windows side by side. */
final class NeighboursReport {

  /**
   * What the quiet tenant's figures may become, as noisy over quiet.
   *
   * @param throughput at the least
   * @param p50 of the latency, at the most
   * @param p99 of the latency, at the most
   */
  record Goals(double throughput, double p50, double p99) {}

  private final PublishResult result;
  private final AttackResult attack;
  private final Goals goals;
  private final PublishReport quietTenant;

  NeighboursReport(PublishPlan plan, PublishResult result, AttackResult attack, Goals goals) {
    this.result = result;
    this.attack = attack;
    this.goals = goals;
    this.quietTenant = new PublishReport(plan, result);
  }

  /** The windows' groups are filled by whoever looked at the processes meanwhile. */
  interface Processes {
    void quiet(Report report, Value.Group into);

    void noisy(Report report, Value.Group into);
  }

  Report write(String title, Attack kind, Processes processes) {
    Report report = new Report(title);
    RunFrame.connects(report, result.connects());
    Value.Group quiet = report.findings().group("quiet_windows");
    window(quiet, result.quiet());
    processes.quiet(report, quiet);
    Value.Group noisy = report.findings().group("noisy_windows");
    window(noisy, result.noisy());
    processes.noisy(report, noisy);
    ratios(report);
    attacker(report.findings().group("attacker"), kind);
    quietTenant.account(report);
    report.check("noisy windows were measured", result.noisy().delivered() > 0, "nothing");
    goals(report);
    quietTenant.lateness(report, " in quiet windows", result.quiet());
    quietTenant.lateness(report, " in noisy windows", result.noisy());
    return report;
  }

  private void window(Value.Group group, Measurement measured) {
    PublishReport.rates(group, measured);
    quietTenant.latencies(group, measured);
  }

  private void ratios(Report report) {
    Value.Group group = report.findings().group("noisy_over_quiet");
    group.amount("sent", ratio(NeighboursReport::sent), Unit.RATIO);
    group.amount("durable", ratio(NeighboursReport::durable), Unit.RATIO);
    group.amount("delivered", ratio(NeighboursReport::delivered), Unit.RATIO);
    group.amount("client_to_client_p50", ratio(m -> at(m.deliveries(), 50)), Unit.RATIO);
    group.amount("client_to_client_p99", ratio(m -> at(m.deliveries(), 99)), Unit.RATIO);
    group.amount("publish_to_ack_p50", ratio(m -> at(m.acks(), 50)), Unit.RATIO);
    group.amount("publish_to_ack_p99", ratio(m -> at(m.acks(), 99)), Unit.RATIO);
  }

  private void goals(Report report) {
    double throughput = ratio(NeighboursReport::delivered);
    report.check(
        "the neighbour took no throughput: noisy over quiet at least "
            + Unit.RATIO.format(goals.throughput()),
        throughput >= goals.throughput(),
        Unit.RATIO.format(throughput));
    atMost(report, "p50", ratio(m -> at(m.deliveries(), 50)), goals.p50());
    atMost(report, "p99", ratio(m -> at(m.deliveries(), 99)), goals.p99());
  }

  private static void atMost(Report report, String what, double ratio, double goal) {
    report.check(
        "the neighbour was not felt in the "
            + what
            + ": noisy over quiet at most "
            + Unit.RATIO.format(goal),
        ratio <= goal,
        Unit.RATIO.format(ratio));
  }

  private static double sent(Measurement measured) {
    return measured.sent() / measured.seconds();
  }

  private static double durable(Measurement measured) {
    return measured.acked() / measured.seconds();
  }

  private static double delivered(Measurement measured) {
    return measured.delivered() / measured.seconds();
  }

  private static double at(Histogram histogram, double percentile) {
    return (double) histogram.getValueAtPercentile(percentile);
  }

  /** Noisy over quiet; 0 where nothing was measured. */
  private double ratio(ToDoubleFunction<Measurement> figure) {
    double quiet = figure.applyAsDouble(result.quiet());
    double noisy = figure.applyAsDouble(result.noisy());
    return quiet > 0 && noisy > 0 ? noisy / quiet : 0;
  }

  private void attacker(Value.Group group, Attack kind) {
    double seconds = attack.nanos() / 1e9;
    group.words("attack", kind.toString());
    group.amount("time", seconds, Unit.SECONDS);
    group.count("connects", attack.connects());
    group.count("let_in", attack.opened());
    group.count("frames_sent", attack.framesSent());
    if (seconds > 0) {
      group.amount("frames_sent_rate", attack.framesSent() / seconds, Unit.PER_SECOND);
    }
    group.count("held_up", attack.framesHeldUp());
    group.count("answers", attack.answers());
    group.counts("errors", attack.errors());
    group.counts("closes", attack.endings());
    group.counts("refused_handshakes", attack.refusals());
  }
}
