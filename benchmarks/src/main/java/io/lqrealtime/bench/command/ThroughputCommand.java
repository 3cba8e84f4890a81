package io.lqrealtime.bench.command;

import io.lqrealtime.bench.load.PublishPlan;
import io.lqrealtime.bench.load.Schedule;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Purpose: how many messages a second the service makes durable and delivers when it is offered
 * more than it can take, and what CPU time each costs.
 *
 * <p>Load shape: closed. By default 10 publishers on 10 channels with one subscriber each, every
 * publisher with 200 messages unanswered. Latencies under it say how long the queues are, not what
 * a user waits: use {@code latency} for that.
 *
 * <p>Command: {@code lq bench throughput --url ws://127.0.0.1:8082/ws --rate max --window 200}
 */
@Command(
    name = "throughput",
    sortOptions = false,
    description = {
      "How many messages a second become durable and are delivered, and what CPU time each costs.",
      "A closed load: by default 10 publishers on 10 channels with one subscriber each, every "
          + "publisher with 200 messages unanswered (--rate max); with --rate N at most N a second "
          + "together. Its latencies say how long the queues are, not what a user waits."
    },
    footer = {
      "",
      "Example: lq bench throughput --url ws://127.0.0.1:8082/ws --rate max --window 200 "
          + "--tenants 10 --management gateway=127.0.0.1:8083 --management router=127.0.0.1:8084"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:passed", "1:the run failed one of its checks", "2:wrong usage"})
public final class ThroughputCommand extends PublishCommand {

  @Option(
      names = "--publishers",
      paramLabel = "N",
      description = "Publishing connections. Default: ${DEFAULT-VALUE}")
  private int publishers = 10;

  @Option(
      names = "--subscribers",
      paramLabel = "N",
      description =
          "Subscribed connections; 0 measures durable publishing alone. Default: ${DEFAULT-VALUE}")
  private int subscribers = 10;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "Channels that both are spread over. Default: ${DEFAULT-VALUE}")
  private int channels = 10;

  @Option(
      names = "--rate",
      paramLabel = "max|N",
      description =
          "Messages a second of all publishers together, or max. Default: ${DEFAULT-VALUE}")
  private String rate = "max";

  @Option(
      names = "--window",
      paramLabel = "N",
      description = "Unanswered messages of each publisher. Default: ${DEFAULT-VALUE}")
  private int unanswered = 200;

  @Override
  PublishPlan plan() {
    return new PublishPlan(
        publishers,
        subscribers,
        0,
        channels,
        gateway.tenant,
        gateway.tenants,
        gateway.channelPrefix,
        window.payloadBytes,
        pace(),
        window.agenda(),
        window.drain);
  }

  private PublishPlan.Pace pace() {
    if (rate.equals("max")) {
      return new PublishPlan.Pace.Closed(unanswered);
    }
    if (!rate.matches("[0-9]{1,7}")) {
      throw new IllegalArgumentException("the rate must be max or a number, not " + rate);
    }
    return new PublishPlan.Pace.Bounded(new Schedule(Long.parseLong(rate), 1), unanswered);
  }

  @Override
  String title() {
    return "throughput: "
        + publishers
        + " publishers with "
        + unanswered
        + " messages unanswered each, "
        + subscribers
        + " subscribers, "
        + channels
        + " channels, rate "
        + rate
        + ", "
        + window.payloadBytes
        + " B";
  }
}
