package io.lqrealtime.bench.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code lq bench}: load for any gateway, and what came of it. Mounted by the application under its
 * own command; exit codes are 0 (passed), 1 (the run failed one of its own checks, such as a lost
 * message) and 2 (wrong usage).
 */
@Command(
    name = "bench",
    description = {
      "Measures gateways from the outside, over WebSocket: latency, throughput, fan-out, idle"
          + " connections, resuming,"
          + " noisy neighbours.",
      "A run accounts for every message and fails if one was lost, came twice or out of order."
    },
    subcommands = {
      LatencyCommand.class,
      ThroughputCommand.class,
      FanoutCommand.class,
      IdleCommand.class,
      ResumeCommand.class,
      NeighboursCommand.class,
      FaultsCommand.class
    })
public final class BenchCommand implements Runnable {

  @Mixin final HelpOption help = new HelpOption();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "Which one? latency, throughput, fanout, idle, resume, neighbours or faults");
  }
}
