package io.lqrealtime.router.streams;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * One source, one processor with its stores, four sinks:
 *
 * <pre>
 * lq.inbound → route ─┬→ lq.gateway.&lt;id&gt;
 *                     ├→ lq.inbound, another partition
 *                     ├→ lq.index, the same partition
 *                     └→ lq.dead-letter
 * </pre>
 *
 * <p>The stores are in memory behind a changelog. The directory's is written with each control
 * record, and however much of it is gone again: small segments, or all of that would be read at a
 * start, since the one that is written to is not compacted. The progress store moves with each
 * message, and is cached: {@code StreamTask.prepareCommit} (Kafka 4.3.1) flushes the caches to the
 * changelog and then the producer before the offsets are committed, so what is restored is what
 * held at the committed offset, for one changelog record a gateway and commit. It is ahead only if
 * the process dies between the two, if the cache overflows, or if Streams closes a task dirtily
 * ({@code TaskManager.closeDirtyAndRevive} flushes too), and never behind; the engine tells by the
 * offsets. The recent past is not cached, but written at the same moment by the batch: see {@link
 * CommitMarks}. What is removed of it leaves little behind in its changelog, or a takeover would
 * read days of it.
 *
 * <p>The gateways' sink has no partitioner: with one, Streams asks for the topic's partitions
 * first, and the failure of that for a missing topic never reaches the production-exception
 * handler. Their topics have one partition. The way home and the index have one, for their
 * partition is decided, and their topics are there.
 */
final class RouterTopology {
  static final String DIRECTORY_STORE = "directory";
  static final String PROGRESS_STORE = "progress";
  static final String GATEWAY_SINK = "gateways";
  static final String RECENT_STORE = "recent";
  static final String HOME_SINK = "home";
  static final String INDEX_SINK = "index";
  static final String TENANTS_SINK = "tenants";
  static final String DEAD_LETTER_SINK = "dead-letters";

  private static final String SOURCE = "inbound";
  private static final String PROCESSOR = "route";

  private static final Map<String, String> RECENT_TOPIC =
      Map.of(
          TopicConfig.SEGMENT_BYTES_CONFIG,
          Integer.toString(16 << 20),
          TopicConfig.DELETE_RETENTION_MS_CONFIG,
          "60000");

  /**
   * Who restores has to read from an entry to its removal within the time that this is there. What
   * came and went in that time is read by everybody who restores, so it is not long either.
   */
  private static final Map<String, String> DIRECTORY_TOPIC =
      Map.of(
          TopicConfig.SEGMENT_BYTES_CONFIG,
          Integer.toString(16 << 20),
          TopicConfig.DELETE_RETENTION_MS_CONFIG,
          "180000");

  private RouterTopology() {}

  static Topology of(RouterContext router) {
    Serializer<byte[]> keys = new ByteArraySerializer();
    Serializer<Outgoing> values = (topic, outgoing) -> outgoing.value();
    return new Topology()
        .addSource(
            AutoOffsetReset.earliest(),
            SOURCE,
            new AppendTime(),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer(),
            router.names().inbound())
        .addProcessor(PROCESSOR, () -> new RoutingProcessor(router), SOURCE)
        .addStateStore(
            store(DIRECTORY_STORE).withCachingDisabled().withLoggingEnabled(DIRECTORY_TOPIC),
            PROCESSOR)
        .addStateStore(store(PROGRESS_STORE).withCachingEnabled(), PROCESSOR)
        .addStateStore(
            store(RECENT_STORE).withCachingDisabled().withLoggingEnabled(RECENT_TOPIC), PROCESSOR)
        .addStateStore(router.marks().store(), PROCESSOR)
        .<byte[], Outgoing>addSink(
            GATEWAY_SINK, (key, value, context) -> gatewayTopic(value), keys, values, PROCESSOR)
        .<byte[], Outgoing>addSink(
            HOME_SINK,
            router.names().inbound(),
            keys,
            values,
            (topic, key, value, partitions) -> homePartition(value),
            PROCESSOR)
        .<byte[], Outgoing>addSink(
            INDEX_SINK,
            router.names().index(),
            keys,
            values,
            (topic, key, value, partitions) -> indexPartition(value),
            PROCESSOR)
        .addSink(TENANTS_SINK, router.names().tenants(), keys, values, PROCESSOR)
        .addSink(DEAD_LETTER_SINK, router.names().deadLetter(), keys, values, PROCESSOR);
  }

  private static StoreBuilder<KeyValueStore<byte[], byte[]>> store(String name) {
    return Stores.keyValueStoreBuilder(
        Stores.inMemoryKeyValueStore(name), Serdes.ByteArray(), Serdes.ByteArray());
  }

  private static String gatewayTopic(Outgoing outgoing) {
    if (outgoing instanceof Outgoing.ToGateway toGateway) {
      return toGateway.topic();
    }
    throw new IllegalStateException("not for a gateway: " + outgoing);
  }

  private static Optional<Set<Integer>> indexPartition(Outgoing outgoing) {
    if (outgoing instanceof Outgoing.ToIndex index) {
      return Optional.of(Set.of(index.partition()));
    }
    throw new IllegalStateException("not for the index: " + outgoing);
  }

  private static Optional<Set<Integer>> homePartition(Outgoing outgoing) {
    if (outgoing instanceof Outgoing.Home home) {
      return Optional.of(Set.of(home.partition()));
    }
    throw new IllegalStateException("not on its way home: " + outgoing);
  }
}
