package io.lqrealtime.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import io.lqrealtime.id.Region;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.router.core.ControlKeys;
import io.lqrealtime.topic.TopicNames;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A router's settings. {@link #from} reads them from the environment, with default, bounds and
 * prose; the record itself takes what it is given.
 *
 * @param kafka properties for every Kafka client
 * @param stateDirectory of Streams, which keeps no data of ours there; a temporary one if absent
 * @param replicationFactor of the changelogs, or -1 for the broker's default
 * @param dedupWindow how long an id is remembered; zero for no dedup
 * @param dedupMaxIds how many ids the process remembers at the most
 * @param leaseTime how long a gateway's lease lasts, and has to be missing
 * @param topicWait how long the start waits for the topics
 */
public record RouterConfig(
    String bootstrapServers,
    Map<String, String> kafka,
    TopicNames topics,
    Region region,
    ControlKeys keys,
    int threads,
    int standbys,
    int replicationFactor,
    Optional<Path> stateDirectory,
    int maxPayloadBytes,
    FormatVersion format,
    Duration sessionTimeout,
    Duration commitInterval,
    int cacheBytes,
    Duration dedupWindow,
    int dedupMaxIds,
    Duration leaseTime,
    Duration topicWait) {

  private static final String CONTROL_KEY = "LQ_CONTROL_KEY";
  private static final String ORDER_KEY = "LQ_ORDER_KEY";

  public RouterConfig {
    kafka = Map.copyOf(kafka);
  }

  /** Reads the settings. */
  public static RouterConfig from(Environment environment) {
    Map<String, String> kafka = environment.kafkaProperties("LQ_KAFKA_");
    return new RouterConfig(
        environment.text(
            "LQ_KAFKA_BOOTSTRAP_SERVERS",
            "localhost:9092",
            "host:port, comma-separated",
            "where Kafka is"),
        kafka,
        environment.value(
            "LQ_TOPIC_PREFIX",
            TopicNames.DEFAULT_PREFIX,
            TopicNames::new,
            "1 to 60 characters out of A-Z a-z 0-9 _ - .",
            "what the service's topics start with"),
        environment.value(
            "LQ_REGION",
            "local",
            Region::new,
            "1 to 16 characters out of A-Z a-z 0-9 _ -",
            "the region this process works in"),
        new ControlKeys(
            key(
                    environment,
                    CONTROL_KEY,
                    "signs control records; the same in every gateway and router")
                .orElseThrow(() -> new ConfigurationException(CONTROL_KEY, "is required")),
            key(
                environment,
                ORDER_KEY,
                "another key that orders about tenants may be signed with: for those who give"
                    + " orders and need to be able to write nothing else")),
        environment.integer(
            "LQ_ROUTER_THREADS", 1, 1, 64, "threads that route; no more than partitions are used"),
        environment.integer(
            "LQ_ROUTER_STANDBYS",
            1,
            0,
            3,
            "other routers that keep a partition's state at hand to take over"),
        environment.integer(
            "LQ_ROUTER_REPLICATION_FACTOR",
            -1,
            -1,
            5,
            "replicas of the router's changelogs; -1 is the broker's default"),
        environment
            .optional(
                "LQ_ROUTER_STATE_DIR",
                "a directory that no other process uses",
                "for Streams' lock files; without it a temporary one")
            .map(Path::of),
        (int)
            environment.bytes(
                "LQ_MAX_PAYLOAD_BYTES", 65_536, 1, 1 << 20, "the largest payload of a message"),
        new FormatVersion(
            environment.integer(
                "LQ_FORMAT_VERSION",
                FormatVersion.FIRST.number(),
                1,
                FormatVersion.NEWEST,
                "the version of the records and the state that are written; all that this build"
                    + " knows are read")),
        environment.duration(
            "LQ_ROUTER_SESSION_TIMEOUT",
            Duration.ofSeconds(6),
            Duration.ofMillis(500),
            Duration.ofMinutes(1),
            "without a sign of life for this long a router's partitions go to another; the broker's"
                + " group.min.session.timeout.ms (6s by default) must allow it"),
        environment.duration(
            "LQ_ROUTER_COMMIT_INTERVAL",
            Duration.ofMillis(250),
            Duration.ofMillis(50),
            Duration.ofSeconds(5),
            "how often progress is saved; what came since is routed again after a crash"),
        (int)
            environment.bytes(
                "LQ_ROUTER_CACHE_BYTES",
                8 << 20,
                1 << 20,
                1 << 30,
                "memory for progress between two commits, over all threads"),
        environment.duration(
            "LQ_ROUTER_DEDUP_WINDOW",
            Duration.ofMinutes(2),
            Duration.ZERO,
            Duration.ofHours(1),
            "how long a message with the same id (and tenant, sender and channel) is taken for a"
                + " repeat, by the log's time; 0s: never. The same in all routers"),
        environment.integer(
            "LQ_ROUTER_DEDUP_MAX_IDS",
            5_000_000,
            1_000,
            100_000_000,
            "ids that a router remembers, about 27 bytes each; beyond, the oldest go early"),
        environment.duration(
            "LQ_LEASE",
            Duration.ofSeconds(10),
            Duration.ofSeconds(2),
            Duration.ofMinutes(5),
            "How long a gateway's lease lasts; it is renewed each second at least, and a"
                + " gateway whose lease has been missing for this long is taken for dead. The same"
                + " everywhere"),
        environment.duration(
            "LQ_ROUTER_TOPIC_WAIT",
            Duration.ofSeconds(30),
            Duration.ZERO,
            Duration.ofMinutes(10),
            "how long the start waits for Kafka and the topics"));
  }

  private static Optional<ControlKey> key(Environment environment, String setting, String prose) {
    return environment.secret(
        setting,
        secret -> new ControlKey(secret.getBytes(UTF_8)),
        "a secret text of 32 bytes or more",
        prose);
  }
}
