package io.lqrealtime.bench.command;

import io.lqrealtime.bench.faults.FaultOutcome;
import io.lqrealtime.bench.faults.FaultPlan;
import io.lqrealtime.bench.faults.FaultRun;
import io.lqrealtime.bench.faults.judge.Finding;
import io.lqrealtime.bench.faults.judge.Rule;
import io.lqrealtime.bench.faults.schedule.Fault;
import io.lqrealtime.bench.load.StopSignal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Purpose: whether every acked message reaches every subscriber once and in order, whatever dies.
 *
 * <p>Load shape: open, 200 messages a second of about 260 B by default, over three tenants with two
 * publishers and four subscribers each, of which some leave, vanish or do not read. Faults by a
 * seed, one at a time, then in pairs.
 *
 * <p>Command: {@code lq bench faults --minutes 30 --seed 1}
 */
@Command(
    name = "faults",
    sortOptions = false,
    description = {
      "Whether every acked message reaches every subscriber once and in order, whatever dies.",
      "Starts a broker, a Redis, two gateways and two routers as processes of its own, with clients"
          + " that resume, and brings faults about in an order that the seed decides: kill -9,"
          + " SIGSTOP, restarts, an empty Redis, a deleted topic, half-open connections. A judge"
          + " reads what the clients wrote down. SIGKILL keeps the page cache: power loss is not"
          + " tested."
    },
    footer = {"", "Example: lq bench faults --minutes 30 --seed 1"},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:nothing was found", "1:something was found", "2:wrong usage"})
public final class FaultsCommand implements Callable<Integer> {

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "Minutes in which faults begin, in decimals too. Default: ${DEFAULT-VALUE}")
  private double minutes = 5;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Decides faults and clients: the same seed, the same schedule. Default: random")
  private @Nullable Long seed;

  @Option(
      names = "--pause",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Between two faults, and up to 4 s more. Default: 10s")
  private Duration pause = Duration.ofSeconds(10);

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "Messages a second, all publishers together. Default: ${DEFAULT-VALUE}")
  private double rate = 200;

  @Option(
      names = "--tenants",
      paramLabel = "N",
      description = "Tenants, of six clients each. Default: ${DEFAULT-VALUE}")
  private int tenants = 3;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "FAULT",
      description = "Only these faults. Default: all, which are ${COMPLETION-CANDIDATES}",
      completionCandidates = FaultNames.class)
  private List<String> only = List.of();

  @Option(
      names = "--keep",
      description = "Keep history, logs and data also where nothing was found")
  private boolean keep;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Where these lie; must be empty. Default: a new temporary directory")
  private @Nullable Path directory;

  @Mixin final HelpOption help = new HelpOption();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** The names of all faults. */
  static final class FaultNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Fault.values()).map(Fault::text).iterator();
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    FaultPlan plan = plan();
    out.printf("seed %d, history and logs in %s%n", plan.seed(), plan.directory());
    out.flush();
    StopSignal stop = new StopSignal();
    InterruptGuard guard = new InterruptGuard(stop);
    try {
      FaultOutcome outcome =
          new FaultRun(
                  plan,
                  stop,
                  line -> {
                    out.println(line);
                    out.flush();
                  })
              .run();
      report(plan, outcome, out);
      if (outcome.isClean() && !keep) {
        delete(plan.directory());
      }
      out.flush();
      return outcome.isClean() ? 0 : 1;
    } finally {
      guard.finished();
    }
  }

  private FaultPlan plan() throws IOException {
    try {
      Duration length = Duration.ofMillis(Math.round(minutes * 60_000));
      long chosen = seed == null ? new SecureRandom().nextInt(1_000_000) : seed;
      return new FaultPlan(chosen, length, pause, rate, tenants, faults(), place());
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private Set<Fault> faults() {
    if (only.isEmpty()) {
      return EnumSet.allOf(Fault.class);
    }
    return only.stream()
        .map(
            text ->
                Fault.parse(text)
                    .orElseThrow(() -> new IllegalArgumentException("no fault is called " + text)))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Fault.class)));
  }

  private Path place() throws IOException {
    Path given = directory;
    if (given == null) {
      return Files.createTempDirectory("lq-faults-");
    }
    Files.createDirectories(given);
    try (var entries = Files.list(given)) {
      if (entries.findAny().isPresent()) {
        throw new IllegalArgumentException(given + " is not empty");
      }
    }
    return given.toAbsolutePath();
  }

  private static void report(FaultPlan plan, FaultOutcome outcome, PrintWriter out) {
    out.println();
    out.printf("seed %d%n", plan.seed());
    out.println(outcome.verdict().figures());
    out.printf(
        "subscriptions that had to catch up, by cause: %s%n", new TreeMap<>(outcome.catchUps()));
    outcome.problems().forEach(problem -> out.println("PROBLEM " + problem));
    for (Finding finding : outcome.verdict().findings()) {
      out.println("FOUND " + finding);
    }
    Map<Rule, Long> counts = outcome.verdict().counts();
    if (!counts.isEmpty()) {
      out.println("in all: " + counts);
    }
    if (!outcome.verdict().complete()) {
      out.println("The run did not go to its end: nobody can say that nothing was lost.");
    }
    out.println(
        outcome.isClean()
            ? "passed: nothing was found"
            : "FAILED: see "
                + FaultRun.history(plan.directory())
                + " (numbers in brackets are its lines) and the logs beside it");
  }

  private static void delete(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
