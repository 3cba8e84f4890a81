package io.lqrealtime.bench.load;

import io.lqrealtime.bench.client.WebSocketClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One run of a {@link PublishPlan}: opens the connections, publishes by its {@link Agenda}, waits
 * for what is still on the way, and accounts for every message of every subscription. For one
 * thread, once.
 *
 * <p>The account is exact because nobody guesses: a message counts as lost only if its publisher
 * has the ack and the subscription was confirmed before the first message was due.
 */
public final class PublishRun {

  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long NUDGE = TimeUnit.MILLISECONDS.toNanos(50);

  /** After the last expected message: what comes now is a duplicate. */
  private static final long LINGER = TimeUnit.MILLISECONDS.toNanos(250);

  /** How often a connection that reads nothing shows that it lives. */
  private static final long PING = TimeUnit.SECONDS.toNanos(10);

  private static final long LONGEST_DRAIN = TimeUnit.MINUTES.toNanos(2);

  private final PublishPlan plan;
  private final Targets targets;
  private final Tokens tokens;
  private final ConnectPolicy policy;
  private final RunObserver observer;
  private final StopSignal stop;
  private final RunStats stats = new RunStats(ThreadLocalRandom.current().nextInt());
  private final List<Publisher> publishers = new ArrayList<>();
  private final List<Subscriber> subscribers = new ArrayList<>();
  private long nextPing = System.nanoTime() + PING;

  public PublishRun(
      PublishPlan plan,
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
    for (int i = 0; i < plan.publishers(); i++) {
      publishers.add(new Publisher(stats, plan.route(i, stats.run), i, plan.payloadBytes()));
    }
    for (int i = 0; i < plan.subscribers(); i++) {
      boolean silent = i < plan.silent();
      subscribers.add(new Subscriber(stats, plan.route(i, stats.run), i, silent));
    }
  }

  /** Runs to the end or the {@link StopSignal}, and tells what was measured either way. */
  public PublishResult run(WebSocketClient webSockets) {
    List<LoadClient> all = new ArrayList<>(publishers);
    all.addAll(subscribers);
    Fleet fleet = new Fleet(webSockets, targets, tokens, policy);
    ConnectResult connects;
    try {
      observer.beforeConnections();
      observer.phase("opening " + all.size() + " connections");
      connects = fleet.open(openings(), stop);
      if (connects.complete()) {
        observer.connected();
        publish();
        drain();
      }
      Fleet.close(all);
    } finally {
      // Its threads have ended then, and what they counted can be read.
      webSockets.close();
    }
    return result(connects);
  }

  /** Subscribers start at the second URL: a pair on two gateways takes the whole way. */
  private List<Fleet.Opening> openings() {
    List<Fleet.Opening> openings = new ArrayList<>();
    for (int i = 0; i < publishers.size(); i++) {
      openings.add(new Fleet.Opening(publishers.get(i), i));
    }
    for (int i = 0; i < subscribers.size(); i++) {
      openings.add(new Fleet.Opening(subscribers.get(i), i + 1));
    }
    return openings;
  }

  /** Publishes for as long as the agenda says, or until stopped. */
  private void publish() {
    long start = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
    Timetable timetable = Timetable.of(plan.agenda(), start);
    stats.timetable = timetable;
    Thread schedule = startPublishing(start, timetable.endNanos());
    boolean stopped = sleepUntil(start);
    if (stopped) {
      stats.timetable = Timetable.NONE;
    }
    for (Timetable.Slot slot : timetable.slots()) {
      if (stopped) {
        break;
      }
      observer.begins(slot.phase());
      observer.phase(words(slot));
      stopped = sleepUntil(slot.endNanos());
      if (stopped) {
        stats.timetable = timetable.until(Math.min(System.nanoTime(), slot.endNanos()));
      }
      observer.ends(slot.phase());
    }
    subscribers.forEach(Subscriber::reads);
    publishers.forEach(publisher -> publisher.window(0));
    join(schedule);
  }

