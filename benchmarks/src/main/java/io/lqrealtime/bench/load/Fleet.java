package io.lqrealtime.bench.load;

import io.lqrealtime.bench.client.Connection;
import io.lqrealtime.bench.client.WebSocketClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Opens the connections of a run, within the {@link ConnectPolicy}, and closes them. A refusal that
 * would only be repeated (a wrong token) and a connection that used up its attempts stop the
 * opening at once. For one thread.
 */
final class Fleet implements LoadClient.Waiter {

  private static final long FIRST_PAUSE_NANOS = 100_000_000;
  private static final long LONGEST_PAUSE_NANOS = 5_000_000_000L;

  /**
   * A connection that is to be opened.
   *
   * @param number decides on the URL and the source address
   */
  record Opening(LoadClient client, int number) {}

  private static final class Member {
    final LoadClient client;
    final int number;
    int attempts;
    long dueNanos;
    long startNanos;
    boolean underWay;

    Member(LoadClient client, int number) {
      this.client = client;
      this.number = number;
    }
  }

  /** What a selector thread reports: at most one for each attempt under way. */
  private record Report(
      LoadClient client, boolean ready, long nanos, String reason, boolean hopeless) {}

  private record Attempt(Member member, int attempt, long startNanos) {}

  private final WebSocketClient webSockets;
  private final Targets targets;
  private final Tokens tokens;
  private final ConnectPolicy policy;

  private final LinkedBlockingQueue<Report> reports = new LinkedBlockingQueue<>();
  private final ArrayDeque<Member> fresh = new ArrayDeque<>();
  private final PriorityQueue<Member> again =
      new PriorityQueue<>(Comparator.comparingLong(member -> member.dueNanos));
  private final ArrayDeque<Attempt> underWay = new ArrayDeque<>();
  private final Map<LoadClient, Member> members = new HashMap<>();
  private final Counts failures = new Counts();
  private final Latencies readyTimes = new Latencies();
  private int atOnce;
  private int ready;
  private long attempts;
  private String givenUp = "";

  Fleet(WebSocketClient webSockets, Targets targets, Tokens tokens, ConnectPolicy policy) {
    this.webSockets = webSockets;
    this.targets = targets;
    this.tokens = tokens;
    this.policy = policy;
  }

  /** Opens them; returns when all are ready, or with why not. */
  ConnectResult open(List<Opening> openings, StopSignal stop) {
    for (Opening opening : openings) {
      Member member = new Member(opening.client(), opening.number());
      fresh.add(member);
      members.put(member.client, member);
    }
    ready = 0;
    attempts = 0;
    long start = System.nanoTime();
    long lastReady = start;
    while (ready < openings.size() && givenUp.isEmpty() && !stop.isRaised()) {
      long now = System.nanoTime();
      startDue(start, now);
      expire(now);
      if (takeReports()) {
        lastReady = System.nanoTime();
      }
    }
    forgetAll();
    return new ConnectResult(
        openings.size(),
        ready,
        attempts,
        lastReady - start,
        failures.snapshot(),
        givenUp,
        readyTimes.take());
  }

  /** What an opening that stopped early has under way reports in vain. */
  private void forgetAll() {
    members.clear();
    fresh.clear();
    again.clear();
    underWay.clear();
    atOnce = 0;
  }

  private void startDue(long start, long now) {
    while (atOnce < policy.concurrency()) {
      long earliest = start + attempts * 1_000_000_000L / policy.perSecond();
      if (now - earliest < 0) {
        return;
      }
      Optional<Member> member = nextDue(now);
      if (member.isEmpty()) {
        return;
      }
      begin(member.get());
    }
  }

  private Optional<Member> nextDue(long now) {
    Member waiting = again.peek();
    if (waiting != null && now - waiting.dueNanos >= 0) {
      again.remove(waiting);
      return Optional.of(waiting);
    }
    return Optional.ofNullable(fresh.poll());
  }

  private void begin(Member member) {
    member.attempts++;
    member.startNanos = System.nanoTime();
    member.underWay = true;
    attempts++;
    atOnce++;
    underWay.add(new Attempt(member, member.attempts, member.startNanos));
    LoadClient client = member.client;
    client.await(this);
    String token = tokens.of(client.tenant(), client.user());
    client.connecting(webSockets.connect(targets.request(member.number, token), client));
  }

  /** The oldest attempts first, since all have the same time. */
  private void expire(long now) {
    while (!underWay.isEmpty()) {
      Attempt oldest = underWay.getFirst();
      boolean over = !oldest.member().underWay || oldest.member().attempts != oldest.attempt();
      if (!over && now - oldest.startNanos() < policy.readyTimeout().toNanos()) {
        return;
      }
      underWay.removeFirst();
      if (!over) {
        oldest.member().client.overdue();
      }
    }
  }

  /** Waits a moment for reports, and takes all there are; whether a connection became ready. */
  private boolean takeReports() {
    boolean anyReady = false;
    try {
      Report report = reports.poll(1, TimeUnit.MILLISECONDS);
      while (report != null) {
        anyReady |= take(report);
        report = reports.poll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      givenUp = "interrupted";
    }
    return anyReady;
  }

  private boolean take(Report report) {
    Member member = members.get(report.client());
    if (member == null) {
      return false;
    }
    member.underWay = false;
    atOnce--;
    if (report.ready()) {
      ready++;
      readyTimes.add(report.nanos() - member.startNanos);
      return true;
    }
    failures.add(report.reason());
    if (report.hopeless() || member.attempts >= policy.attempts()) {
      givenUp =
          "a connection to "
              + targets.request(member.number, "")
              + " failed "
              + (report.hopeless() ? "for good: " : member.attempts + " times, at last: ")
              + report.reason();
    } else {
      member.dueNanos = System.nanoTime() + pause(member.attempts);
      again.add(member);
    }
    return false;
  }

  private static long pause(int attemptsMade) {
    long full = Math.min(FIRST_PAUSE_NANOS << Math.min(attemptsMade - 1, 10), LONGEST_PAUSE_NANOS);
    return full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
  }

  @Override
  public void ready(LoadClient client) {
    reports.add(new Report(client, true, System.nanoTime(), "", false));
  }

  @Override
  public void failed(LoadClient client, String reason, boolean hopeless) {
    reports.add(new Report(client, false, System.nanoTime(), reason, hopeless));
  }

  /**
   * Closes them with 1000, and waits a few seconds at most for the server to end the connections.
   */
  static void close(List<? extends LoadClient> clients) {
    for (LoadClient client : clients) {
      Connection connection = client.connection();
      if (connection != null) {
        connection.close(1000, "");
      }
    }
    boolean _ = awaitEnd(clients, Duration.ofSeconds(3));
  }

  /** Waits until every connection has ended; false if some had not in time. */
  static boolean awaitEnd(List<? extends LoadClient> clients, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    for (LoadClient client : clients) {
      Connection connection = client.connection();
      while (connection != null && !connection.isEnded()) {
        if (System.nanoTime() - end >= 0) {
          return false;
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
    return true;
  }
}
