package io.lqrealtime.bench.command;

import io.lqrealtime.bench.load.ConnectResult;
import io.lqrealtime.bench.load.RunException;
import io.lqrealtime.bench.load.StopSignal;
import io.lqrealtime.bench.probe.Machine;
import io.lqrealtime.bench.report.JsonReport;
import io.lqrealtime.bench.report.Report;
import io.lqrealtime.bench.report.TextReport;
import io.lqrealtime.bench.report.Unit;
import io.lqrealtime.bench.report.Value;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What is around every run: the load of the machine before it, the interrupt, the report on
 * standard output and in a file, and the exit code. Progress goes to standard error.
 */
final class RunFrame {

  /** The run found its own checks to hold. */
  static final int PASSED = 0;

  /** It did not: messages were lost, connections failed, … */
  static final int FAILED = 1;

  private final CommandLine command;
  private final String json;
  private final PrintWriter err;

  RunFrame(CommandSpec spec, String json) {
    command = spec.commandLine();
    this.json = json;
    err = command.getErr();
  }

  /** Says on standard error what the run is at. */
  void progress(String what) {
    err.println(what);
    err.flush();
  }

  /**
   * Runs, reports and gives the exit code.
   *
   * @param prepare makes the run out of the options; an illegal argument there is a usage error
   */
  int run(Supplier<Function<StopSignal, Report>> prepare) {
    StopSignal stop = new StopSignal();
    Function<StopSignal, Report> run;
    try {
      run = prepare.get();
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(command, String.valueOf(e.getMessage()), e);
    }
    InterruptGuard guard = new InterruptGuard(stop);
    try {
      double load = Machine.loadAverage();
      Report report = run.apply(stop);
      setting(report, load, stop.isRaised());
      new TextReport(command.getOut()).write(report);
      writeJson(report);
      return report.passed() ? PASSED : FAILED;
    } catch (RunException e) {
      progress("the run failed: " + e.getMessage());
      return FAILED;
    } finally {
      guard.finished();
    }
  }

  private void setting(Report report, double load, boolean interrupted) {
    Value.Group setting = report.findings().group("setting");
    setting.words("command", CommandText.of(command));
    setting.count("cores", Machine.cores());
    setting.amount("load_average_before", load, Unit.RATIO);
    setting.words("java", System.getProperty("java.vm.name") + " " + Runtime.version());
    if (load > 0.5 * Machine.cores()) {
      report.note(
          "the machine was busy before the run (load average "
              + Unit.RATIO.format(load)
              + "): absolute times are too high");
    }
    if (interrupted) {
      report.note("interrupted: these are the figures up to then");
    }
  }

  private void writeJson(Report report) {
    if (json.isEmpty()) {
      return;
    }
    try (Writer out = Files.newBufferedWriter(Path.of(json), StandardCharsets.UTF_8)) {
      JsonReport.write(report, out);
    } catch (IOException e) {
      report.check("the JSON report was written", false, String.valueOf(e.getMessage()));
      progress("the JSON report was not written: " + e);
    }
  }

  /** The part of a report that every run has: how its connections came about. */
  static void connects(Report report, ConnectResult connects) {
    Value.Group group = report.findings().group("connections");
    group.count("wanted", connects.wanted());
    group.count("ready", connects.ready());
    group.count("attempts", connects.attempts());
    group.amount("time_to_open_all", connects.tookNanos() / 1e9, Unit.SECONDS);
    group.put("time_to_ready", Value.Distribution.of(connects.readyTimes()));
    if (!connects.failures().isEmpty()) {
      group.counts("failed_attempts", connects.failures());
    }
    String missing = connects.wanted() - connects.ready() + " are missing";
    report.check(
        "every connection was opened",
        connects.complete(),
        connects.givenUp().isEmpty() ? missing : missing + ": " + connects.givenUp());
  }

  /** A check that nothing was counted. */
  static void none(Report report, String statement, Map<String, Long> counts) {
    report.check(statement, counts.isEmpty(), counts.toString());
  }

  static void none(Report report, String statement, long count) {
    report.check(statement, count == 0, Long.toString(count));
  }
}
