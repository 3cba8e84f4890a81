package io.lqrealtime.gateway.session;

import java.util.OptionalLong;

/**
 * The channels that this gateway gets from the router, as an I/O thread sees them: it counts itself
 * in for a channel when its first subscription comes, and out when the last one goes. Never blocks;
 * safe for several threads.
 */
public interface Interests {
  /** The partition that the channel's messages come from. */
  int partitionOf(TenantChannel channel);

  /**
   * Whether the channel may be acquired: somebody is subscribed to it here, or to fewer channels of
   * its tenant than that may have. I/O threads that ask at the same time may exceed the limit, each
   * by one.
   */
  boolean hasRoomFor(TenantChannel channel);

  /**
   * Counts the caller in.
   *
   * @return the offset past which everything comes, if the channel is active already; else an
   *     {@link Delivery.Activated} or {@link Delivery.Refused} will follow
   */
  OptionalLong acquire(TenantChannel channel);

  /** Counts the caller out, once for each {@link #acquire}. */
  void release(TenantChannel channel);
}
