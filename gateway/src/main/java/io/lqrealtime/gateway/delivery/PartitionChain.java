package io.lqrealtime.gateway.delivery;

import io.lqrealtime.record.GatewayRecord;

/**
 * How far the contiguous stream of one partition has come at this gateway. Each record of the
 * router says what came before it: what this gateway does not have then is missing. Confined to the
 * reader's thread.
 */
final class PartitionChain {
  /** What a message is to this chain. */
  enum Link {
    /** The next one. */
    NEXT,
    /** It has been here: sent again after a failover. */
    DUPLICATE,
    /** Something before it has not come, or nobody can say whether it has. */
    AFTER_A_GAP,
    /** The router has not answered this gateway's {@code up} yet. */
    NOT_STARTED
  }

  private boolean started;
  private long last = GatewayRecord.NOTHING;

  /** The router has answered the {@code up}: nothing has been routed to this generation before. */
  void start(long routed) {
    started = true;
    last = routed;
  }

  void stop() {
    started = false;
    last = GatewayRecord.NOTHING;
  }

  boolean isStarted() {
    return started;
  }

  /** How far the stream has come; {@link GatewayRecord#NOTHING} if it has not begun. */
  long last() {
    return last;
  }

  Link message(long offset, long previous) {
    if (!started) {
      return Link.NOT_STARTED;
    }
    if (offset <= last) {
      return Link.DUPLICATE;
    }
    boolean gap = previous == GatewayRecord.UNKNOWN || previous > last;
    last = offset;
    return gap ? Link.AFTER_A_GAP : Link.NEXT;
  }

  /**
   * The router says what it routed last.
   *
   * @return whether that has not come here
   */
  boolean misses(long routed) {
    if (!started || routed == GatewayRecord.UNKNOWN || routed <= last) {
      return false;
    }
    last = routed;
    return true;
  }
}
