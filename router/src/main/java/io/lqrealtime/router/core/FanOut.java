package io.lqrealtime.router.core;

import io.lqrealtime.record.GatewayRecord;
import java.util.List;
import java.util.Optional;

/**
 * To which gateways something goes that lies in a channel: those that have the channel at its
 * offset. Reads the directory and never moves it.
 */
final class FanOut {
  private final RoutingEngine.Setting setting;
  private final Directory directory;

  /** What goes out, and where it lies. */
  record Item(
      ChannelName channel,
      long offset,
      long time,
      Optional<String> id,
      Optional<String> from,
      byte[] payload) {}

  FanOut(RoutingEngine.Setting setting, Directory directory) {
    this.setting = setting;
    this.directory = directory;
  }

  void route(Item item, List<Effect> effects, List<Change> changes) {
    Optional<Subscribers> subscribers = directory.subscribers(item.channel());
    if (subscribers.isEmpty()) {
      return;
    }
    long offset = item.offset();
    List<Entry> open = subscribers.get().open();
    for (int i = 0; i < open.size(); i++) {
      if (open.get(i).covers(offset)) {
        deliver(open.get(i), item, effects, changes);
      }
    }
    for (Entry entry : subscribers.get().closedPast(offset)) {
      if (entry.covers(offset) && !isDelivered(entry, effects)) {
        deliver(entry, item, effects, changes);
      }
    }
  }

  private void deliver(Entry entry, Item item, List<Effect> effects, List<Change> changes) {
    Gateway gateway = directory.known(entry.gateway());
    effects.add(
        new Effect.Deliver(
            gateway.id(),
            new GatewayRecord.Message(
                item.channel().tenant(),
                item.channel().channel(),
                setting.region(),
                setting.log(),
                setting.partition(),
                item.offset(),
                gateway.routedBefore(item.offset()),
                item.time(),
                item.id(),
                item.from(),
                item.payload())));
    gateway
        .chainPast(item.offset())
        .ifPresent(chain -> changes.add(new Change.Routed(gateway.id(), chain)));
  }

  /** Entries of one gateway overlap only where more boundaries passed than are remembered. */
  private static boolean isDelivered(Entry entry, List<Effect> effects) {
    for (Effect effect : effects) {
      if (effect instanceof Effect.Deliver deliver && deliver.gateway().equals(entry.gateway())) {
        return true;
      }
    }
    return false;
  }
}
