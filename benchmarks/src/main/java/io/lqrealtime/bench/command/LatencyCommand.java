package io.lqrealtime.bench.command;

import io.lqrealtime.bench.load.PublishPlan;
import io.lqrealtime.bench.load.Schedule;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Purpose: what a user waits, from one client's publish to another's receipt, through the durable
 * log, at a rate the service is not saturated by.
 *
 * <p>Load shape: open. By default 10 publishers on 10 channels with one subscriber each, together
 * 1,000 messages of 200 B a second, sent at fixed times whatever the server does; a latency counts
 * from when the message was due, so that a stall shows in every message it delayed. 20 s of
 * warm-up, 30 s measured.
 *
 * <p>Command: {@code lq bench latency --url ws://127.0.0.1:8082/ws --rate 1000 --management
 * gateway=127.0.0.1:8083}
 */
@Command(
    name = "latency",
    sortOptions = false,
    description = {
      "What a user waits: client to client through the durable log, and from publish to ack.",
      "An open load: messages are due at fixed times, and latencies count from then. By default 10"
          + " publishers on 10 channels with one subscriber each, together 1,000 messages of 200 B"
          + " a second, 20 s of warm-up, 30 s measured. Every message of every subscription is"
          + " accounted for: lost, twice or out of order fails the run."
    },
    footer = {
      "",
      "Example: lq bench latency --url ws://127.0.0.1:8082/ws --rate 1000 --management"
          + " gateway=127.0.0.1:8083 --pid redis=$(pgrep redis-server) --json latency.json"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:passed", "1:the run failed one of its checks", "2:wrong usage"})
public final class LatencyCommand extends PublishCommand {

  @Option(
      names = "--publishers",
      paramLabel = "N",
      description = "Publishing connections. Default: ${DEFAULT-VALUE}")
  private int publishers = 10;

  @Option(
      names = "--subscribers",
      paramLabel = "N",
      description = "Subscribed connections. Default: ${DEFAULT-VALUE}")
  private int subscribers = 10;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "Channels that both are spread over. Default: ${DEFAULT-VALUE}")
  private int channels = 10;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Messages a second, of all publishers together. Default: ${DEFAULT-VALUE}")
  private long rate = 1_000;

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
        new PublishPlan.Pace.Open(new Schedule(rate, 1)),
        window.agenda(),
        window.drain);
  }

  @Override
  String title() {
    return "latency: "
        + publishers
        + " publishers, "
        + subscribers
        + " subscribers, "
        + channels
        + " channels, "
        + rate
        + " messages/s of "
        + window.payloadBytes
        + " B";
  }
}
