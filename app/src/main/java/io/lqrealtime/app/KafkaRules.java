package io.lqrealtime.app;

import io.lqrealtime.config.ConfigurationException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Which of Kafka's client properties can't be set from the environment, since the service sets them
 * itself: what it guarantees rests on them, or a setting of its own stands for them.
 *
 * <p>One that is set all the same stops the start. To ignore it would leave whoever set it with a
 * wrong belief.
 */
public final class KafkaRules {
  private static final String PREFIX = "LQ_KAFKA_";

  /** What Kafka Streams takes for one of its clients alone. */
  private static final List<String> CLIENTS =
      List.of(
          "producer.",
          "consumer.",
          "main.consumer.",
          "restore.consumer.",
          "global.consumer.",
          "admin.");

  private static final Map<String, String> OWN_SETTING =
      Map.of(
          "delivery.timeout.ms", "LQ_PUBLISH_TIMEOUT",
          "num.stream.threads", "LQ_ROUTER_THREADS",
          "num.standby.replicas", "LQ_ROUTER_STANDBYS",
          "replication.factor", "LQ_ROUTER_REPLICATION_FACTOR",
          "commit.interval.ms", "LQ_ROUTER_COMMIT_INTERVAL",
          "state.dir", "LQ_ROUTER_STATE_DIR",
          "statestore.cache.max.bytes", "LQ_ROUTER_CACHE_BYTES",
          "session.timeout.ms", "LQ_ROUTER_SESSION_TIMEOUT",
          "heartbeat.interval.ms", "LQ_ROUTER_SESSION_TIMEOUT");

  private static final Set<String> FIXED =
      Set.of(
          // That an ack means durable, once, in order, and that no thread waits for it.
          "acks",
          "enable.idempotence",
          "retries",
          "max.in.flight.requests.per.connection",
          "transactional.id",
          "max.block.ms",
          "linger.ms",
          "metadata.max.idle.ms",
          "metadata.recovery.strategy",
          "partitioner.class",
          "partitioner.ignore.keys",
          "key.serializer",
          "value.serializer",
          // That nothing is skipped, and that nobody else's group is touched.
          "enable.auto.commit",
          "auto.offset.reset",
          "allow.auto.create.topics",
          "isolation.level",
          "group.id",
          "group.instance.id",
          "group.protocol",
          "key.deserializer",
          "value.deserializer",
          // The router's.
          "client.id",
          "application.id",
          "processing.guarantee",
          "topology.optimization",
          "poll.ms",
          "max.task.idle.ms",
          "buffered.records.per.partition",
          "task.timeout.ms",
          "default.deserialization.exception.handler",
          "deserialization.exception.handler",
          "processing.exception.handler",
          "default.production.exception.handler",
          "production.exception.handler");

  private KafkaRules() {}

  /**
   * @param properties as the environment gives them
   * @throws ConfigurationException that names the key of one that can't be set so, or of an address
   *     that is none
   */
  public static void check(Map<String, String> properties) {
    properties.forEach(
        (property, value) -> {
          String name = withoutClient(property);
          String own = OWN_SETTING.get(name);
          if (own != null) {
            throw new ConfigurationException(key(property), "can't be set: set " + own);
          }
          if (FIXED.contains(name)) {
            throw new ConfigurationException(
                key(property), "can't be set: what the service guarantees rests on its own value");
          }
        });
    String servers = properties.getOrDefault("bootstrap.servers", "");
    Stream.of(servers.split(","))
        .map(String::strip)
        .filter(server -> !server.isEmpty() && !isHostAndPort(server))
        .findFirst()
        .ifPresent(
            server -> {
              throw new ConfigurationException(
                  key("bootstrap.servers"),
                  "must be host:port, comma-separated, and " + server + " is not");
            });
  }

  /**
   * The keys that are no property of Kafka's clients, nor of Kafka Streams, in order. They may be
   * right where a class of the operator's own reads them, so that they are passed on all the same.
   */
  static List<String> unknown(Set<String> keys) {
    List<String> ours = keys.stream().filter(key -> key.startsWith(PREFIX)).sorted().toList();
    if (ours.isEmpty()) {
      return ours;
    }
    Set<String> known = new HashSet<>(StreamsConfig.configDef().names());
    known.addAll(AdminClientConfig.configNames());
    known.addAll(ConsumerConfig.configNames());
    known.addAll(ProducerConfig.configNames());
    return ours.stream()
        .filter(key -> !known.contains(withoutClient(property(key))))
        .filter(key -> !property(key).startsWith(StreamsConfig.TOPIC_PREFIX))
        .toList();
  }

  private static boolean isHostAndPort(String server) {
    try {
      String host = Utils.getHost(server);
      Integer port = Utils.getPort(server);
      return host != null && !host.isEmpty() && port != null && port > 0 && port < 65_536;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** The key of the property that a message of Kafka's clients is about. */
  public static String keyNamedBy(String message, Set<String> keys) {
    Optional<String> set =
        keys.stream()
            .filter(key -> key.startsWith(PREFIX) && message.contains(property(key)))
            .max(Comparator.comparingInt(String::length));
    return set.orElse(
        message.contains("bootstrap.servers") ? key("bootstrap.servers") : PREFIX + "*");
  }

  private static String withoutClient(String property) {
    return CLIENTS.stream()
        .filter(property::startsWith)
        .map(client -> property.substring(client.length()))
        .findFirst()
        .orElse(property);
  }

  private static String key(String property) {
    return PREFIX + property.toUpperCase(Locale.ROOT).replace('.', '_');
  }

  private static String property(String key) {
    return key.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.');
  }
}
