package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.CloseReason;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How often a client may err in a minute. One that errs too often is not listened to any more, and
 * closed a while later: if it were closed at once, one that comes back at once and goes on would
 * cost a handshake for each few errors.
 *
 * <p>Confined to the connection's I/O thread.
 */
final class ErrorLimit {
  static final Duration PAUSE = Duration.ofSeconds(1);
  private static final long NANOS_A_MINUTE = 60_000_000_000L;

  private final int mostPerMinute;
  private final LongSupplier nanos;
  private int errors;
  private long errorsSince;
  private boolean over;

  ErrorLimit(int mostPerMinute, LongSupplier nanos) {
    this.mostPerMinute = mostPerMinute;
    this.nanos = nanos;
  }

  /** Whether the client has erred too often: what it says does not count any more. */
  boolean isOver() {
    return over;
  }

  /** Counts an error, and has the client closed if it was one too many. */
  void count(Reads reads, IoThread ioThread, ClientLink link) {
    long now = nanos.getAsLong();
    if (errors == 0 || now - errorsSince > NANOS_A_MINUTE) {
      errors = 0;
      errorsSince = now;
    }
    if (++errors >= mostPerMinute && !over) {
      over = true;
      reads.hold();
      ioThread.executeAfter(PAUSE, () -> link.close(CloseReason.TOO_MANY_ERRORS));
    }
  }
}
