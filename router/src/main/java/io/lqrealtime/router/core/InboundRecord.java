package io.lqrealtime.router.core;

import io.lqrealtime.record.MessageHeaders;
import org.jspecify.annotations.Nullable;

/**
 * A record of the inbound log as the engine sees it. Arrays are shared, and not to be changed.
 *
 * @param time epoch milliseconds of the append
 */
public record InboundRecord(
    long offset,
    long time,
    byte @Nullable [] key,
    MessageHeaders headers,
    byte @Nullable [] value) {}
