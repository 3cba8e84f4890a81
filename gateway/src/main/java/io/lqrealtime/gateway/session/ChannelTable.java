package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.Since;
import io.lqrealtime.gateway.session.ChannelMetrics.Behind;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.UserId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who is subscribed to what on one I/O thread, and the fan-out to them. Confined to that thread, so
 * without a lock.
 *
 * <p>The thread sees the deliveries of a partition in order of offset, and keeps how far it has
 * come. A subscription to a channel that is active already therefore starts at exactly that offset:
 * whatever is past it has not been fanned out here yet. That is what lets it cost no record.
 */
public final class ChannelTable {
  private final Interests interests;
  private final LogPositions positions;
  private final CatchUps catchUps;
  private final ChannelMetrics metrics;
  private final Map<TenantChannel, LocalChannel> channels = new HashMap<>();
  private long[] reached = new long[0];

  public ChannelTable(
      Interests interests,
      LogPositions positions,
      Recent recent,
      History history,
      ChannelMetrics metrics) {
    this.interests = interests;
    this.positions = positions;
    this.metrics = metrics;
    this.catchUps = new CatchUps(recent, history, positions, this::streamOf, metrics);
  }

  /** Whether the channel's tenant may have a subscription to it here. */
  boolean hasRoomFor(TenantChannel channel) {
    return channels.containsKey(channel) || interests.hasRoomFor(channel);
  }

  /** Subscribes, and answers at once if the channel is active on this gateway. */
  void subscribe(Subscription subscription) {
    LocalChannel channel = subscription.channel;
    boolean first = channel.isEmpty();
    channel.add(subscription);
    if (first) {
      channels.put(channel.name, channel);
      interests.acquire(channel.name).ifPresent(channel::activate);
    }
    if (channel.active) {
      start(subscription);
    }
  }

  /**
   * Subscribes to the companion of a channel from where the channel's stream has come by now.
   *
   * @param companion a new subscription to it
   */
  void watch(Subscription companion, LocalChannel audience) {
    companion.cursor = streamOf(audience);
    subscribe(companion);
  }

  /** There is room at a client again: what was behind goes on. */
  void advance(Subscription subscription) {
    catchUps.advance(subscription);
  }

  void unsubscribe(Subscription subscription) {
    subscription.phase = Subscription.Phase.ENDED;
    LocalChannel channel = subscription.channel;
    channel.remove(subscription);
    if (channel.isEmpty() && channels.remove(channel.name, channel)) {
      interests.release(channel.name);
    }
  }

  LocalChannel channel(TenantChannel name) {
    LocalChannel channel = channels.get(name);
    return channel != null ? channel : new LocalChannel(name, interests.partitionOf(name));
  }

  /**
   * Hands a delivery to whom it concerns.
   *
   * @return how many frames were queued to clients
   */
  public int deliver(Delivery delivery) {
    switch (delivery) {
      case Delivery.Broadcast broadcast -> {
        return fanOut(broadcast);
      }
      case Delivery.Notice notice -> {
        return tell(notice);
      }
      case Delivery.Activated activated -> activate(activated);
      case Delivery.Refused refused -> refused.channels().forEach(this::refuse);
      case Delivery.Gap gap -> {
        advance(gap.partition(), gap.upTo());
        fallBehind(gap.partition(), gap.after(), true);
      }
      case Delivery.Suspended suspended ->
          fallBehind(suspended.partition(), suspended.after(), false);
    }
    return 0;
  }

  /** One connection in one channel. */
  public record Member(
      TenantChannel channel, ConnectionId connection, UserId user, long sinceMillis) {}

  /** Everyone who is subscribed on this I/O thread. */
  public List<Member> members() {
    List<Member> members = new ArrayList<>();
    for (LocalChannel channel : channels.values()) {
      for (Subscription subscription : channel.subscriptions()) {
        subscription.member().ifPresent(members::add);
      }
    }
    return members;
  }

