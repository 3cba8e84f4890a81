package io.lqrealtime.bench.faults;

import io.lqrealtime.bench.client.ClientOptions;
import io.lqrealtime.bench.client.WebSocketClient;
import io.lqrealtime.bench.faults.client.Crew;
import io.lqrealtime.bench.faults.client.Setting;
import io.lqrealtime.bench.faults.cluster.FaultCluster;
import io.lqrealtime.bench.faults.judge.Judge;
import io.lqrealtime.bench.faults.judge.JudgeOptions;
import io.lqrealtime.bench.faults.judge.Verdict;
import io.lqrealtime.bench.faults.record.HistoryWriter;
import io.lqrealtime.bench.faults.schedule.Injector;
import io.lqrealtime.bench.faults.schedule.Schedule;
import io.lqrealtime.bench.load.StopSignal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A run: starts the service and its clients, carries a schedule out, heals, sends a last round of
 * messages, waits until everything must have come, and has the history judged.
 *
 * <p>Whatever it starts has ended when {@link #run} returns. One that is stopped early is judged
 * for what can be said of half a history.
 */
public final class FaultRun {
  private static final Duration START_WITHIN = Duration.ofSeconds(90);
  private static final Duration READY_WITHIN = Duration.ofMinutes(3);
  private static final Duration PATIENCE = JudgeOptions.strict().patience();
  private static final Duration PAGES_WITHIN = Duration.ofMinutes(3);
  private static final Duration QUIET = Duration.ofSeconds(3);

  private final FaultPlan plan;
  private final Schedule schedule;
  private final StopSignal stop;
  private final Consumer<String> out;
  private final List<String> problems = Collections.synchronizedList(new ArrayList<>());
  private final long begun = System.nanoTime();

  /**
   * @param out takes lines for people, as things happen
   */
  public FaultRun(FaultPlan plan, StopSignal stop, Consumer<String> out) {
    this.plan = plan;
    this.schedule = Schedule.random(plan.seed(), plan.length(), plan.pause(), plan.only());
    this.stop = stop;
    this.out = out;
  }

  /** Where the history of a run in this directory lies. */
  public static Path history(Path directory) {
    return directory.resolve("history.jsonl");
  }

  /** Does all of it. */
  public FaultOutcome run() throws IOException, InterruptedException {
    Map<String, Long> catchUps;
    out.accept(schedule.toString());
    Files.createDirectories(plan.directory());
    try (HistoryWriter history = HistoryWriter.open(history(plan.directory()))) {
      history.write("", "run", json -> json.writeNumberField("seed", plan.seed()));
      try (FaultCluster cluster = FaultCluster.start(plan.directory());
          CatchUpTally tally = CatchUpTally.start(cluster.gatewayPages())) {
        say("two gateways, two routers, broker and redis are ready");
        withClients(history, cluster);
        catchUps = tally.byCause();
      }
    }
    return new FaultOutcome(judge(JudgeOptions.strict()), catchUps, problems);
  }

  private void withClients(HistoryWriter history, FaultCluster cluster)
      throws IOException, InterruptedException {
    ClientOptions options =
        ClientOptions.defaults()
            .withHandshakeTimeout(Duration.ofSeconds(5))
            .withReceiveBufferBytes(FaultCluster.RECEIVE_BUFFER);
    List<String> tenants = IntStream.range(0, plan.tenants()).mapToObj(i -> "tenant-" + i).toList();
    try (WebSocketClient sockets = WebSocketClient.start(options);
        Crew crew =
            new Crew(
                new Setting(sockets, history, cluster.tokens(), cluster.endpoints()),
                tenants,
                plan.perSecond(),
                plan.seed())) {
      if (!crew.start(START_WITHIN.toMillis())) {
        problem("not all clients were subscribed " + START_WITHIN.toSeconds() + " s after start");
      }
      say("all clients are subscribed");
      inject(history, cluster, crew);
      if (!stop.isRaised()) {
        conclude(history, cluster, crew);
      }
      // What ends now is not the service's doing.
      history.close();
    }
  }

  private void inject(HistoryWriter history, FaultCluster cluster, Crew crew)
      throws IOException, InterruptedException {
    Injector injector =
        new Injector(
            cluster,
            crew,
            stop,
            note -> {
              say(note);
              history.write("", "note", json -> json.writeStringField("text", note));
            });
    long start = System.nanoTime();
    for (Schedule.Step step : schedule.steps()) {
      if (stop.sleepUntil(start + step.at().toNanos())) {
        return;
      }
      if (System.nanoTime() - start > plan.length().plus(READY_WITHIN).toNanos()) {
        say("time is up: the rest of the schedule is left out");
        return;
      }
      carryOut(step, injector, history);
      mend(cluster);
    }
    stop.sleepUntil(start + plan.length().toNanos());
  }

  private void carryOut(Schedule.Step step, Injector injector, HistoryWriter history)
      throws InterruptedException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (Schedule.Entry entry : step.entries()) {
        running.add(threads.submit(() -> carryOut(entry, injector, history)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a fault could not be brought about", e.getCause());
    }
  }

  private void carryOut(Schedule.Entry entry, Injector injector, HistoryWriter history) {
    if (stop.sleepUntil(System.nanoTime() + entry.after().toNanos())) {
      return;
    }
    say(
        String.format(
            Locale.ROOT,
            "%s: %s, %.1f s",
            entry.fault(),
            entry.targetName(),
            entry.lasts().toMillis() / 1e3));
    history.write(
        "",
        "fault",
        json -> {
          json.writeStringField("name", entry.fault().text());
          json.writeStringField("target", entry.targetName());
          json.writeNumberField("millis", entry.lasts().toMillis());
        });
    try {
      injector.carryOut(entry);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Starts what has ended and waits until all is ready, as whoever runs the service would. */
  private void mend(FaultCluster cluster) throws IOException, InterruptedException {
    long from = System.nanoTime();
    long end = from + READY_WITHIN.toNanos();
    boolean ready = false;
    while (!ready && !stop.isRaised() && System.nanoTime() - end < 0) {
      for (String name : cluster.heal()) {
        say("had ended, and is started again: " + name);
      }
      ready = cluster.awaitReady(1_000);
    }
    if (ready) {
      say(String.format(Locale.ROOT, "ready after %.1f s", (System.nanoTime() - from) / 1e9));
    } else if (!stop.isRaised()) {
      problem(
          "not ready "
              + READY_WITHIN.toSeconds()
              + " s after all ran again: "
              + cluster.notReady());
    }
  }

  private void conclude(HistoryWriter history, FaultCluster cluster, Crew crew)
      throws IOException, InterruptedException {
    mend(cluster);
    long healed = System.nanoTime();
    history.write("", "healed");
    crew.calm();
    crew.mark();
    say("healed; the last messages are on their way");
    boolean answered = crew.awaitAnswers(PATIENCE.toMillis());
    if (!answered) {
      problem("messages without an answer " + PATIENCE.toSeconds() + " s after healing");
    }
    if (!crew.awaitSubscribed(PATIENCE.toMillis())) {
      problem("not all clients are subscribed " + PATIENCE.toSeconds() + " s after healing");
    }
    boolean early = answered && isAllThere(history, healed);
    if (!early) {
      stop.sleepUntil(healed + PATIENCE.toNanos());
    }
    crew.page();
    if (!crew.awaitPages(PAGES_WITHIN.toMillis())) {
      problem(
          "the history's pages are not read " + PAGES_WITHIN.toMinutes() + " min after healing");
    }
    if (!stop.isRaised()) {
      history.write("", "end");
    }
  }

  /**
   * Whether, once nothing new comes, the judge would find nothing: then there is no need to wait.
   */
  private boolean isAllThere(HistoryWriter history, long healed)
      throws IOException, InterruptedException {
    long quietSince = System.nanoTime();
    long lines = history.lines();
    while (System.nanoTime() - healed < PATIENCE.toNanos() && !stop.isRaised()) {
      TimeUnit.MILLISECONDS.sleep(100);
      if (history.lines() != lines) {
        lines = history.lines();
        quietSince = System.nanoTime();
      } else if (System.nanoTime() - quietSince > QUIET.toNanos()) {
        return history.flush() && judge(JudgeOptions.strict().endingNow()).isClean();
      }
    }
    return false;
  }

  private Verdict judge(JudgeOptions options) throws IOException {
    return Judge.judge(history(plan.directory()), options);
  }

  private void problem(String what) {
    problems.add(what);
    say("PROBLEM: " + what);
  }

  private void say(String what) {
    out.accept(String.format(Locale.ROOT, "%8.1f s  %s", (System.nanoTime() - begun) / 1e9, what));
  }
}
