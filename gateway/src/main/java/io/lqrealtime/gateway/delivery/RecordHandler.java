package io.lqrealtime.gateway.delivery;

import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.session.Delivery;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.GatewayRecord.Claim;
import io.lqrealtime.record.GatewayRecord.Down;
import io.lqrealtime.record.GatewayRecord.Heartbeat;
import io.lqrealtime.record.GatewayRecord.Message;
import io.lqrealtime.record.GatewayRecord.Subscribed;
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
  private final DeliveryMetrics metrics;
  private final PartitionChain[] chains;

  RecordHandler(
      GatewayIdentity identity, ChannelRegistry registry, int partitions, DeliveryMetrics metrics) {
    this.identity = identity;
    this.registry = registry;
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
      if (chains[partition].isStarted()) {
        chains[partition].stop();
        out.accept(new Delivery.PartitionLost(partition));
      }
    }
  }

  private void message(Message message, Consumer<Delivery> out) {
    if (message.partition() >= chains.length) {
      metrics.unreadable();
      return;
    }
    switch (chains[message.partition()].message(message.offset(), message.previous())) {
      case NOT_STARTED -> {
        // Of a generation that is over: nobody here waits for it.
      }
      case DUPLICATE -> metrics.duplicate();
      case AFTER_A_GAP -> {
        lose(message.partition(), out);
        broadcast(message, out);
      }
      case NEXT -> broadcast(message, out);
    }
  }

  private void broadcast(Message message, Consumer<Delivery> out) {
    TenantChannel channel = new TenantChannel(message.tenant(), message.channel());
    if (!registry.isKnown(channel)) {
      return;
    }
    byte[] json =
        ServerFrames.message(
            message.channel(),
            message.position().toString(),
            message.id(),
            message.from(),
            message.time(),
            message.payload());
    out.accept(
        new Delivery.Broadcast(
            channel,
            message.partition(),
            message.offset(),
            FrameEncoder.text(json, 0, json.length),
            message.time()));
  }

  private void subscribed(Subscribed answer, Consumer<Delivery> out) {
    if (answer.partition() >= chains.length) {
      metrics.unreadable();
      return;
    }
    if (answer.generation() != registry.generation()) {
      return;
    }
    check(answer.partition(), answer.routed(), out);
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
      // From nothing, whatever it says: if an earlier answer to the up was lost, messages came
      // before this one and were dropped.
      chain.start(GatewayRecord.NOTHING);
    }
    if (heartbeat.generation() == registry.generation()) {
      check(partition, heartbeat.routed(), out);
    }
    return switch (registry.heartbeat(heartbeat)) {
      case AS_ASKED, UNSETTLED -> Duty.NONE;
      case SUPERSEDED -> Duty.NEW_GENERATION;
      case DIFFERS -> {
        metrics.digestMismatch();
        chain.stop();
        registry.startOver(partition);
        out.accept(new Delivery.PartitionLost(partition));
        yield Duty.NONE;
      }
    };
  }

  private void check(int partition, long routed, Consumer<Delivery> out) {
    if (chains[partition].misses(routed)) {
      lose(partition, out);
    }
  }

  private void lose(int partition, Consumer<Delivery> out) {
    metrics.gap();
    out.accept(new Delivery.PartitionLost(partition));
  }
}
