package io.lqrealtime.presence;

import java.time.Duration;

/** What a gateway's {@link LeaseKeeper} has to report. */
public sealed interface LeaseEvent {
  /**
   * The lease was renewed; told every time.
   *
   * @param whole whether the store has this generation's whole view, as far as it knows
   */
  record Renewed(Owner owner, String epoch, boolean whole) implements LeaseEvent {}

  /**
   * The store was restarted, failed over or flushed since the renewal before: what was written to
   * it may be lost, and is to be written again.
   */
  record EpochChanged(String before, String now) implements LeaseEvent {}

  /**
   * The lease ran out although the store was there: this process slept (a pause, a suspended
   * machine). Others may have taken the gateway for dead; it is to take a new generation, and give
   * it to {@link LeaseKeeper#owner}.
   *
   * @param silent how long no renewal was tried
   */
  record Overslept(Owner owner, Duration silent) implements LeaseEvent {}

  /** A newer generation of the gateway runs. Nothing is renewed any more; this one is to leave. */
  record Fenced(Owner owner, long newer) implements LeaseEvent {}

  /** The store does not answer; told once, until it is back. */
  record Lost(PresenceUnavailableException cause) implements LeaseEvent {}

  /**
   * The store answers again.
   *
   * @param outage since the last renewal before it was lost
   * @param lapsed whether the lease ran out or was lost meanwhile. That alone is no death: nobody
   *     may conclude anything from a store that was away, and a gateway that only it was cut off
   *     from reads its {@code gateway-down} in the log
   */
  record Back(Duration outage, boolean lapsed) implements LeaseEvent {}
}
