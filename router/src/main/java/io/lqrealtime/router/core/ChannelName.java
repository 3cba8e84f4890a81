package io.lqrealtime.router.core;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;

/** A channel with its tenant: what the directory is looked up by. */
public record ChannelName(TenantId tenant, Channel channel) {}
