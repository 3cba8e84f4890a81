package io.lqrealtime.gateway.limit;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.local.SynchronizationStrategy;
import io.lqrealtime.id.TenantId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Lets newcomers in at a bounded rate, so that a reconnect storm can't tip a gateway over, least of
 * all one that has just started. Whoever comes while the rate is used up waits, in a queue of its
 * tenant; the tenants take turns, so that one tenant's storm does not keep another's clients out.
 *
 * <p>Bounds: as many wait as are let in within {@value #MAX_WAIT_SECONDS} s, a tenant's share of
 * that being the smaller the more tenants wait, and never more than twice as many. Nobody waits for
 * longer than that: of a crowd that was there when fewer tenants waited, those whose turn has not
 * come by then are sent away. Never blocks; safe for use by several threads.
 */
public final class HandshakeGate {
  static final int MAX_WAIT_SECONDS = 5;
  static final Duration TICK = Duration.ofMillis(10);

  /** How often those who have waited for too long are looked for: it takes a look at each queue. */
  static final Duration LOOK = Duration.ofMillis(100);

  private static final Duration RAMP_STEP = Duration.ofMillis(250);

  /** Part of the rate with which a ramp begins. */
  private static final double RAMP_START = 0.25;

  /** Runs a task after a while, on whatever thread. */
  @FunctionalInterface
  public interface Scheduler {
    void after(Duration delay, Runnable task);
  }

  private record Newcomer(Runnable comeIn, Runnable sendAway, long sinceNanos) {}

  private final HandshakeLimits limits;
  private final LongSupplier nanos;
  private final Scheduler scheduler;
  private final Bucket bucket;
  private final long startedNanos;
  private final RoundRobinQueue<TenantId, Newcomer> queue = new RoundRobinQueue<>();
  private long rate;
  private long steppedNanos;
  private long lookedNanos;
  private boolean ramping;
  private boolean ticking;

  /**
   * The ramp begins now.
   *
   * @param nanos a clock that only rises
   */
  public HandshakeGate(HandshakeLimits limits, LongSupplier nanos, Scheduler scheduler) {
    this.limits = limits;
    this.nanos = nanos;
    this.scheduler = scheduler;
    this.startedNanos = nanos.getAsLong();
    this.steppedNanos = startedNanos;
    this.lookedNanos = startedNanos;
    this.ramping = !limits.ramp().isZero();
    this.rate = rateAfter(0);
    this.bucket =
        Bucket.builder()
            .addLimit(bandwidth(rate))
            .withCustomTimePrecision(new NanoMeter(nanos))
            .withSynchronizationStrategy(SynchronizationStrategy.NONE)
            .build();
  }

  /**
   * Lets somebody in, now or in turn, or sends them away: at once if too many wait already, else
   * when they have waited for too long. One of the two is run, once, by the caller or by the
   * scheduler; neither may block.
   */
  public void enter(TenantId tenant, Runnable comeIn, Runnable sendAway) {
    Runnable now;
    synchronized (this) {
      climb();
      if (queue.isEmpty() && bucket.tryConsume(1)) {
        now = comeIn;
      } else if (enqueue(tenant, new Newcomer(comeIn, sendAway, nanos.getAsLong()))) {
        return;
      } else {
        now = sendAway;
      }
    }
    now.run();
  }

  private boolean enqueue(TenantId tenant, Newcomer newcomer) {
    long capacity = rate * MAX_WAIT_SECONDS;
    int ahead = queue.size(tenant);
    int tenants = queue.owners() + (ahead == 0 ? 1 : 0);
    if (ahead >= Math.max(1, capacity / tenants) || queue.size() >= 2 * capacity) {
      return false;
    }
    queue.add(tenant, newcomer);
    if (!ticking) {
      ticking = true;
      scheduler.after(TICK, this::tick);
    }
    return true;
  }

  private void tick() {
    decide().forEach(Runnable::run);
  }

  private synchronized List<Runnable> decide() {
    climb();
    List<Runnable> next = new ArrayList<>();
    // First, so that nobody is sent away whose turn has come, though a tick was late.
    while (!queue.isEmpty() && bucket.tryConsume(1)) {
      next.add(Objects.requireNonNull(queue.poll()).comeIn());
    }
    long now = nanos.getAsLong();
    if (now - lookedNanos >= LOOK.toNanos()) {
      lookedNanos = now;
      long latest = now - MAX_WAIT_SECONDS * 1_000_000_000L;
      queue.takeWhile(
          newcomer -> newcomer.sinceNanos() - latest < 0,
          newcomer -> next.add(newcomer.sendAway()));
    }
    ticking = !queue.isEmpty();
    if (ticking) {
      scheduler.after(TICK, this::tick);
    }
    return next;
  }

  /** How many wait. */
  public synchronized int waiting() {
    return queue.size();
  }

  private void climb() {
    long now = nanos.getAsLong();
    if (!ramping || now - steppedNanos < RAMP_STEP.toNanos()) {
      return;
    }
    steppedNanos = now;
    long age = now - startedNanos;
    ramping = age < limits.ramp().toNanos();
    rate = rateAfter(age);
    bucket.replaceConfiguration(
        BucketConfiguration.builder().addLimit(bandwidth(rate)).build(),
        TokensInheritanceStrategy.AS_IS);
  }

  private long rateAfter(long ageNanos) {
    if (!ramping) {
      return limits.perSecond();
    }
    double climbed = (double) ageNanos / limits.ramp().toNanos();
    return Math.max(1, Math.round(limits.perSecond() * (RAMP_START + (1 - RAMP_START) * climbed)));
  }

  /** A tenth of a second's worth may come at once. */
  private static Bandwidth bandwidth(long rate) {
    return Bandwidth.builder()
        .capacity(Math.max(1, rate / 10))
        .refillGreedy(rate, Duration.ofSeconds(1))
        .build();
  }
}
