package io.lqrealtime.app.command;

import io.lqrealtime.app.topics.TopicAdmin;
import io.lqrealtime.app.topics.TopicPlan;
import io.lqrealtime.config.Environment;
import io.lqrealtime.topic.TopicNames;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Creates and describes the topics. */
@Command(
    name = "topics",
    description = "Creates or describes the service's topics.",
    mixinStandardHelpOptions = true)
public final class TopicsCommand {
  @Spec private CommandSpec spec = CommandSpec.create();

  private final Environment environment;

  public TopicsCommand(Environment environment) {
    this.environment = environment;
  }

  @Command(
      name = "create",
      description = "Creates the topics that are missing; leaves the others as they are.",
      mixinStandardHelpOptions = true)
  int create(
      @Option(
              names = "--partitions",
              defaultValue = "" + TopicPlan.DEFAULT_PARTITIONS,
              description =
                  "Partitions of the inbound topic and its index, fixed for good: the most routers"
                      + " that can share the work (default: ${DEFAULT-VALUE}).")
          int partitions,
      @Option(
              names = "--replication-factor",
              defaultValue = "3",
              description = "Replicas (default: ${DEFAULT-VALUE}).")
          short replicationFactor,
      @Option(
              names = "--min-insync-replicas",
              defaultValue = "2",
              description =
                  "Replicas that must hold a record before it is acknowledged (default:"
                      + " ${DEFAULT-VALUE}).")
          int minInsyncReplicas,
      @Option(
              names = "--retention",
              defaultValue = "168h",
              converter = Durations.class,
              description = "How long messages are kept (default: ${DEFAULT-VALUE}).")
          Duration retention,
      @Option(
              names = "--retention-bytes",
              defaultValue = "-1",
              description =
                  "How many bytes of messages are kept in each partition; -1 is no bound (default:"
                      + " ${DEFAULT-VALUE}).")
          long retentionBytes)
      throws InterruptedException, TimeoutException {
    TopicPlan plan =
        new TopicPlan(
            names(), partitions, replicationFactor, minInsyncReplicas, retention, retentionBytes);
    return print(TopicAdmin.create(KafkaSettings.from(environment), plan));
  }

  @Command(
      name = "describe",
      description = "A line a topic: name, id, partitions, replicas.",
      mixinStandardHelpOptions = true)
  int describe() throws InterruptedException, TimeoutException {
    Map<String, Object> kafka = KafkaSettings.from(environment);
    String prefix = names().prefix();
    List<String> topics = TopicAdmin.describe(kafka, prefix);
    if (topics.isEmpty()) {
      spec.commandLine()
          .getErr()
          .println("There is no topic whose name begins with " + prefix + ": lq topics create");
      return 1;
    }
    return print(topics);
  }

  private TopicNames names() {
    return environment.value(
        "LQ_TOPIC_PREFIX",
        TopicNames.DEFAULT_PREFIX,
        TopicNames::new,
        "1 to 60 characters out of A-Z a-z 0-9 _ - .",
        "What all topic names start with.");
  }

  private int print(List<String> lines) {
    PrintWriter out = spec.commandLine().getOut();
    lines.forEach(out::println);
    return 0;
  }
}