  private int fanOut(Delivery.Broadcast broadcast) {
    advance(broadcast.partition(), broadcast.offset());
    LocalChannel channel = channels.get(broadcast.channel());
    if (channel == null) {
      return 0;
    }
    long offset = broadcast.offset();
    byte[] frame = broadcast.frame();
    List<Subscription> subscriptions = channel.subscriptions();
    Turn turn = subscriptions.getFirst().session.turn();
    boolean may = turn.mayDeliver();
    int sent = 0;
    // From the end, by index: a session that ends while we walk the list leaves it, and then the
    // last one, which has had its frame, takes its place.
    for (int i = subscriptions.size() - 1; i >= 0; i--) {
      Subscription subscription = subscriptions.get(i);
      AwaitedInstant awaited = subscription.awaited;
      if (awaited != null) {
        catchUps.see(subscription, awaited, offset, broadcast.appendedAt());
      }
      if (subscription.phase == Subscription.Phase.LIVE && subscription.cursor < offset) {
        if (!may) {
          catchUps.fallBehind(subscription, subscription.cursor, Behind.TURN);
          catchUps.awaitTurn(subscription);
        } else if (subscription.session.deliver(frame)) {
          subscription.cursor = offset;
          sent++;
        } else {
          catchUps.fallBehind(subscription, subscription.cursor, Behind.SLOW);
        }
      }
    }
    turn.delivered(sent);
    metrics.delivered(sent);
    return sent;
  }

  private int tell(Delivery.Notice notice) {
    LocalChannel channel = channels.get(notice.channel());
    if (channel == null) {
      return 0;
    }
    int sent = 0;
    for (Subscription subscription : List.copyOf(channel.subscriptions())) {
      if (subscription.phase == Subscription.Phase.LIVE
          && subscription.session.deliver(notice.frame())) {
        sent++;
      }
    }
    return sent;
  }

  private void activate(Delivery.Activated activated) {
    advance(activated.partition(), activated.offset());
    for (TenantChannel name : activated.channels()) {
      LocalChannel channel = channels.get(name);
      if (channel != null && !channel.active) {
        channel.activate(activated.offset());
        for (Subscription subscription : List.copyOf(channel.subscriptions())) {
          switch (subscription.phase) {
            case PENDING -> start(subscription);
            case CATCHING_UP -> catchUps.advance(subscription);
            case RESOLVING, EARLY, LIVE, ENDED -> {
              // Its answer is on its way, it has seen all there is, or it is nobody's any more.
            }
          }
        }
      }
    }
  }

  /** Its channel is active: a subscription goes live here, or first catches up. */
  private void start(Subscription subscription) {
    if (subscription.isCompanion) {
      catchUps.begin(subscription, subscription.cursor);
      return;
    }
    Since since = subscription.since;
    if (since != null) {
      subscription.since = null;
      catchUps.resolve(subscription, since);
      return;
    }
    LocalChannel channel = subscription.channel;
    subscription.cursor = streamOf(channel);
    subscription.phase = Subscription.Phase.LIVE;
    subscription.session.subscriptions.subscribed(
        subscription, positions.text(channel.partition, subscription.cursor), Optional.empty());
  }

  /** How far the channel's stream has been fanned out here. */
  private long streamOf(LocalChannel channel) {
    return Math.max(channel.activeFrom, reached(channel.partition));
  }

  private void refuse(TenantChannel name) {
    LocalChannel channel = channels.get(name);
    if (channel == null) {
      return;
    }
    for (Subscription subscription : List.copyOf(channel.subscriptions())) {
      if (subscription.phase == Subscription.Phase.PENDING) {
        subscription.session.subscriptions.subscribeFailed(subscription);
      }
    }
  }

  /** Every subscription of a partition has seen what there is up to an offset, and reads on. */
  private void fallBehind(int partition, long seen, boolean active) {
    List<Subscription> behind = new ArrayList<>();
    for (LocalChannel channel : channels.values()) {
      if (channel.partition == partition) {
        channel.active = channel.active && active;
        for (Subscription subscription : channel.subscriptions()) {
          AwaitedInstant awaited = subscription.awaited;
          if (awaited != null) {
            awaited.misses();
          }
          if (subscription.phase == Subscription.Phase.LIVE
              || subscription.phase == Subscription.Phase.EARLY) {
            catchUps.fallBehind(subscription, seen, Behind.GAP);
            behind.add(subscription);
          }
        }
      }
    }
    // Afterwards: what an advance sends may end a connection, and that changes the map.
    behind.forEach(catchUps::advance);
  }

  private long reached(int partition) {
    return partition < reached.length ? reached[partition] : -1;
  }

  private void advance(int partition, long offset) {
    if (partition >= reached.length) {
      int before = reached.length;
      reached = Arrays.copyOf(reached, partition + 1);
      Arrays.fill(reached, before, reached.length, -1);
    }
    if (offset > reached[partition]) {
      reached[partition] = offset;
    }
  }
}
