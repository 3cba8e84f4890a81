package io.lqrealtime.gateway.delivery;

import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.session.Delivery;
import io.lqrealtime.gateway.session.MemberFrames;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.GatewayRecord.Claim;
import io.lqrealtime.record.GatewayRecord.Counts;
import io.lqrealtime.record.GatewayRecord.Down;
import io.lqrealtime.record.GatewayRecord.Heartbeat;
import io.lqrealtime.record.GatewayRecord.Message;
import io.lqrealtime.record.GatewayRecord.Subscribed;
import io.lqrealtime.record.MemberEvent;
import java.util.List;
import java.util.function.Consumer;

/**
 * Decides what a record of the gateway's topic means: for the I/O threads (deliveries, in order)
 * and for the gateway itself (its standing). Keeps the chain of each partition, and notices what is
 * missing. Confined to the reader's thread; does no I/O.
 */
final class RecordHandler {
  /** What the gateway has to do about itself. */
  enum Duty {
    NONE,
    /** This generation is over, though the process is alive: take a new one. */
    NEW_GENERATION,
    /** Another process has claimed this id: leave. */
    LEAVE
  }

  private final GatewayIdentity identity;
  private final ChannelRegistry registry;
  private final RecentMessages recent;
  private final DeliveryMetrics metrics;
  private final PartitionChain[] chains;

  RecordHandler(
      GatewayIdentity identity,
      ChannelRegistry registry,
      int partitions,
      RecentMessages recent,
      DeliveryMetrics metrics) {
    this.identity = identity;
    this.registry = registry;
    this.recent = recent;
    this.metrics = metrics;
    this.chains = new PartitionChain[partitions];
    for (int i = 0; i < partitions; i++) {
      chains[i] = new PartitionChain();
    }
  }

  Duty handle(GatewayRecord record, Consumer<Delivery> out) {
    switch (record) {
      case Message message -> message(message, out);
      case Subscribed answer -> subscribed(answer, out);
      case Counts counts -> counts(counts, out);
      case Heartbeat heartbeat -> {
        return heartbeat(heartbeat, out);
      }
      case Down down -> {
        return down.generation() >= registry.generation() ? Duty.NEW_GENERATION : Duty.NONE;
      }
      case Claim claim -> {
        return claim.instance().equals(identity.instance()) ? Duty.NONE : Duty.LEAVE;
      }
    }
    return Duty.NONE;
  }

  /** A record that can't be read may have been a message of any partition. */
  void unreadable(Consumer<Delivery> out) {
    metrics.unreadable();
    loseEverything(out);
  }

  /** Every partition's chain ends, and starts anew with the router's next answer. */
  void loseEverything(Consumer<Delivery> out) {
    for (int partition = 0; partition < chains.length; partition++) {
      suspend(partition, out);
    }
  }

  /** The chain ends; it starts anew with the router's next answer. */
  private void suspend(int partition, Consumer<Delivery> out) {
    PartitionChain chain = chains[partition];
    if (chain.isStarted()) {
      out.accept(new Delivery.Suspended(partition, chain.last()));
      recent.stop(partition);
      chain.stop();
    }
  }

  /** From nothing: what the router says it routed before has not come here. */
  private void start(int partition) {
    chains[partition].start(GatewayRecord.NOTHING);
    recent.startAt(partition, GatewayRecord.NOTHING);
  }

  private void message(Message message, Consumer<Delivery> out) {
    if (message.partition() >= chains.length) {
      metrics.unreadable();
      return;
    }
    PartitionChain chain = chains[message.partition()];
    long before = chain.last();
    switch (chain.message(message.offset(), message.previous())) {
      case NOT_STARTED -> {
        // Of a generation that is over: nobody here waits for it.
      }
      case DUPLICATE -> metrics.duplicate();
      case AFTER_A_GAP -> {
        gap(message.partition(), before, message.offset() - 1, out);
        broadcast(message, out);
      }
      case NEXT -> broadcast(message, out);
    }
  }

  private void broadcast(Message message, Consumer<Delivery> out) {
    TenantChannel channel = new TenantChannel(message.tenant(), message.channel());
    if (!registry.isKnown(channel)) {
      recent.reached(message.partition(), message.offset());
      return;
    }
    byte[] json = message.channel().isMembers() ? event(message) : json(message);
    byte[] frame = FrameEncoder.text(json, 0, json.length);
    recent.add(channel, message.partition(), message.offset(), frame);
    out.accept(
        new Delivery.Broadcast(
            channel, message.partition(), message.offset(), frame, message.time()));
  }

  private static byte[] json(Message message) {
    return ServerFrames.message(
        message.channel(),
        message.position().toString(),
        message.id(),
        message.from(),
        message.time(),
        message.payload());
  }

  private static byte[] event(Message message) {
    return MemberFrames.json(
        message.channel(), message.position().toString(), MemberEvent.decode(message.payload()));
  }

  private void counts(Counts counts, Consumer<Delivery> out) {
    TenantChannel companion = new TenantChannel(counts.tenant(), counts.channel().members());
    if (!registry.isKnown(companion)) {
      return;
    }
    String position = counts.position().toString();
    byte[] json =
        counts.joins()
            ? ServerFrames.joinCounts(
                counts.channel(), position, counts.connections(), counts.users())
            : ServerFrames.leaveCounts(
                counts.channel(), position, counts.connections(), counts.users());
    out.accept(new Delivery.Notice(companion, FrameEncoder.text(json, 0, json.length)));
  }

  private void subscribed(Subscribed answer, Consumer<Delivery> out) {
    if (answer.partition() >= chains.length) {
      metrics.unreadable();
      return;
    }
    if (answer.generation() != registry.generation()) {
      return;
    }
    if (!chains[answer.partition()].isStarted()) {
      start(answer.partition());
    }
    check(answer.partition(), answer.routed(), out);
    recent.reached(answer.partition(), answer.offset());
    List<TenantChannel> active = registry.subscribed(answer);
    if (!active.isEmpty()) {
      out.accept(new Delivery.Activated(active, answer.partition(), answer.offset()));
    }
  }

  private Duty heartbeat(Heartbeat heartbeat, Consumer<Delivery> out) {
    int partition = heartbeat.partition();
    if (partition >= chains.length) {
      metrics.unreadable();
      return Duty.NONE;
    }
    PartitionChain chain = chains[partition];
    if (!chain.isStarted() && registry.answersUp(heartbeat)) {
      // Whatever it says: if an earlier answer to the up was lost, messages came before this one
      // and were dropped.
      start(partition);
    }
    if (heartbeat.generation() == registry.generation()) {
      check(partition, heartbeat.routed(), out);
    }
    return switch (registry.heartbeat(heartbeat)) {
      case AS_ASKED, UNSETTLED -> Duty.NONE;
      case SUPERSEDED -> Duty.NEW_GENERATION;
      case DIFFERS -> {
        metrics.digestMismatch();
        suspend(partition, out);
        registry.startOver(partition);
        yield Duty.NONE;
      }
    };
  }

  private void check(int partition, long routed, Consumer<Delivery> out) {
    long before = chains[partition].last();
    if (chains[partition].misses(routed)) {
      gap(partition, before, routed, out);
    }
  }

  private void gap(int partition, long after, long upTo, Consumer<Delivery> out) {
    metrics.gap();
    recent.startAt(partition, upTo);
    out.accept(new Delivery.Gap(partition, after, upTo));
  }
}
