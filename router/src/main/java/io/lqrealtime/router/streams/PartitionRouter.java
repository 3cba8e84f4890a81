package io.lqrealtime.router.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.GatewayRecordCodec;
import io.lqrealtime.record.MessageHeaders;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.router.core.Change;
import io.lqrealtime.router.core.Decision;
import io.lqrealtime.router.core.Decision.ControlOutcome;
import io.lqrealtime.router.core.Decision.Verdict;
import io.lqrealtime.router.core.Directory;
import io.lqrealtime.router.core.Effect;
import io.lqrealtime.router.core.InboundRecord;
import io.lqrealtime.router.core.RoutingEngine;
import io.lqrealtime.router.core.StateCodec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what the {@link RoutingEngine} decides for one partition: effects to the sinks, then
 * changes to the directory and to the stores that it is built from again when the task starts
 * elsewhere.
 *
 * <p>A record that the engine fails on (a bug: it is made not to) stops nothing: it goes to the
 * dead-letter topic, and every gateway with channels in the partition learns by its chain that it
 * may have missed something. Failures of Kafka and of the stores are not caught here: the record is
 * decided again once Streams is over them.
 *
 * <p>One thread at a time, by Streams' contract.
 */
final class PartitionRouter {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionRouter.class);

  private final RouterContext router;
  private final Directory directory = new Directory();
  private final Map<GatewayId, String> topics = new HashMap<>();

  private final ProcessorContext<byte[], Outgoing> context;
  private final PartitionStores stores;
  private final int partition;
  private final RoutingEngine engine;

  /** Builds the state from the stores, which hold what was restored. */
  PartitionRouter(RouterContext router, ProcessorContext<byte[], Outgoing> context) {
    this.router = router;
    this.context = context;
    this.partition = context.taskId().partition();
    this.stores =
        new PartitionStores(
            context.getStateStore(RouterTopology.DIRECTORY_STORE),
            context.getStateStore(RouterTopology.PROGRESS_STORE));
    this.engine = new RoutingEngine(router.setting(partition), directory);
    stores.restore(router.log(), directory);
    router.partitions().show(this, partition, directory);
    LOG.info(
        "Partition {}: routing, with {} open and {} closed entries",
        partition,
        directory.openEntries(),
        directory.closedEntries());
  }

  void process(Record<byte[], byte[]> record) {
    RecordMetadata metadata = context.recordMetadata().orElseThrow();
    long offset = metadata.offset();
    Decision decision;
    try {
      decision = engine.decide(inbound(record, offset));
    } catch (RuntimeException e) {
      undecided(record, metadata, e);
      return;
    }
    count(decision.verdict());
    for (Effect effect : decision.effects()) {
      carryOut(effect, decision.verdict(), record, metadata);
    }
    apply(decision.changes());
    directory.readUpTo(offset);
  }

  void close() {
    router.partitions().hide(this, partition);
  }

  private static InboundRecord inbound(Record<byte[], byte[]> record, long offset) {
    MessageHeaders headers = new MessageHeaders();
    for (Header header : record.headers()) {
      headers.add(header.key(), header.value());
    }
    return new InboundRecord(offset, record.timestamp(), record.key(), headers, record.value());
  }

  private void undecided(
      Record<byte[], byte[]> record, RecordMetadata metadata, RuntimeException failure) {
    LOG.error(
        "Partition {}, offset {}: the record could not be decided on, and goes to {}",
        partition,
        metadata.offset(),
        router.names().deadLetter(),
        failure);
    router.metrics().undecided();
    deadLetter(record, metadata, DeadLetters.INTERNAL_ERROR, failure.toString());
    apply(engine.undecided());
    directory.readUpTo(metadata.offset());
  }

  private void count(Verdict verdict) {
    switch (verdict) {
      case Verdict.Routed routed -> router.metrics().routed();
      case Verdict.SentHome sent -> router.metrics().forwarded();
      case Verdict.ForwardedAgain again -> router.metrics().forwardedAgain();
      case Verdict.Rejected rejected -> router.metrics().deadLetter(rejected.reason());
      case Verdict.Controlled controlled ->
          router.metrics().controlled(controlled.type(), controlled.outcome());
    }
  }

  private void carryOut(
      Effect effect, Verdict verdict, Record<byte[], byte[]> record, RecordMetadata metadata) {
    switch (effect) {
      case Effect.Deliver deliver -> {
        if (verdict instanceof Verdict.Controlled controlled
            && controlled.outcome() == ControlOutcome.APPLIED) {
          router.topics().expect(topic(deliver.gateway()));
        }
        deliver(deliver.gateway(), deliver.record(), record.timestamp());
      }
      case Effect.Forward forward -> forward(forward, record);
      case Effect.DeadLetter dead ->
          deadLetter(record, metadata, dead.reason().wireName(), dead.detail());
    }
  }

  /**
   * A record for a topic that is not there is dropped here: it would block this thread, and all
   * gateways behind it, and the gateway finds the gap in its chain.
   */
  private void deliver(GatewayId gateway, GatewayRecord record, long time) {
    String topic = topic(gateway);
    if (!router.topics().exists(topic)) {
      router.metrics().droppedForMissingTopic();
      return;
    }
    RecordHeaders headers = new RecordHeaders();
    headers.add(GatewayRecordCodec.HEADER, GatewayRecordCodec.header(record));
    context.forward(
        new Record<>(
            null, new Outgoing.ToGateway(topic, GatewayRecordCodec.value(record)), time, headers),
        RouterTopology.GATEWAY_SINK);
    router.metrics().delivered();
  }

  private void forward(Effect.Forward forward, Record<byte[], byte[]> record) {
    Headers headers = new RecordHeaders(record.headers());
    headers.remove(RecordHeader.ORIGIN).remove(RecordHeader.MAC);
    headers.add(RecordHeader.ORIGIN, forward.origin().getBytes(UTF_8));
    headers.add(RecordHeader.MAC, forward.mac().getBytes(UTF_8));
    context.forward(
        new Record<>(
            record.key(),
            new Outgoing.Home(forward.home(), record.value()),
            record.timestamp(),
            headers),
        RouterTopology.HOME_SINK);
  }

  private void deadLetter(
      Record<byte[], byte[]> record, RecordMetadata metadata, String reason, String detail) {
    Headers headers =
        DeadLetters.headers(
            record.headers(),
            reason,
            detail,
            metadata.topic(),
            Integer.toString(metadata.partition()),
            Long.toString(metadata.offset()));
    context.forward(
        new Record<>(
            DeadLetters.key(record.key()),
            new Outgoing.ToDeadLetter(DeadLetters.value(record.value())),
            record.timestamp(),
            headers),
        RouterTopology.DEAD_LETTER_SINK);
  }

  private void apply(List<Change> changes) {
    for (Change change : changes) {
      directory.apply(change);
      StateCodec.write(change, stores);
    }
  }

  /** What is due about once a second. */
  void tick(long now) {
    for (Effect effect : engine.heartbeats()) {
      if (effect instanceof Effect.Deliver deliver) {
        deliver(deliver.gateway(), deliver.record(), now);
      }
    }
    apply(directory.expired(System.nanoTime(), now));
    router.partitions().show(this, partition, directory);
  }

  private String topic(GatewayId gateway) {
    return topics.computeIfAbsent(gateway, router.names()::gateway);
  }
}
