package io.lqrealtime.bench.command;

import io.lqrealtime.bench.load.Measurement;
import io.lqrealtime.bench.load.PublishPlan;
import io.lqrealtime.bench.load.PublishResult;
import io.lqrealtime.bench.load.SubscriptionResult;
import io.lqrealtime.bench.report.Report;
import io.lqrealtime.bench.report.Unit;
import io.lqrealtime.bench.report.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The report of a run that published. */
final class PublishReport {

  /**
   * Subscriptions listed one by one; where there are more, only those with a fault, the worst
   * first.
   */
  private static final int LISTED = 20;

  /** A sender that is later than this adds to what it measures. */
  private static final double LATE_MILLIS = 5;

  private final PublishPlan plan;
  private final PublishResult result;

  PublishReport(PublishPlan plan, PublishResult result) {
    this.plan = plan;
    this.result = result;
  }

  Report write(String title) {
    Report report = new Report(title);
    RunFrame.connects(report, result.connects());
    Value.Group findings = report.findings();
    rates(findings.group("measured"), result.quiet());
    latencies(findings.group("latency"), result.quiet());
    account(report);
    lateness(report, "", result.quiet());
    return report;
  }

  static void rates(Value.Group window, Measurement measured) {
    double seconds = measured.seconds();
    window.amount("time", seconds, Unit.SECONDS);
    if (seconds > 0) {
      window.amount("sent", measured.sent() / seconds, Unit.PER_SECOND);
      window.amount("durable", measured.acked() / seconds, Unit.PER_SECOND);
      window.amount("delivered", measured.delivered() / seconds, Unit.PER_SECOND);
    }
  }

  void latencies(Value.Group latency, Measurement measured) {
    latency.put("client_to_client", Value.Distribution.of(measured.deliveries()));
    latency.put("publish_to_ack", Value.Distribution.of(measured.acks()));
    if (!bounded()) {
      latency.put("generator_lag", Value.Distribution.of(measured.sendLag()));
    }
  }

  /** What became of every message, and the checks that all is whole. */
  void account(Report report) {
    counts(report.findings().group("whole_run"));
    if (plan.subscribers() > 0) {
      subscriptions(report.findings());
    }
    checks(report);
  }

  /**
   * A note where the sender came late.
   *
   * @param when words to follow "the generator was late itself", such as " in noisy windows"
   */
  void lateness(Report report, String when, Measurement measured) {
    Value.Distribution lag = Value.Distribution.of(measured.sendLag());
    if (lag.p99() > LATE_MILLIS && !bounded()) {
      report.note(
          "the generator was late itself"
              + when
              + " (p99 "
              + Unit.MILLISECONDS.format(lag.p99())
              + "): latencies contain that");
    }
  }

  private void counts(Value.Group group) {
    group.count("sent", result.sent());
    group.count("acked", result.acked());
    group.count("delivered", result.delivered());
    group.count("lost", result.lost());
    group.count("duplicated", result.duplicated());
    group.count("out_of_order", result.outOfOrder());
    if (result.unsent() > 0) {
      group.count("due_but_not_sent", result.unsent());
    }
    group.counts("errors", result.errors());
    group.counts("ended_connections", result.endings());
  }

  private void subscriptions(Value.Group findings) {
    List<SubscriptionResult> all = result.subscriptions();
    boolean few = all.size() <= LISTED;
    List<SubscriptionResult> listed = new ArrayList<>(all);
    listed.removeIf(subscription -> !few && subscription.sound());
    if (listed.isEmpty()) {
      return;
    }
    listed.sort(Comparator.comparingLong(PublishReport::faults).reversed());
    List<List<Object>> rows =
        listed.stream()
            .limit(LISTED)
            .map(
                s ->
                    List.<Object>of(
                        s.subscriber(),
                        s.channel(),
                        s.acked(),
                        s.received(),
                        s.lost(),
                        s.duplicated(),
                        s.outOfOrder()))
            .toList();
    findings.put(
        few ? "subscriptions" : "unsound_subscriptions",
        new Value.Table(
            List.of(
                "subscriber", "channel", "acked", "received", "lost", "duplicated", "out_of_order"),
            rows));
  }

  private static long faults(SubscriptionResult subscription) {
    return subscription.lost() + subscription.duplicated() + subscription.outOfOrder();
  }

  private boolean bounded() {
    return !(plan.pace() instanceof PublishPlan.Pace.Open);
  }

  private void checks(Report report) {
    RunFrame.none(report, "no acked message was lost", result.lost());
    RunFrame.none(report, "no message came twice", result.duplicated());
    RunFrame.none(report, "none came out of order", result.outOfOrder());
    RunFrame.none(report, "every message that was sent was acked", result.sent() - result.acked());
    if (!bounded()) {
      RunFrame.none(report, "every message that was due was sent", result.unsent());
    }
    RunFrame.none(report, "the server answered with no error", result.errors());
    RunFrame.none(report, "no connection ended during the run", result.endings());
    RunFrame.none(report, "no subscription was told of a loss", result.toldOfLoss());
    RunFrame.none(
        report, "every frame was one that this run expects", result.malformed() + result.foreign());
    if (!result.interrupted()) {
      Measurement quiet = result.quiet();
      boolean measured = quiet.acked() > 0 && (plan.subscribers() == 0 || quiet.delivered() > 0);
      report.check("something was measured", measured, "nothing");
    }
  }
}