  private static String words(Timetable.Slot slot) {
    long seconds = TimeUnit.NANOSECONDS.toSeconds(slot.endNanos() - slot.startNanos());
    return switch (slot.phase()) {
          case WARM_UP -> "warming up for ";
          case REHEARSAL -> "warming up with the neighbour for ";
          case QUIET -> "measuring for ";
          case NOISY -> "measuring with the neighbour for ";
          case PAUSE -> "pausing for ";
        }
        + seconds
        + " s";
  }

  private Thread startPublishing(long start, long end) {
    Runnable loop =
        switch (plan.pace()) {
          case PublishPlan.Pace.Open(Schedule schedule) ->
              new OpenLoop(schedule, publishers, Integer.MAX_VALUE, stats, stop, start, end);
          case PublishPlan.Pace.Bounded(Schedule schedule, int window) ->
              new OpenLoop(schedule, publishers, window, stats, stop, start, end);
          case PublishPlan.Pace.Closed(int window) ->
              () -> publishers.forEach(publisher -> publisher.window(window));
        };
    return Thread.ofPlatform().daemon().name("schedule").start(loop);
  }

  /** Sleeps, and has publishers in a closed loop look again now and then; true if stopped. */
  private boolean sleepUntil(long nanos) {
    while (System.nanoTime() - nanos < 0) {
      if (stop.sleepUntil(Math.min(nanos, System.nanoTime() + NUDGE))) {
        return true;
      }
      if (plan.pace() instanceof PublishPlan.Pace.Closed) {
        publishers.forEach(Publisher::nudge);
      }
      if (System.nanoTime() - nextPing >= 0) {
        subscribers.forEach(Subscriber::ping);
        nextPing = System.nanoTime() + PING;
      }
    }
    return stop.isRaised();
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until every message is answered and every acked one delivered, or none comes any more.
   */
  private void drain() {
    observer.phase("waiting for messages that are on the way");
    long start = System.nanoTime();
    long lastProgress = start;
    long before = -1;
    long patience =
        stop.isRaised() ? Math.min(LINGER * 4, plan.drain().toNanos()) : plan.drain().toNanos();
    while (System.nanoTime() - start < LONGEST_DRAIN) {
      if (complete()) {
        pause(LINGER);
        return;
      }
      long now = System.nanoTime();
      long progress = stats.acked.sum() + stats.delivered.sum();
      if (progress != before) {
        before = progress;
        lastProgress = now;
      } else if (now - lastProgress > patience) {
        return;
      }
      pause(TICK);
    }
  }

  private boolean complete() {
    return publishers.stream().noneMatch(Publisher::expectsAnswer)
        && stats.delivered.sum() >= expected();
  }

  private long expected() {
    long[] ackedOf = new long[plan.channels()];
    for (Publisher publisher : publishers) {
      ackedOf[publisher.number() % plan.channels()] += publisher.ackCount();
    }
    long expected = 0;
    for (Subscriber subscriber : subscribers) {
      expected += ackedOf[subscriber.route().index()];
    }
    return expected;
  }

  private static void pause(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private PublishResult result(ConnectResult connects) {
    List<Intervals> notAcked = publishers.stream().map(Publisher::notAcked).toList();
    Subscriber.PublishersOutcome outcome =
        new Subscriber.PublishersOutcome() {
          @Override
          public long sent(int publisher) {
            return publishers.get(publisher).sent();
          }

          @Override
          public long acked(int publisher) {
            return publishers.get(publisher).ackCount();
          }

          @Override
          public Intervals notAcked(int publisher) {
            return notAcked.get(publisher);
          }
        };
    return new PublishResult(
        connects,
        stop.isRaised(),
        stats.sent.sum(),
        stats.unsent.sum(),
        stats.acked.sum(),
        stats.delivered.sum(),
        stats.quiet.take(stats.timetable.lasts(Phase.QUIET)),
        stats.noisy.take(stats.timetable.lasts(Phase.NOISY)),
        subscribers.stream().map(subscriber -> subscriber.result(outcome)).toList(),
        stats.errors.snapshot(),
        stats.endings.snapshot(),
        stats.malformed.sum(),
        stats.foreign.sum(),
        stats.toldOfLoss.sum());
  }
}
