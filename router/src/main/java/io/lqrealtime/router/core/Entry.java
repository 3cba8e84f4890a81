package io.lqrealtime.router.core;

import io.lqrealtime.id.GatewayId;

/**
 * That a gateway has a channel from one offset of the partition to another: it gets the messages
 * strictly between the two.
 *
 * @param from the offset of the subscribe record
 * @param to the offset of what ended it, or {@link #OPEN}
 */
public record Entry(ChannelName channel, GatewayId gateway, long from, long to) {
  static final long OPEN = Long.MAX_VALUE;

  static Entry open(ChannelName channel, GatewayId gateway, long from) {
    return new Entry(channel, gateway, from, OPEN);
  }

  boolean isOpen() {
    return to == OPEN;
  }

  /** Whether the gateway gets the message at this offset. */
  boolean covers(long offset) {
    return from < offset && offset < to;
  }

  Entry closedAt(long end) {
    return new Entry(channel, gateway, from, end);
  }
}
