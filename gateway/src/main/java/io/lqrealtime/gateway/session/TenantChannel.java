package io.lqrealtime.gateway.session;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;

/**
 * A channel of one tenant: what everything in the gateway is keyed by, so that no name reaches
 * another tenant.
 */
public record TenantChannel(TenantId tenant, Channel channel) {}
