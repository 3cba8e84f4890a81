package io.lqrealtime.bench.load;

import io.lqrealtime.bench.client.WebSocketClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Opens idle connections, holds them and closes them. The {@link RunObserver} sees: {@code
 * beforeConnections} after the prelude, with nothing open; {@code windowOpens} when all are open;
 * {@code windowCloses} after the time to hold, with all still open. For one thread, once.
 */
public final class IdleRun {

  private final IdlePlan plan;
  private final Targets targets;
  private final Tokens tokens;
  private final ConnectPolicy policy;
  private final RunObserver observer;
  private final StopSignal stop;
  private final RunStats stats = new RunStats(ThreadLocalRandom.current().nextInt());

  public IdleRun(
      IdlePlan plan,
      Targets targets,
      Tokens tokens,
      ConnectPolicy policy,
      RunObserver observer,
      StopSignal stop) {
    this.plan = plan;
    this.targets = targets;
    this.tokens = tokens;
    this.policy = policy;
    this.observer = observer;
    this.stop = stop;
  }

  /** Runs to the end or the {@link StopSignal}, and tells what was measured either way. */
  public IdleResult run(WebSocketClient webSockets) {
    try (webSockets) {
      return hold(webSockets);
    }
  }

  private IdleResult hold(WebSocketClient webSockets) {
    PublishPlan shape = plan.asPublishPlan();
    Fleet fleet = new Fleet(webSockets, targets, tokens, policy);
    if (plan.prelude() > 0) {
      observer.phase("opening and closing " + plan.prelude() + " connections beforehand");
      List<Subscriber> first = subscribers(plan.prelude(), shape);
      fleet.open(openings(first), stop);
      Fleet.close(first);
    }
    observer.beforeConnections();
    observer.phase("opening " + plan.connections() + " connections");
    List<Subscriber> all = subscribers(plan.connections(), shape);
    ConnectResult connects = fleet.open(openings(all), stop);
    long held = 0;
    if (connects.complete()) {
      observer.connected();
      observer.windowOpens();
      observer.phase("holding them for " + plan.hold().toSeconds() + " s");
      long start = System.nanoTime();
      stop.sleepUntil(start + plan.hold().toNanos());
      held = System.nanoTime() - start;
      observer.windowCloses();
    }
    IdleResult result =
        new IdleResult(
            connects, stop.isRaised(), held, stats.errors.snapshot(), stats.endings.snapshot());
    Fleet.close(all);
    return result;
  }

  private static List<Fleet.Opening> openings(List<Subscriber> subscribers) {
    List<Fleet.Opening> openings = new ArrayList<>(subscribers.size());
    for (int i = 0; i < subscribers.size(); i++) {
      openings.add(new Fleet.Opening(subscribers.get(i), i));
    }
    return openings;
  }

  private List<Subscriber> subscribers(int count, PublishPlan shape) {
    List<Subscriber> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(new Subscriber(stats, shape.route(i, stats.run), i, false));
    }
    return all;
  }
}
