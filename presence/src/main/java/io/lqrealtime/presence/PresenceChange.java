package io.lqrealtime.presence;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.UserId;

/**
 * What happens to one connection in one channel of its tenant. Each is absolute, not a difference:
 * to apply it twice is to apply it once.
 */
public sealed interface PresenceChange {
  Channel channel();

  ConnectionId connection();

  /**
   * The connection is in the channel.
   *
   * @param since epoch milliseconds
   */
  record Joined(Channel channel, ConnectionId connection, UserId user, long since)
      implements PresenceChange {}

  /** The connection is not in the channel, if it was this owner that put it there. */
  record Left(Channel channel, ConnectionId connection) implements PresenceChange {}
}
