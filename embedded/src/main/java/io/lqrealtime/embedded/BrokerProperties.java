package io.lqrealtime.embedded;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/**
 * The broker's configuration: what makes it one node on the loopback, and defaults for a laptop
 * that a caller's properties may override. Names and meanings are Kafka's.
 */
final class BrokerProperties {
  static final int NODE_ID = 1;
  static final String BROKER_LISTENER = "BROKER";
  static final String CONTROLLER_LISTENER = "CONTROLLER";
  static final String SECURED_LISTENER = "SECURED";

  private BrokerProperties() {}

  static Map<String, String> of(KafkaOptions options, Path logDirectory, KafkaSockets sockets) {
    Map<String, String> properties = new HashMap<>(defaults());
    properties.putAll(options.properties());
    properties.putAll(
        identity(options.host(), logDirectory, sockets.brokerPort(), sockets.controllerPort()));
    options.secured().ifPresent(protocol -> addSecured(properties, options, protocol, sockets));
    return Map.copyOf(properties);
  }

  private static void addSecured(
      Map<String, String> properties,
      KafkaOptions options,
      SecurityProtocol protocol,
      KafkaSockets sockets) {
    String secured =
        ",%s://%s:%d".formatted(SECURED_LISTENER, options.host(), sockets.securedPort());
    properties.merge("listeners", secured, String::concat);
    properties.merge("advertised.listeners", secured, String::concat);
    properties.merge(
        "listener.security.protocol.map",
        ",%s:%s".formatted(SECURED_LISTENER, protocol.name),
        String::concat);
  }

  private static Map<String, String> identity(
      String host, Path logDirectory, int brokerPort, int controllerPort) {
    String broker = "%s://%s:%d".formatted(BROKER_LISTENER, host, brokerPort);
    String controller = "%s://%s:%d".formatted(CONTROLLER_LISTENER, host, controllerPort);
    return Map.ofEntries(
        Map.entry("process.roles", "broker,controller"),
        Map.entry("node.id", Integer.toString(NODE_ID)),
        Map.entry("listeners", broker + "," + controller),
        Map.entry("advertised.listeners", broker),
        Map.entry(
            "listener.security.protocol.map",
            "%s:PLAINTEXT,%s:PLAINTEXT".formatted(BROKER_LISTENER, CONTROLLER_LISTENER)),
        Map.entry("inter.broker.listener.name", BROKER_LISTENER),
        Map.entry("controller.listener.names", CONTROLLER_LISTENER),
        // A static quorum, because its voters are not written to the log: the controller's port may
        // then be another one at every start.
        Map.entry("controller.quorum.voters", "%d@%s:%d".formatted(NODE_ID, host, controllerPort)),
        Map.entry("log.dirs", logDirectory.toString()));
  }

  private static Map<String, String> defaults() {
    Map<String, String> defaults = new HashMap<>();
    topics(defaults);
    groups(defaults);
    pace(defaults);
    size(defaults);
    return defaults;
  }

  private static void topics(Map<String, String> defaults) {
    // Topics are made on purpose, with the number of partitions that the design asks for.
    defaults.put("auto.create.topics.enable", "false");
    defaults.put("delete.topic.enable", "true");
    defaults.put("default.replication.factor", "1");
    defaults.put("min.insync.replicas", "1");
    for (String topic :
        new String[] {"offsets.topic", "transaction.state.log", "share.coordinator.state.topic"}) {
      defaults.put(topic + ".replication.factor", "1");
      defaults.put(topic + ".num.partitions", "1");
      // The whole log is read at every start; the cleaner leaves the last segment alone.
      defaults.put(topic + ".segment.bytes", "8388608");
    }
    defaults.put("transaction.state.log.min.isr", "1");
    defaults.put("share.coordinator.state.topic.min.isr", "1");
    // After SIGKILL the last segment of each partition is read in full: an eighth of
    // Kafka's default.
    defaults.put("log.segment.bytes", "134217728");
    // Enough for such a segment at one entry every 4 KiB, a tenth of what Kafka maps per partition.
    defaults.put("log.index.size.max.bytes", "1048576");
  }

  private static void groups(Map<String, String> defaults) {
    defaults.put("group.initial.rebalance.delay.ms", "0");
    defaults.put("group.streams.initial.rebalance.delay.ms", "0");
    // Floors that let a client choose how soon it is missed; the sessions' defaults stay Kafka's.
    defaults.put("group.min.session.timeout.ms", "1000");
    for (String protocol : new String[] {"group.consumer", "group.share", "group.streams"}) {
      defaults.put(protocol + ".min.session.timeout.ms", "1000");
      defaults.put(protocol + ".min.heartbeat.interval.ms", "100");
    }
  }

  private static void pace(Map<String, String> defaults) {
    defaults.put("controlled.shutdown.enable", "true");
    // The wait after a registration or heartbeat that failed, and so the price of one at start.
    defaults.put("broker.heartbeat.interval.ms", "1000");
    // Kafka would wait for ever.
    defaults.put("server.max.startup.time.ms", "120000");
    // No records, written and synced twice a second, that say only that nothing happened.
    defaults.put("metadata.max.idle.interval.ms", "0");
    // One broker has no one to hand leadership to.
    defaults.put("auto.leader.rebalance.enable", "false");
    // Kafka's metrics stay readable in its own registry; as JMX beans they cost time at start.
    defaults.put("metric.reporters", "");
  }

  private static void size(Map<String, String> defaults) {
    defaults.put("num.network.threads", "2");
    defaults.put("num.io.threads", "2");
    defaults.put("background.threads", "2");
    defaults.put("group.coordinator.threads", "1");
    defaults.put("group.coordinator.background.threads", "1");
    defaults.put("share.coordinator.threads", "1");
    defaults.put("num.recovery.threads.per.data.dir", "2");
    defaults.put("log.cleaner.threads", "1");
    // Kafka would take 128 MiB. These do for 300,000 keys at a time: a log that many clients write
    // to is compacted as fast as it grows.
    defaults.put("log.cleaner.dedupe.buffer.size", "8388608");
  }
}
