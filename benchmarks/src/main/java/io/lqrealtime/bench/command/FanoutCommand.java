package io.lqrealtime.bench.command;

import io.lqrealtime.bench.load.PublishPlan;
import io.lqrealtime.bench.load.Schedule;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Purpose: what a delivery costs the gateway when many connections get the same message, and how
 * long the last of them waits.
 *
 * <p>Load shape: open. By default one publisher, one channel, 1,000 subscribers, 10 messages of 200
 * B a second: 10,000 deliveries a second. With {@code --burst B} the messages are due B at a time,
 * so that frames pend on a connection and can be written together. With {@code --channels C} the
 * subscribers are spread over C channels.
 *
 * <p>Command: {@code lq bench fanout --subscribers 10000 --source-addresses 8 --rate 2 --pid
 * gateway=PID}
 */
@Command(
    name = "fanout",
    sortOptions = false,
    description = {
      "What a delivery costs when many connections get the same message, and how long the last"
          + " waits.",
      "An open load: by default one publisher, one channel, 1,000 subscribers, 10 messages of 200 B"
          + " a second. With --burst B messages are due B at a time, so that frames can be written"
          + " together. More than 19,000 connections take several processes of this command."
    },
    footer = {
      "",
      "Example: lq bench fanout --url ws://127.0.0.1:8082/ws --subscribers 10000 "
          + "--source-addresses 8 --rate 16 --burst 8 --management gateway=127.0.0.1:8083"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:passed", "1:the run failed one of its checks", "2:wrong usage"})
public final class FanoutCommand extends PublishCommand {

  @Option(
      names = "--subscribers",
      paramLabel = "N",
      description = "Subscribed connections, 19,000 at most. Default: ${DEFAULT-VALUE}")
  private int subscribers = 1_000;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description = "Channels that they are spread over. Default: ${DEFAULT-VALUE}")
  private int channels = 1;

  @Option(
      names = "--silent",
      paramLabel = "N",
      description =
          "So many of the subscribers read nothing until the measured time is over; then they have"
              + " to get everything. Latencies and deliveries are the others'. Default:"
              + " ${DEFAULT-VALUE}")
  private int silent;

  @Option(
      names = "--publishers",
      paramLabel = "N",
      description = "Publishing connections. Default: as many as channels")
  private int publishers;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description =
          "Messages a second, all channels together; each goes to all subscribers of its channel."
              + " Default: ${DEFAULT-VALUE}")
  private long rate = 10;

  @Option(
      names = "--burst",
      paramLabel = "B",
      description =
          "Messages that are due at the same moment, back to back in one write. Default:"
              + " ${DEFAULT-VALUE}")
  private int burst = 1;

  @Override
  PublishPlan plan() {
    if (subscribers < 1) {
      throw new IllegalArgumentException("at least one subscriber is needed");
    }
    return new PublishPlan(
        publishers == 0 ? channels : publishers,
        subscribers,
        silent,
        channels,
        gateway.tenant,
        gateway.tenants,
        gateway.channelPrefix,
        window.payloadBytes,
        new PublishPlan.Pace.Open(new Schedule(rate, burst)),
        window.agenda(),
        window.drain);
  }

  @Override
  String title() {
    return "fanout: "
        + subscribers
        + " subscribers"
        + (silent == 0 ? "" : ", " + silent + " of which read nothing,")
        + " of "
        + channels
        + " channels, "
        + rate
        + " messages/s of "
        + window.payloadBytes
        + " B in bursts of "
        + burst;
  }
}
