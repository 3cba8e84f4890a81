package io.lqrealtime.app.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.app.dev.DevSecrets;
import io.lqrealtime.app.order.OrderDesk;
import io.lqrealtime.app.order.OrderLine;
import io.lqrealtime.app.order.PolicyDesk;
import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import io.lqrealtime.gateway.security.Secret;
import io.lqrealtime.id.Region;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.topic.TopicNames;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands that give orders about tenants have in common. */
final class OrderOptions {
  @Option(
      names = "--by",
      paramLabel = "NAME",
      defaultValue = "${sys:user.name}",
      description = "Who gives the order, for the audit (default: ${DEFAULT-VALUE}).")
  private String by = "";

  /** The command that has these options. */
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  private final Environment environment;

  OrderOptions(Environment environment) {
    this.environment = environment;
  }

  /** Without what would break the line of an audit. */
  String by() {
    if (by.chars().anyMatch(Character::isISOControl)) {
      throw wrong("--by: a name has no control characters");
    }
    return by;
  }

  /** What has been asked for can't be. */
  ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  OrderDesk desk() {
    return new OrderDesk(KafkaSettings.from(environment), names(), region());
  }

  PolicyDesk policies() {
    return new PolicyDesk(KafkaSettings.from(environment), names(), region());
  }

  private TopicNames names() {
    return environment.value(
        "LQ_TOPIC_PREFIX",
        TopicNames.DEFAULT_PREFIX,
        TopicNames::new,
        "1 to 60 characters out of A-Z a-z 0-9 _ - .",
        "What all topic names start with.");
  }

  private Region region() {
    return environment.value(
        "LQ_REGION",
        "local",
        Region::new,
        "1 to 16 characters out of A-Z a-z 0-9 _ -",
        "The region whose log it is.");
  }

  /** With what the order is sealed. */
  OrderDesk.Seal seal() {
    List<ControlKey> keys = keys();
    return new OrderDesk.Seal(
        keys.getFirst(),
        keys.subList(1, keys.size()),
        new FormatVersion(
            environment.integer(
                "LQ_FORMAT_VERSION",
                FormatVersion.FIRST.number(),
                1,
                FormatVersion.NEWEST,
                "The version of the records that are written.")));
  }

  /** Gives the order, and prints it with its position. */
  int give(TenantOrder order, PrintWriter out, PrintWriter err)
      throws TimeoutException, InterruptedException {
    return report(desk().give(order, seal()), out, err);
  }

  /** Prints an order that was given, and what is to be said about it; returns the exit code. */
  static int report(OrderDesk.Given given, PrintWriter out, PrintWriter err) {
    if (given instanceof OrderDesk.Given.Refused refused) {
      err.println(
          "The routers do not obey it ("
              + refused.why()
              + "): the key (LQ_ORDER_KEY, or LQ_CONTROL_KEY) and LQ_REGION have to be theirs.");
      return 1;
    }
    out.println(OrderLine.of(given.order(), given.position()));
    out.flush();
    if (given instanceof OrderDesk.Given.Announced) {
      return 0;
    }
    err.println(
        "The order is in the log, but no router has passed it on yet: it takes effect when one runs"
            + " that has the same key and LQ_REGION. If one does, the order is in the dead-letter"
            + " topic.");
    return 1;
  }

  /** The first is for what is given; by all of them, orders of others are known. */
  private List<ControlKey> keys() {
    List<ControlKey> keys =
        Stream.of(
                Secret.optional(
                    environment,
                    "LQ_ORDER_KEY",
                    "The key of orders, where routers have one; goes before LQ_CONTROL_KEY."),
                Secret.optional(environment, "LQ_CONTROL_KEY", "The key of control records."))
            .flatMap(Optional::stream)
            .map(secret -> new ControlKey(secret.bytes()))
            .toList();
    return keys.isEmpty() ? List.of(devsKey()) : keys;
  }

  private static ControlKey devsKey() {
    return DevSecrets.find(DevSecrets.DEFAULT_DIRECTORY)
        .map(secrets -> new ControlKey(secrets.controlKey().getBytes(UTF_8)))
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "LQ_ORDER_KEY",
                    "is required, as routers have it; or LQ_CONTROL_KEY, which gateways and"
                        + " routers have"));
  }
}
