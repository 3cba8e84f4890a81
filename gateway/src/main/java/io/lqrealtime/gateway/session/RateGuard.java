package io.lqrealtime.gateway.session;

import io.lqrealtime.gateway.limit.Throttle;
import io.lqrealtime.gateway.limit.Throttle.Decision;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Holds one client to its rate. What is over it is refused, and the client is not read from for a
 * while: so a flood is answered a few times a second, costs next to nothing, and fills the client's
 * own socket.
 *
 * <p>Many clients of a tenant can each be refused a few times a second. So whoever comes up against
 * a limit of its tenant again, right after a rest, rests for twice as long.
 *
 * <p>Confined to the connection's I/O thread. A client that says little costs no throttle.
 */
final class RateGuard {
  /** Frames of a connection that are not counted. */
  private static final int FREE_FRAMES = 16;

  private static final long NANOS_A_MILLI = 1_000_000;
  static final long SHORTEST_REST_MILLIS = 100;
  static final long LONGEST_REST_MILLIS = 1000;

  /** Who is not refused for so long after a rest is no flood. */
  static final long CALM_NANOS = 1_000_000_000;

  private static final int MOST_DOUBLINGS = 4;

  private final SessionServices services;
  private final Reads reads;
  private final IoThread ioThread;
  private @Nullable Throttle throttle;
  private int frames;
  private boolean resting;
  private byte doublings;
  private long restedAt;

  RateGuard(SessionServices services, Reads reads, IoThread ioThread) {
    this.services = services;
    this.reads = reads;
    this.ioThread = ioThread;
  }

  /** Counts a frame of the client, if it may pass. */
  Decision take(int bytes) {
    Throttle counting = throttle;
    if (counting == null) {
      if (++frames <= FREE_FRAMES) {
        return Decision.PASSES;
      }
      counting = Throttle.ofOneThread(services.limits().rate(), services.nanos());
      throttle = counting;
    }
    return counting.take(bytes);
  }

  /** Whether the client is not read from at present: what still comes was on its way. */
  boolean isResting() {
    return resting;
  }

  /**
   * The client has come up against a limit of its own: it is not read from until it is worth while
   * again.
   *
   * @return for how many milliseconds
   */
  long rest(Decision.Waits waits) {
    return rest(millis(waits));
  }

  /**
   * The same, where the limit is its tenant's. More clients than this one wait for what there is
   * again by then, so that who comes too early too often waits longer.
   */
  long restForTenant(Decision.Waits waits) {
    if (!resting) {
      boolean again = restedAt != 0 && !isCalm();
      doublings = (byte) (again ? Math.min(doublings + 1, MOST_DOUBLINGS) : 0);
    }
    return rest(Math.min(millis(waits) << doublings, LONGEST_REST_MILLIS));
  }

  private static long millis(Decision.Waits waits) {
    return Math.clamp(
        Math.ceilDiv(waits.nanos(), NANOS_A_MILLI), SHORTEST_REST_MILLIS, LONGEST_REST_MILLIS);
  }

  private long rest(long millis) {
    if (!resting) {
      resting = true;
      reads.hold();
      ioThread.executeAfter(
          Duration.ofMillis(millis),
          () -> {
            resting = false;
            restedAt = services.nanos().getAsLong();
            reads.release();
          });
    }
    return millis;
  }

  private boolean isCalm() {
    return services.nanos().getAsLong() - restedAt >= CALM_NANOS;
  }
}
