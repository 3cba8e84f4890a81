package io.lqrealtime.app.command;

import io.lqrealtime.bench.client.BlockingClient;
import io.lqrealtime.config.Environment;
import io.lqrealtime.id.Channel;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Prints a channel's messages as they come, a JSON object a line, until interrupted. Line breaks
 * between a payload's tokens are printed as spaces; in a JSON text there are no others.
 */
@Command(
    name = "tail",
    description =
        "Prints a channel's messages as they come, one a line: line breaks in a payload's layout"
            + " become spaces.",
    mixinStandardHelpOptions = true)
public final class TailCommand implements Callable<Integer> {
  private static final Duration A_LONG_TIME = Duration.ofDays(3650);

  @Mixin private final ClientOptions client;

  @Option(names = "--count", description = "Ends after so many messages.")
  private long count = Long.MAX_VALUE;

  @Parameters(index = "0", description = "The channel.")
  private String channel = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  public TailCommand(Environment environment) {
    client = new ClientOptions(environment);
  }

  @Override
  public Integer call() throws IOException {
    if (count < 1) {
      throw new ParameterException(spec.commandLine(), "--count: at least 1");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (BlockingClient connection = client.connect()) {
      connection.send(
          "{\"type\":\"subscribe\",\"id\":\"tail\",\"channel\":\"" + new Channel(channel) + "\"}");
      for (long printed = 0; printed < count; ) {
        String frame = connection.next(A_LONG_TIME);
        if (frame.startsWith("{\"type\":\"message\"")) {
          out.println(onOneLine(frame));
          out.flush();
          printed++;
        } else {
          spec.commandLine().getErr().println(frame);
          if (isTheEnd(frame)) {
            return 1;
          }
        }
      }
      return 0;
    }
  }

  /** The channel could not be subscribed, or somebody else ended the subscription. */
  private static boolean isTheEnd(String frame) {
    return frame.startsWith("{\"type\":\"error\"")
        || frame.startsWith("{\"type\":\"unsubscribed\"");
  }

  /** Inside of strings JSON has line breaks escaped, so each that is here is white space. */
  static String onOneLine(String json) {
    return json.replace('\n', ' ').replace('\r', ' ');
  }
}
