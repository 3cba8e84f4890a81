package io.lqrealtime.app;

import io.lqrealtime.app.command.ClientsCommand;
import io.lqrealtime.app.command.DevCommand;
import io.lqrealtime.app.command.GatewayCommand;
import io.lqrealtime.app.command.PublishCommand;
import io.lqrealtime.app.command.Role;
import io.lqrealtime.app.command.RouterCommand;
import io.lqrealtime.app.command.TailCommand;
import io.lqrealtime.app.command.TenantsCommand;
import io.lqrealtime.app.command.TokenCommand;
import io.lqrealtime.app.command.TopicsCommand;
import io.lqrealtime.bench.command.BenchCommand;
import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command {@code lq}. Exit codes: 0 done, 1 failed, 2 used wrongly, which a configuration that
 * can't be used is too.
 */
@Command(
    name = "lq",
    description = "Durable, ordered and replayable realtime messaging on Kafka.",
    mixinStandardHelpOptions = true,
    version = "lq 0.1.0",
    subcommands = {
      DevCommand.class,
      GatewayCommand.class,
      RouterCommand.class,
      TokenCommand.class,
      TopicsCommand.class,
      TenantsCommand.class,
      ClientsCommand.class,
      PublishCommand.class,
      TailCommand.class,
      BenchCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Lq {
  private static final char UNREADABLE = '\ufffd';

  /** Has a level of its own: why a role did not start is said at any. */
  private static final String FAILURES = "io.lqrealtime.app.failures";

  private Lq() {}

  public static void main(String[] args) {
    System.exit(commands(System.getenv()).execute(args));
  }

  /**
   * The commands, for one execution.
   *
   * @param environment the environment variables that configure them
   */
  public static CommandLine commands(Map<String, String> environment) {
    Optional<String> wrongLog = LogSettings.use(environment);
    CommandLine line = new CommandLine(new Lq(), new CommandFactory(new Environment(environment)));
    line.setDefaultValueProvider(new SecretDefault(environment));
    line.setExecutionStrategy(
        parsed -> {
          if (wrongLog.isPresent()) {
            tell(parsed.asCommandLineList().getLast(), wrongLog.get());
            return CommandLine.ExitCode.USAGE;
          }
          boolean isRole = parsed.asCommandLineList().getLast().getCommand() instanceof Role;
          warnOfUnknownSettings(
              isRole
                  ? RoleSettings.unknown(environment.keySet())
                  : KafkaRules.unknown(environment.keySet()));
          return executeIfReadable(parsed);
        });
    line.setParameterExceptionHandler((wrong, arguments) -> usedWrongly(wrong));
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> failed(command, failure, environment.keySet()));
    return line;
  }

  private static void warnOfUnknownSettings(List<String> unknown) {
    if (!unknown.isEmpty()) {
      LoggerFactory.getLogger(Lq.class)
          .warn("Set in the environment, and no setting has that name: {}", unknown);
    }
  }

  private static int failed(CommandLine command, Exception failure, Set<String> given) {
    LoggerFactory.getLogger(Lq.class).debug("The command failed", failure);
    if (failure instanceof ConfigurationException) {
      tell(command, reason(failure));
      return CommandLine.ExitCode.USAGE;
    }
    if (failure instanceof IllegalArgumentException && !(command.getCommand() instanceof Role)) {
      // An argument that can't be what it is to be: a name, an address, a number.
      return usedWrongly(new CommandLine.ParameterException(command, reason(failure)));
    }
    Optional<String> wrong = wrongKafkaSetting(failure);
    if (wrong.isPresent()) {
      tell(command, KafkaRules.keyNamedBy(wrong.get(), given) + ": " + wrong.get());
      return CommandLine.ExitCode.USAGE;
    }
    tell(command, command.getCommandSpec().qualifiedName() + ": " + reason(failure));
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** Says why a command came to nothing: a role to its log, where that is for machines. */
  private static void tell(CommandLine command, String why) {
    if (isForMachines(command)) {
      LoggerFactory.getLogger(FAILURES).error("{}", why);
    } else {
      command.getErr().println(why);
    }
  }

  private static boolean isForMachines(CommandLine command) {
    return command.getCommand() instanceof Role && LogSettings.isForMachines();
  }

  /**
   * Runs the command, unless an argument was not in the encoding of the locale: the JVM then has
   * put U+FFFD where it could not read it, and the command would be about something else.
   */
  private static int executeIfReadable(CommandLine.ParseResult parsed) {
    List<String> arguments = parsed.expandedArgs();
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).indexOf(UNREADABLE) >= 0) {
        throw new CommandLine.ParameterException(
            parsed.asCommandLineList().getLast(),
            "argument %d is not in the locale's encoding, %s: use UTF-8 (LC_ALL=C.UTF-8)"
                .formatted(i + 1, System.getProperty("sun.jnu.encoding")));
      }
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  /** The error last and by itself: under a whole page of usage nobody finds it. */
  private static int usedWrongly(CommandLine.ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    String name = command.getCommandSpec().qualifiedName();
    String message = String.valueOf(wrong.getMessage()).replaceFirst("^Error: ", "");
    if (isForMachines(command)) {
      tell(command, name + ": " + message);
      return CommandLine.ExitCode.USAGE;
    }
    err.println(name + ": " + message);
    CommandLine.UnmatchedArgumentException.printSuggestions(wrong, err);
    if (command.getSubcommands().isEmpty()) {
      err.println("Try '" + name + " --help'.");
    } else {
      command.usage(err);
    }
    return CommandLine.ExitCode.USAGE;
  }

  /** What Kafka's clients say of a setting, somewhere among the causes. */
  private static Optional<String> wrongKafkaSetting(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .limit(10)
        .filter(ConfigException.class::isInstance)
        .map(cause -> String.valueOf(cause.getMessage()))
        .findFirst();
  }

  private static String reason(Exception failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.toString() : message;
  }
}
