package io.lqrealtime.app.topics;

import io.lqrealtime.topic.TopicNames;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The topics that must exist before the service starts, and how they are set.
 *
 * @param partitions of the inbound topic and of its index: the most routers that can share the
 *     work, and fixed for good
 * @param replicationFactor -1 for the broker's default
 * @param minInsyncReplicas how many replicas must hold a record before it counts as durable
 * @param retention of messages, and so how far back a client can resume
 * @param retentionBytes how much of a partition of the inbound topic, and of its index, is kept at
 *     the most; -1 for no bound
 */
public record TopicPlan(
    TopicNames names,
    int partitions,
    short replicationFactor,
    int minInsyncReplicas,
    Duration retention,
    long retentionBytes) {
  public static final int DEFAULT_PARTITIONS = 12;

  public TopicPlan {
    if (partitions < 1 || partitions > 10_000) {
      throw new IllegalArgumentException("a topic has 1 to 10000 partitions");
    }
    if (retentionBytes < -1 || retentionBytes == 0) {
      throw new IllegalArgumentException("retention in bytes is positive, or -1 for no bound");
    }
    if (replicationFactor != -1 && minInsyncReplicas > replicationFactor) {
      throw new IllegalArgumentException(
          "min.insync.replicas can't be more than the replication factor");
    }
  }

  List<NewTopic> topics() {
    Map<String, String> common = new HashMap<>();
    common.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(minInsyncReplicas));
    common.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
    // Whatever the broker's default: compaction would keep a message a tenant.
    common.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
    // The append's time is a message's time, and retention goes by it.
    Map<String, String> inbound = new HashMap<>(common);
    inbound.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    // An unclean leader would lose what has been acknowledged.
    inbound.put(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");
    inbound.put(TopicConfig.RETENTION_BYTES_CONFIG, Long.toString(retentionBytes));
    // What the index does not hold can't be found in the log: it is kept as long, by the time of
    // the messages, which its records carry.
    Map<String, String> index = new HashMap<>(inbound);
    index.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "CreateTime");
    // What is in force is kept, however old it is.
    Map<String, String> tenants = new HashMap<>(common);
    tenants.remove(TopicConfig.RETENTION_MS_CONFIG);
    tenants.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    tenants.put(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");
    return List.of(
        new NewTopic(names.inbound(), Optional.of(partitions), Optional.of(replicationFactor))
            .configs(inbound),
        new NewTopic(names.index(), Optional.of(partitions), Optional.of(replicationFactor))
            .configs(index),
        new NewTopic(names.tenants(), Optional.of(1), Optional.of(replicationFactor))
            .configs(tenants),
        new NewTopic(names.deadLetter(), Optional.of(1), Optional.of(replicationFactor))
            .configs(common));
  }
}
