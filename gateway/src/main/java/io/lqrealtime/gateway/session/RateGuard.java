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
 * <p>Confined to the connection's I/O thread. A client that says little costs no throttle.
 */
final class RateGuard {
  /** Frames of a connection that are not counted. */
  private static final int FREE_FRAMES = 16;

  private static final long NANOS_A_MILLI = 1_000_000;
  static final long SHORTEST_REST_MILLIS = 100;
  static final long LONGEST_REST_MILLIS = 1000;

  private final SessionServices services;
  private final Reads reads;
  private final IoThread ioThread;
  private @Nullable Throttle throttle;
  private int frames;
  private boolean resting;

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
   * The client is not read from until it is worth while again.
   *
   * @return for how many milliseconds
   */
  long rest(Decision.Waits waits) {
    long millis =
        Math.clamp(
            Math.ceilDiv(waits.nanos(), NANOS_A_MILLI), SHORTEST_REST_MILLIS, LONGEST_REST_MILLIS);
    if (!resting) {
      resting = true;
      reads.hold();
      ioThread.executeAfter(
          Duration.ofMillis(millis),
          () -> {
            resting = false;
            reads.release();
          });
    }
    return millis;
  }
}
