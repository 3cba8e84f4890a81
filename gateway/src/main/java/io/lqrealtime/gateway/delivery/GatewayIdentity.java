package io.lqrealtime.gateway.delivery;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;

/**
 * Who this gateway is.
 *
 * @param instance names the process, to tell two of the same id apart
 */
public record GatewayIdentity(GatewayId id, Region region, String instance) {}
