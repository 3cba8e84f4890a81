package io.lqrealtime.bench.attack;

import io.lqrealtime.bench.client.ClientOptions;
import io.lqrealtime.bench.client.WebSocketClient;
import io.lqrealtime.bench.load.Schedule;
import io.lqrealtime.bench.load.Targets;
import io.lqrealtime.bench.load.Tokens;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Attacks between {@link #begin} and {@link #end}, as often as wanted, at the times of the plan's
 * {@link Schedule}. It has a selector thread of its own, so that what it reads delays nobody whose
 * latency is taken. When it comes late it leaves out what it missed: the rate is a bound. For one
 * thread.
 */
public abstract sealed class Attacker permits FrameFlood, HandshakeStorm {

  /** Later than this, it goes on from now. */
  private static final long LATE_NANOS = 50_000_000;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Little is kept for a gateway that does not read: the attacker's memory is not the point. */
  private static final int MOST_QUEUED = 256 << 10;

  private static final ClientOptions OPTIONS =
      new ClientOptions(
          1,
          PATIENCE,
          Duration.ofSeconds(1),
          16 << 20,
          MOST_QUEUED,
          128 << 10,
          OptionalInt.empty());

  final AttackPlan plan;
  final Targets targets;
  final Tokens tokens;
  final AttackStats stats = new AttackStats();
  private volatile boolean attacking;
  private @Nullable WebSocketClient webSockets;
  private @Nullable Thread thread;
  private long startNanos;

  Attacker(AttackPlan plan, Targets targets, Tokens tokens) {
    this.plan = plan;
    this.targets = targets;
    this.tokens = tokens;
  }

  /**
   * An attacker.
   *
   * @throws IllegalArgumentException where a gateway is not on this machine
   */
  public static Attacker of(AttackPlan plan, Targets targets, Tokens tokens) {
    Targets near = targets.onThisMachine("attacks are");
    return plan.attack() == Attack.HANDSHAKES
        ? new HandshakeStorm(plan, near, tokens)
        : new FrameFlood(plan, near, tokens);
  }

  /** Starts to attack, on threads of its own. */
  public final void begin() {
    if (attacking) {
      throw new IllegalStateException("it attacks already");
    }
    WebSocketClient with = WebSocketClient.start(OPTIONS);
    webSockets = with;
    attacking = true;
    startNanos = System.nanoTime();
    thread = Thread.ofPlatform().daemon().name("attacker").start(() -> attack(with));
  }

  /** Ends the attack and drops its connections; nothing where there is none. */
  public final void end() {
    WebSocketClient with = webSockets;
    Thread running = thread;
    if (!attacking || with == null || running == null) {
      return;
    }
    attacking = false;
    try {
      running.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    with.close();
    stats.nanos.add(System.nanoTime() - startNanos);
  }

  /** What came of it so far. */
  public final AttackResult result() {
    return stats.result();
  }

  private void attack(WebSocketClient with) {
    prepare(with);
    Schedule schedule = plan.schedule();
    long start = System.nanoTime();
    for (long burst = 0; attacking; burst++) {
      long now = System.nanoTime();
      long due = start + schedule.dueNanos(burst);
      if (now - due > LATE_NANOS) {
        start += now - due;
      }
      while (attacking && due - now > 0) {
        LockSupport.parkNanos(Math.min(due - now, LATE_NANOS));
        now = System.nanoTime();
      }
      burst(with, burst, schedule.burst());
    }
  }

  /** Before the first burst, on the attacker's thread. */
  abstract void prepare(WebSocketClient with);

  /** The frames, or connects, that are due together. */
  abstract void burst(WebSocketClient with, long number, int size);
}
