package io.lqrealtime.router.core;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.UserId;

/**
 * A connection in a channel.
 *
 * @param generation the gateway's, by which it was last told
 * @param confirmedAt the offset at which the gateway last told that it is there
 */
public record Member(
    ChannelName channel,
    ConnectionId connection,
    UserId user,
    GatewayId gateway,
    long generation,
    long confirmedAt) {

  /** The same with these names, which are equal to its own. */
  Member with(ChannelName sharedChannel, GatewayId sharedGateway) {
    return new Member(sharedChannel, connection, user, sharedGateway, generation, confirmedAt);
  }
}
