package io.lqrealtime.app.command;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.lqrealtime.bench.client.BlockingClient;
import io.lqrealtime.config.Environment;
import io.lqrealtime.frame.JsonLimits;
import io.lqrealtime.id.Channel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Publishes one message, and prints its ack: the message is durable then. */
@Command(
    name = "publish",
    description = "Publishes one message and prints its ack.",
    mixinStandardHelpOptions = true)
public final class PublishCommand implements Callable<Integer> {
  @Mixin private final ClientOptions client;

  @Option(names = "--id", description = "The message's id; a random one, if none is given.")
  private String id = UUID.randomUUID().toString();

  @Parameters(index = "0", description = "The channel.")
  private String channel = "";

  @Parameters(index = "1", description = "The payload: any JSON.")
  private String payload = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  public PublishCommand(Environment environment) {
    client = new ClientOptions(environment);
  }

  @Override
  public Integer call() throws IOException {
    if (!JsonLimits.isJson(payload.getBytes(StandardCharsets.UTF_8))) {
      throw new ParameterException(spec.commandLine(), "the payload is not JSON");
    }
    String quotedId = new String(JsonStringEncoder.getInstance().quoteAsString(id));
    try (BlockingClient connection = client.connect()) {
      connection.send(
          "{\"type\":\"publish\",\"id\":\""
              + quotedId
              + "\",\"channel\":\""
              + new Channel(channel)
              + "\",\"payload\":"
              + payload
              + "}");
      String answer =
          connection.next(
              frame ->
                  frame.startsWith("{\"type\":\"ack\"") || frame.startsWith("{\"type\":\"error\""),
              Duration.ofSeconds(30));
      spec.commandLine().getOut().println(answer);
      return answer.startsWith("{\"type\":\"ack\"") ? 0 : 1;
    }
  }
}
