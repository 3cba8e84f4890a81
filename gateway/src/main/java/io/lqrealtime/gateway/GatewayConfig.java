package io.lqrealtime.gateway;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import io.lqrealtime.gateway.limit.HandshakeLimits;
import io.lqrealtime.gateway.security.AuthConfig;
import io.lqrealtime.gateway.security.Secret;
import io.lqrealtime.gateway.session.SessionLimits;
import io.lqrealtime.gateway.tenant.TenantLimits;
import io.lqrealtime.gateway.tls.TlsConfig;
import io.lqrealtime.gateway.websocket.FrameLimits;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.topic.TopicNames;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * A gateway's settings.
 *
 * @param kafka properties of every Kafka client, {@code bootstrap.servers} among them
 * @param tls of the clients' port, which is plain without
 * @param allowedOrigins of browsers; empty: any
 * @param deflateMinBytes from how many bytes on a text is sent deflated to clients that negotiate
 *     permessage-deflate; empty: none can
 * @param maxRevocations of a tenant's tokens
 * @param startTimeout for Kafka and its topics to be there, and before that for a JWK Set's server
 */
public record GatewayConfig(
    GatewayId id,
    Region region,
    TopicNames topics,
    Map<String, String> kafka,
    short replicationFactor,
    Duration gatewayTopicRetention,
    String host,
    int port,
    Optional<TlsConfig> tls,
    int ioThreads,
    int maxConnections,
    List<String> allowedOrigins,
    AuthConfig auth,
    Secret controlKey,
    int maxFrameBytes,
    int maxFragments,
    OptionalInt deflateMinBytes,
    FormatVersion format,
    int maxOutboundBytes,
    long outboundBudgetBytes,
    long inboundBudgetBytes,
    long recentBytes,
    long recentChannelBytes,
    long historyCacheBytes,
    Duration maxLag,
    SessionLimits session,
    TenantLimits tenant,
    int maxRevocations,
    HandshakeLimits handshakes,
    int maxControlFramesPerSecond,
    int heartbeatSeconds,
    Duration deliveryTimeout,
    Duration drainTime,
    Duration startTimeout,
    boolean console) {

  /** RFC 6454, section 6.2: scheme, host and port, and no path; or what opaque origins send. */
  private static final Pattern ORIGIN = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://[^/\\s]+|null");

  public GatewayConfig {
    kafka = Map.copyOf(kafka);
    allowedOrigins = List.copyOf(allowedOrigins);
    for (String origin : allowedOrigins) {
      if (!ORIGIN.matcher(origin).matches()) {
        throw new ConfigurationException(
            "LQ_ALLOWED_ORIGINS", "'" + origin + "' is no origin such as https://app.example.com");
      }
    }
    // One tenant may have half of what an I/O thread has.
    if (inboundBudgetBytes / ioThreads / 2 < maxFrameBytes) {
      throw new ConfigurationException(
          "LQ_INBOUND_BUDGET_BYTES",
          "less than twice WS_MAX_FRAME_BYTES for each of WS_IO_THREADS: a large message could"
              + " never come in pieces");
    }
  }

  /**
   * @throws ConfigurationException that names the key whose value can't be used
   */
  public static GatewayConfig from(Environment env) {
    Map<String, String> kafka = new java.util.TreeMap<>(env.kafkaProperties("LQ_KAFKA_"));
    kafka.putIfAbsent("bootstrap.servers", "localhost:9092");
    return new GatewayConfig(
        env.value(
            "LQ_GATEWAY_ID",
            "gateway-1",
            GatewayId::new,
            "1 to 100 characters out of A-Z a-z 0-9 _ - .",
            "This gateway's stable id (a StatefulSet's ordinal, say), which also names its topic."
                + " No two gateways of a region may share one."),
        env.value(
            "LQ_REGION",
            "local",
            Region::new,
            "1 to 16 characters out of A-Z a-z 0-9 _ -",
            "The region that this process serves; part of every position."),
        env.value(
            "LQ_TOPIC_PREFIX",
            TopicNames.DEFAULT_PREFIX,
            TopicNames::new,
            "1 to 60 characters out of A-Z a-z 0-9 _ - .",
            "What all topic names start with."),
        kafka,
        (short)
            env.integer(
                "LQ_REPLICATION_FACTOR",
                -1,
                -1,
                100,
                "Replicas of topics that this process creates; -1 is the broker's default."),
        env.duration(
            "LQ_GATEWAY_TOPIC_RETENTION",
            Duration.ofHours(1),
            Duration.ofMinutes(1),
            Duration.ofHours(168),
            "How long a gateway's topic keeps what has been delivered."),
        env.text("WS_HOST", "0.0.0.0", "an address", "The address that clients connect to."),
        env.integer(
            "WS_PORT", 8082, 0, 65535, "The port that clients connect to; 0 is any free one."),
        TlsConfig.from(env),
        env.integer(
            "WS_IO_THREADS",
            Runtime.getRuntime().availableProcessors(),
            1,
            256,
            "I/O threads; by default one for each core."),
        env.integer(
            "WS_MAX_CONNECTIONS_PER_INSTANCE",
            10_000,
            1,
            10_000_000,
            "Connections at once; one more gets HTTP 503 with Retry-After."),
        env.list(
            "LQ_ALLOWED_ORIGINS",
            "a comma-separated list of origins",
            "Origins that browsers may connect from; any, if empty. Others get HTTP 403."),
        AuthConfig.from(env),
        Secret.required(
            env,
            "LQ_CONTROL_KEY",
            "The key that control records are signed with, the same for all gateways and routers of"
                + " all regions; at least 32 bytes."),
        env.integer(
            "WS_MAX_FRAME_BYTES",
            65_536,
            1024,
            16 << 20,
            "The largest message of a client, as a whole frame or the sum of its fragments, also"
                + " when it is inflated."),
        env.integer(
            "WS_MAX_FRAGMENTS",
            FrameLimits.DEFAULT_MAX_FRAGMENTS_PER_MESSAGE,
            1,
            1_000_000,
            "Frames of one message at the most, empty ones among them; one more closes with 1008."),
        deflate(env),
        new FormatVersion(
            env.integer(
                "LQ_FORMAT_VERSION",
                FormatVersion.FIRST.number(),
                1,
                FormatVersion.NEWEST,
                "The version of the records that are written; all that this build knows are"
                    + " read.")),
        env.integer(
            "WS_MAX_OUTBOUND_BYTES",
            262_144,
            65_536,
            64 << 20,
            "What may wait for one client's socket, in bytes; past it the client counts as behind,"
                + " and catches up from memory or the log."),
        env.integer(
            "LQ_OUTBOUND_BUDGET_BYTES",
            256 << 20,
            1 << 20,
            Integer.MAX_VALUE,
            "What may wait for all clients' sockets together, in bytes. A tenant may have as much"
                + " as is left of it; past that each of its clients is held to 16 KiB. A frame that"
                + " goes to several counts for each of them."),
        env.integer(
            "LQ_INBOUND_BUDGET_BYTES",
            128 << 20,
            1 << 20,
            Integer.MAX_VALUE,
            "What may be kept of clients' messages that are not whole yet, all together, in bytes."
                + " A tenant may have as much as is left of it; past that a client of it that sends"
                + " more of one is closed with 1013."),
        env.integer(
            "LQ_RECENT_BYTES",
            64 << 20,
            1 << 16,
            Integer.MAX_VALUE,
            "Memory for the last messages that passed, which clients catch up from first."),
        env.integer(
            "LQ_RECENT_CHANNEL_BYTES",
            8 << 20,
            1 << 16,
            Integer.MAX_VALUE,
            "How much of that one channel may have."),
        env.integer(
            "LQ_HISTORY_CACHE_BYTES",
            64 << 20,
            1 << 20,
            Integer.MAX_VALUE,
            "Memory for parts of the log that were read for clients that catch up from it."),
        env.duration(
            "WS_MAX_LAG",
            Duration.ofMinutes(15),
            Duration.ofSeconds(1),
            Duration.ofHours(24),
            "How long a client may have more waiting for it than its socket takes before it is"
                + " closed with 4413."),
        SessionLimits.from(env),
        TenantLimits.from(env),
        env.integer(
            "LQ_TENANT_MAX_REVOCATIONS",
            100_000,
            10,
            10_000_000,
            "Revocations of tokens that are told apart, of one tenant. Past that the oldest give"
                + " way: all of the tenant's tokens are refused that are as old."),
        HandshakeLimits.from(env),
        env.integer(
            "WS_MAX_CONTROL_FRAMES_PER_SECOND",
            100,
            1,
            1_000_000,
            "WebSocket pings and pongs that one connection sends in a second; past that it is"
                + " closed with 1008. 16 are not counted, and again 16 after each heartbeat"
                + " (WS_HEARTBEAT_SECONDS)."),
        env.integer(
            "WS_HEARTBEAT_SECONDS",
            25,
            1,
            3600,
            "Seconds between pings; a client of which nothing has come from one to the next is"
                + " closed with 4408."),
        env.duration(
            "LQ_PUBLISH_TIMEOUT",
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofMinutes(2),
            "How long Kafka may take to make a message durable before its publisher gets"
                + " unavailable."),
        env.duration(
            "LQ_DRAIN_TIME",
            Duration.ofSeconds(10),
            Duration.ZERO,
            Duration.ofMinutes(30),
            "Over how long a gateway that stops spreads its clients' reconnects."),
        env.duration(
            "LQ_START_TIMEOUT",
            Duration.ofSeconds(60),
            Duration.ofSeconds(1),
            Duration.ofMinutes(30),
            "How long the start waits for Kafka and its topics; before that as long for a JWK Set"
                + " from a URL."),
        env.flag("LQ_CONSOLE", false, "Whether the console page is served on the WebSocket port."));
  }

  private static OptionalInt deflate(Environment env) {
    boolean on =
        env.flag(
            "WS_COMPRESSION",
            false,
            "Whether permessage-deflate is negotiated with clients that offer it.");
    int minBytes =
        env.integer(
            "WS_COMPRESSION_MIN_BYTES",
            256,
            0,
            65_536,
            "From how many bytes on a text is sent compressed to clients that negotiated it.");
    return on ? OptionalInt.of(minBytes) : OptionalInt.empty();
  }

  /** Of what a client sends. */
  FrameLimits frameLimits() {
    return new FrameLimits(maxFrameBytes, maxFragments);
  }
}
