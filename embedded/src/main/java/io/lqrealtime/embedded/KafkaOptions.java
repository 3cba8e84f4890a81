package io.lqrealtime.embedded;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * How an {@link EmbeddedKafka} is to be set up.
 *
 * @param directory where its data lies
 * @param host the loopback address or name that it listens on and tells its clients
 * @param port the port for clients, or 0 for any free one
 * @param properties broker properties that win over the defaults in {@code BrokerProperties}
 * @param secured the security protocol of a second listener for clients, {@code SASL_SSL} say,
 *     beside the plain one
 */
public record KafkaOptions(
    DataDirectory directory,
    String host,
    int port,
    Map<String, String> properties,
    Optional<SecurityProtocol> secured) {

  /** What the properties of the second listener start with. */
  public static final String SECURED_PREFIX = "listener.name.secured.";

  /** What EmbeddedKafka decides itself, from the other options. */
  private static final Set<String> RESERVED =
      Set.of(
          "process.roles",
          "node.id",
          "broker.id",
          "listeners",
          "advertised.listeners",
          "listener.security.protocol.map",
          "inter.broker.listener.name",
          "controller.listener.names",
          "controller.quorum.voters",
          "controller.quorum.bootstrap.servers",
          "log.dir",
          "log.dirs",
          "metadata.log.dir");

  public KafkaOptions {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port: %d is not between 0 and 65535".formatted(port));
    }
    if (host.isBlank()) {
      throw new IllegalArgumentException("host: must not be blank");
    }
    properties = Map.copyOf(properties);
    for (String key : properties.keySet()) {
      if (RESERVED.contains(key)) {
        throw new IllegalArgumentException(
            "properties: %s follows from the directory, host and port".formatted(key));
      }
    }
  }

  /** Data in a directory that outlives the broker. */
  public static KafkaOptions in(Path directory) {
    return new KafkaOptions(
        new DataDirectory.Kept(directory), "127.0.0.1", 0, Map.of(), Optional.empty());
  }

  /** Data in a temporary directory that goes when the broker is closed. */
  public static KafkaOptions ephemeral() {
    return new KafkaOptions(
        new DataDirectory.Temporary(), "127.0.0.1", 0, Map.of(), Optional.empty());
  }

  public KafkaOptions withHost(String newHost) {
    return new KafkaOptions(directory, newHost, port, properties, secured);
  }

  public KafkaOptions withPort(int newPort) {
    return new KafkaOptions(directory, host, newPort, properties, secured);
  }

  /** Adds one broker property. */
  public KafkaOptions withProperty(String key, String value) {
    Map<String, String> more = new HashMap<>(properties);
    more.put(key, value);
    return new KafkaOptions(directory, host, port, more, secured);
  }

  /**
   * Adds a second listener for clients, on any free port; what it needs (keys, logins) are
   * properties that start with {@link #SECURED_PREFIX}.
   */
  public KafkaOptions withSecuredListener(SecurityProtocol protocol) {
    return new KafkaOptions(directory, host, port, properties, Optional.of(protocol));
  }
}
