package io.lqrealtime.presence;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.UserId;

/**
 * A connection that is in a channel.
 *
 * @param since epoch milliseconds of its subscription
 */
public record Member(UserId user, ConnectionId connection, GatewayId gateway, long since) {}
