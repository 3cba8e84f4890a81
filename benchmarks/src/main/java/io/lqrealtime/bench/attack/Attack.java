package io.lqrealtime.bench.attack;

import java.util.Locale;

/** A way to misbehave. */
public enum Attack {
  /** Publishes as fast as it can, far over what its tenant may. */
  PUBLISH(20_000, 8),
  /** Frames that are not JSON, of no known type, or invalid: each asks for an error. */
  FRAMES(20_000, 8),
  /** WebSocket pings. */
  PINGS(20_000, 8),
  /** A message in fragments without content, and without an end. */
  FRAGMENTS(20_000, 8),
  /** Connects, by turns with a good token and one whose signature is wrong. */
  HANDSHAKES(500, 200),
  /** Subscribes to one new channel after the other, and unsubscribes at once. */
  SUBSCRIBE(2_000, 8),
  /** Asks for a channel's history from the earliest message on, and for who is there. */
  HISTORY(500, 8),
  /** Subscribes to a busy channel and reads nothing; one connection publishes there. */
  SLOW(200, 100),
  /** All read one channel, in which many messages come at once, now and then. */
  CROWD(1_000, 200);

  private final long defaultRate;
  private final int defaultConnections;

  Attack(long defaultRate, int defaultConnections) {
    this.defaultRate = defaultRate;
    this.defaultConnections = defaultConnections;
  }

  /** Frames (of {@link #HANDSHAKES}: connects) a second, over all connections. */
  public long defaultRate() {
    return defaultRate;
  }

  /** Connections, or connects under way, at once. */
  public int defaultConnections() {
    return defaultConnections;
  }

  /** As in commands and reports. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
