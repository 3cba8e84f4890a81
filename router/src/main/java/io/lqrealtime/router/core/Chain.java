package io.lqrealtime.router.core;

import io.lqrealtime.record.GatewayRecord;

/**
 * How far the records routed to a gateway from this partition have come since its chain began. It
 * lies in another store than {@link GatewayState}, so after a crash it may belong to an older chain
 * than the gateway's, or to a newer one: {@code start} tells.
 *
 * @param start the offset of the control record that began the chain
 * @param last the offset last routed, {@link GatewayRecord#NOTHING}, or {@link
 *     GatewayRecord#UNKNOWN} where a record could not be decided on
 */
record Chain(long start, long last) {
  static Chain begun(long start) {
    return new Chain(start, GatewayRecord.NOTHING);
  }

  /**
   * What had been routed when the partition was read up to {@code offset}, exclusive, in the
   * gateway's chain that began at {@code gatewayStart}.
   */
  long before(long offset, long gatewayStart) {
    if (offset <= gatewayStart || start > gatewayStart) {
      // A former chain's message, or a state that is ahead of what is being read.
      return offset == gatewayStart ? GatewayRecord.NOTHING : GatewayRecord.UNKNOWN;
    }
    if (start < gatewayStart) {
      return GatewayRecord.NOTHING;
    }
    return last < offset ? last : GatewayRecord.UNKNOWN;
  }

  /** Whether routing at {@code offset} in the gateway's chain moves this on. */
  boolean isMovedBy(long offset, long gatewayStart) {
    return offset > gatewayStart
        && start <= gatewayStart
        && (start < gatewayStart || last < offset);
  }
}
