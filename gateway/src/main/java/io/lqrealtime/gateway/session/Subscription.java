package io.lqrealtime.gateway.session;

import java.util.Optional;

/**
 * One subscription of one connection. Confined to its I/O thread.
 *
 * <p>{@code cursor} is the offset it has seen: a message is delivered if and only if its offset is
 * past it. Before the channel is active on this gateway the subscription is pending, and gets
 * nothing.
 */
final class Subscription {
  private static final long PENDING = Long.MAX_VALUE;

  final Session session;
  final LocalChannel channel;

  /** The request to answer, while pending. */
  Optional<String> requestId;

  final boolean resumed;
  long cursor = PENDING;

  /** Epoch milliseconds since when it has been active. */
  long since;

  Subscription(Session session, LocalChannel channel, Optional<String> requestId, boolean resumed) {
    this.session = session;
    this.channel = channel;
    this.requestId = requestId;
    this.resumed = resumed;
  }

  boolean isPending() {
    return cursor == PENDING;
  }
}
