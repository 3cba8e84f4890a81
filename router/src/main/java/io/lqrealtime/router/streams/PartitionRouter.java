package io.lqrealtime.router.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Position;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecordCodec;
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
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
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
 * <p>What was routed goes to the index {@value #INDEX_AFTER_MILLIS} ms after it was read, or before
 * the next record once {@value #INDEX_AT_MESSAGES} messages wait; a partition that is idle has no
 * timer, since with one Streams would commit all the time.
 *
 * <p>One thread at a time, by Streams' contract.
 */
final class PartitionRouter {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionRouter.class);

  static final int INDEX_AFTER_MILLIS = 100;
  static final int INDEX_AT_MESSAGES = 2_048;

  /** If no commit comes for long, memory is bounded by persisting ahead of it. */
  private static final int MAX_UNSAVED_MESSAGES = 65_536;

  /** More than several of the longest commit intervals and the producer's delivery timeout. */
  private static final int MAX_TICKS_WITHOUT_FLUSH = 30;

  private final RouterContext router;
  private final Directory directory;
  private final Map<GatewayId, String> topics = new HashMap<>();

  private final ProcessorContext<byte[], Outgoing> context;
  private final PartitionStores stores;
  private final int partition;
  private final RoutingEngine engine;
  private final CommitMarks.Mark mark;

  private boolean marked;
  private boolean flushing;
  private int ticksWithoutFlush;
  private @Nullable Cancellable indexTimer;

  /** Builds the state from the stores, which hold what was restored. */
  PartitionRouter(RouterContext router, ProcessorContext<byte[], Outgoing> context) {
    this.router = router;
    this.context = context;
    this.partition = context.taskId().partition();
    this.stores =
        new PartitionStores(
            context.getStateStore(RouterTopology.DIRECTORY_STORE),
            context.getStateStore(RouterTopology.PROGRESS_STORE),
            context.getStateStore(RouterTopology.RECENT_STORE),
            router.format());
    this.directory = router.emptyDirectory();
    this.engine = new RoutingEngine(router.setting(partition), directory);
    this.mark = router.marks().mark(context, this::save);
    restore();
    router.partitions().show(this, partition, directory);
    LOG.info(
        "Partition {}: routing, with {} open and {} closed entries",
        partition,
        directory.openEntries(),
        directory.closedEntries());
  }

  private void restore() {
    router.marks().enter();
    try {
      stores.restore(router.log(), directory);
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    } finally {
      router.marks().leave();
    }
    if (!directory.isIndexed()) {
      indexSoon();
    }
  }

  void process(Record<byte[], byte[]> record) {
    router.marks().enter();
    try {
      RecordMetadata metadata = context.recordMetadata().orElseThrow();
      beforeRecord(metadata.offset());
      route(record, metadata);
      afterRecord();
    } finally {
      router.marks().leave();
    }
  }

  private void beforeRecord(long offset) {
    flushedIfFlushing();
    if (directory.unindexedMessages() >= INDEX_AT_MESSAGES || directory.breaksAt(offset)) {
      index();
    }
    if (directory.unsavedMessages() >= MAX_UNSAVED_MESSAGES) {
      save(false);
    }
    if (directory.breaksAt(offset)) {
      LOG.warn(
          "Partition {}: the index has a hole, and goes on at offset {}: nothing is known of what"
              + " lies before",
          partition,
          offset);
    }
  }

  private void afterRecord() {
    if (!marked && !directory.isSaved()) {
      // Before: in a cache that is full the mark may be flushed at once.
      marked = true;
      mark.put();
    }
    if (!directory.isIndexed()) {
      indexSoon();
    }
  }

  private void route(Record<byte[], byte[]> record, RecordMetadata metadata) {
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
    directory.readUpTo(offset, record.timestamp());
  }

  void close() {
    mark.close();
    directory.close();
    router.partitions().hide(this, partition);
  }

  /** Persists what was read, before it is committed that it was read. */
  private void save(boolean beforeCommit) {
    apply(engine.unsaved());
    marked = false;
    if (beforeCommit) {
      directory.flushing();
      flushing = true;
    }
  }

  /** A flush that fails ends this processor: that Streams calls it again says that it went well. */
  private void flushedIfFlushing() {
    if (flushing) {
      directory.flushed();
      flushing = false;
      ticksWithoutFlush = 0;
    }
  }

  /**
   * Where no mark outlives its cache (one far too small), what was sent many ticks ago counts as
   * taken: there were commits since, and a send that failed would have ended this processor.
   */
  private void flushedAfterAll() {
    if (ticksWithoutFlush == 0) {
      directory.flushing();
    }
    ticksWithoutFlush++;
    if (ticksWithoutFlush > MAX_TICKS_WITHOUT_FLUSH) {
      directory.flushed();
      ticksWithoutFlush = 0;
    }
  }

  private void indexSoon() {
    if (indexTimer == null) {
      indexTimer =
          context.schedule(
              Duration.ofMillis(INDEX_AFTER_MILLIS), PunctuationType.WALL_CLOCK_TIME, this::index);
    }
  }

  private void index(long now) {
    router.marks().enter();
    try {
      flushedIfFlushing();
      index();
      if (indexTimer != null) {
        indexTimer.cancel();
        indexTimer = null;
      }
    } finally {
      router.marks().leave();
    }
  }

  private void index() {
    Optional<Effect.Index> next = engine.index();
    while (next.isPresent()) {
      carryOut(next.get());
      directory.apply(new Change.Indexed(next.get().to()));
      next = engine.index();
    }
  }

  private void carryOut(Effect.Index index) {
    context.forward(
        new Record<>(
            null,
            new Outgoing.ToIndex(partition, index.value()),
            index.time(),
            new RecordHeaders()),
        RouterTopology.INDEX_SINK);
    router.metrics().indexed();
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
    directory.readUpTo(metadata.offset(), record.timestamp());
  }

  private void count(Verdict verdict) {
    switch (verdict) {
      case Verdict.Routed routed -> router.metrics().routed();
      case Verdict.Duplicate duplicate -> router.metrics().duplicate();
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
      case Effect.Index index -> carryOut(index);
      case Effect.Write write -> write(write.record(), record.timestamp());
      case Effect.Announce announce -> announce(announce.order(), record, metadata);
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
    headers.add(GatewayRecordCodec.HEADER, GatewayRecordCodec.header(record, router.format()));
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

  private void write(ControlRecord control, long time) {
    ControlRecordCodec.Encoded encoded =
        ControlRecordCodec.encode(control, router.keys().service(), router.format());
    RecordHeaders headers = new RecordHeaders();
    encoded.headers().forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));
    context.forward(
        new Record<>(
            encoded.key(), new Outgoing.Home(encoded.partition(), encoded.value()), time, headers),
        RouterTopology.HOME_SINK);
  }

  private void announce(TenantOrder order, Record<byte[], byte[]> record, RecordMetadata metadata) {
    Position position = new Position(router.region(), router.log(), partition, metadata.offset());
    byte[] place = position.toString().getBytes(UTF_8);
    Headers headers = new RecordHeaders();
    headers.add(RecordHeader.TYPE, TenantOrderCodec.typeOf(order).getBytes(UTF_8));
    headers.add(RecordHeader.POSITION, place);
    byte[] key = TenantOrderCodec.snapshotKey(order);
    context.forward(
        new Record<>(key, new Outgoing.ToTenants(record.value()), record.timestamp(), headers),
        RouterTopology.TENANTS_SINK);
    if (TenantOrderCodec.leavesNothing(order)) {
      Headers tombstone = new RecordHeaders().add(RecordHeader.POSITION, place);
      context.forward(
          new Record<>(key, new Outgoing.ToTenants(null), record.timestamp(), tombstone),
          RouterTopology.TENANTS_SINK);
    }
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
      stores.write(change);
    }
  }

  /** What is due about once a second. */
  void tick(long now) {
    router.marks().enter();
    try {
      flushedIfFlushing();
      flushedAfterAll();
      beat(now);
    } finally {
      router.marks().leave();
    }
  }

  private void beat(long now) {
    for (Effect effect : engine.heartbeats()) {
      if (effect instanceof Effect.Deliver deliver) {
        deliver(deliver.gateway(), deliver.record(), now);
      }
    }
    for (Effect effect : engine.memberNews(System.nanoTime())) {
      switch (effect) {
        case Effect.Deliver deliver -> deliver(deliver.gateway(), deliver.record(), now);
        case Effect.Write write -> write(write.record(), now);
        case Effect.Forward _, Effect.Index _, Effect.Announce _, Effect.DeadLetter _ ->
            throw new IllegalStateException("no news of members");
      }
    }
    apply(directory.expired(System.nanoTime(), now, router.progress().committed(partition)));
    router.partitions().show(this, partition, directory);
  }

  private String topic(GatewayId gateway) {
    return topics.computeIfAbsent(gateway, router.names()::gateway);
  }
}
