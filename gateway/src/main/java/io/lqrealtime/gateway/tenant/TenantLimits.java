package io.lqrealtime.gateway.tenant;

import io.lqrealtime.config.Environment;
import io.lqrealtime.gateway.limit.RateLimit;
import io.lqrealtime.tenant.TenantPolicy;
import io.lqrealtime.tenant.TenantPolicy.Kind;

/**
 * What one tenant may have and do on one gateway.
 *
 * @param connections at once
 * @param connectionsPerUser of these
 * @param channels that its clients are subscribed to; a channel counts once
 * @param subscribesPerSecond subscriptions that its clients begin: each is a few records and
 *     changes in the router, in Redis and in other gateways, whether its channel is new or not
 * @param publishing what its clients may publish
 * @param answerBytesPerSecond what they get in answers about history and presence, to pings and to
 *     unsubscribes: past it whoever asked is not read from for a while, and past another second of
 *     it no more is asked until that is made up for
 */
public record TenantLimits(
    int connections,
    int connectionsPerUser,
    int channels,
    int subscribesPerSecond,
    RateLimit publishing,
    int answerBytesPerSecond) {
  /** The limits of a tenant without a policy of its own. */
  public static TenantLimits from(Environment env) {
    return new TenantLimits(
        env.integer(
            "LQ_TENANT_MAX_CONNECTIONS",
            100_000,
            1,
            TenantPolicy.HIGHEST_COUNT,
            "Connections of one tenant on one gateway, where its policy says nothing; one more gets"
                + " HTTP 503 with Retry-After."),
        env.integer(
            "LQ_TENANT_MAX_CONNECTIONS_PER_USER",
            20_000,
            1,
            TenantPolicy.HIGHEST_COUNT,
            "Connections of one user of a tenant on one gateway, likewise."),
        env.integer(
            "LQ_TENANT_MAX_CHANNELS",
            100_000,
            1,
            TenantPolicy.HIGHEST_COUNT,
            "Channels that the clients of one tenant are subscribed to on one gateway, where its"
                + " policy says nothing; one more gets limit_exceeded."),
        env.integer(
            "LQ_TENANT_SUBSCRIBES_PER_SECOND",
            500,
            1,
            TenantPolicy.HIGHEST_RATE,
            "Subscriptions that the clients of one tenant begin in a second on one gateway, where"
                + " its policy says nothing, beside 20 at once and one each 5 s of each connection;"
                + " more get rate_limited. After a rest of 5 s five times as many at once. A"
                + " connection that comes after another of the tenant has gone finds what that one"
                + " spent of its 20."),
        new RateLimit(
            env.integer(
                "LQ_TENANT_MESSAGES_PER_SECOND",
                50_000,
                1,
                TenantPolicy.HIGHEST_RATE,
                "Messages that the clients of one tenant publish in a second on one gateway, where"
                    + " its policy says nothing; more get rate_limited."),
            env.integer(
                "LQ_TENANT_BYTES_PER_SECOND",
                64 << 20,
                1024,
                TenantPolicy.HIGHEST_RATE,
                "Bytes of the payloads that clients of one tenant may publish in a second,"
                    + " likewise.")),
        env.integer(
            "LQ_TENANT_ANSWER_BYTES_PER_SECOND",
            16 << 20,
            TenantPolicy.LOWEST_BYTES,
            TenantPolicy.HIGHEST_RATE,
            "Bytes of the answers about history and presence, to pings and to unsubscribes that the"
                + " clients of one tenant get in a second on one gateway, where its policy says"
                + " nothing; each counts as 512 at least. Who asks for more is answered, and then"
                + " not read from for up to a second; and while more than a second of it is owed,"
                + " history, presence and pings get rate_limited. An answer for each connection"
                + " may come on top, and is owed too."));
  }

  /** The subscribes as a rate: of any size. */
  RateLimit subscribes() {
    return new RateLimit(subscribesPerSecond, RateLimit.HIGHEST);
  }

  /** The answers as a rate: any number of them. */
  RateLimit answers() {
    return new RateLimit(RateLimit.HIGHEST, answerBytesPerSecond);
  }

  /** These limits, but for what the policy says. */
  public TenantLimits with(TenantPolicy policy) {
    return new TenantLimits(
        policy.limit(Kind.CONNECTIONS).orElse(connections),
        policy.limit(Kind.CONNECTIONS_PER_USER).orElse(connectionsPerUser),
        policy.limit(Kind.CHANNELS).orElse(channels),
        policy.limit(Kind.SUBSCRIBES_PER_SECOND).orElse(subscribesPerSecond),
        new RateLimit(
            policy.limit(Kind.MESSAGES_PER_SECOND).orElse((int) publishing.messagesPerSecond()),
            policy.limit(Kind.BYTES_PER_SECOND).orElse((int) publishing.bytesPerSecond())),
        policy.limit(Kind.ANSWER_BYTES_PER_SECOND).orElse(answerBytesPerSecond));
  }
}
