package io.lqrealtime.gateway.session;

import io.lqrealtime.config.Environment;
import io.lqrealtime.gateway.limit.RateLimit;

/**
 * What one connection may have and do at the most.
 *
 * @param maxPayloadBytes of a message
 * @param maxSubscriptions channels subscribed at once
 * @param maxUnacked publishes that are not durable yet; at that many the gateway stops reading
 * @param maxErrorsPerMinute errors before the connection is closed with 1008
 * @param rate of its text frames, whatever they are
 */
public record SessionLimits(
    int maxPayloadBytes,
    int maxSubscriptions,
    int maxUnacked,
    int maxErrorsPerMinute,
    RateLimit rate) {
  public SessionLimits {
    if (maxSubscriptions < 1 || maxUnacked < 1 || maxErrorsPerMinute < 1 || maxPayloadBytes < 1) {
      throw new IllegalArgumentException("every limit of a session is 1 or more");
    }
  }

  public static SessionLimits from(Environment env) {
    return new SessionLimits(
        env.integer(
            "LQ_MAX_PAYLOAD_BYTES",
            65_536,
            1,
            1 << 20,
            "The largest payload of a message, from clients and backends."),
        env.integer(
            "WS_MAX_SUBSCRIPTIONS", 200, 1, 10_000, "Channels that one connection subscribes to."),
        env.integer(
            "WS_MAX_UNACKED",
            256,
            1,
            65_536,
            "Publishes of one connection that are not durable yet; then it is not read from."),
        env.integer(
            "WS_MAX_ERRORS_PER_MINUTE",
            100,
            1,
            1_000_000,
            "Errors that a connection may cause in a minute before it is closed with 1008."),
        new RateLimit(
            env.integer(
                "WS_MAX_MESSAGES_PER_SECOND",
                10_000,
                1,
                1_000_000,
                "Text frames of any type that one connection sends in a second; more get"
                    + " rate_limited, and the connection is not read from for retryAfterMs. The"
                    + " first 16 of each connection are not counted."),
            env.integer(
                "WS_MAX_BYTES_PER_SECOND",
                16 << 20,
                1024,
                1_000_000_000,
                "Bytes of these frames, likewise; those of the first 16 are not counted either. One"
                    + " frame of any size passes each second.")));
  }
}
