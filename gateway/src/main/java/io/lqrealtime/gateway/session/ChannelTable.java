package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.UserId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

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
  private final String positionPrefix;
  private final Map<TenantChannel, LocalChannel> channels = new HashMap<>();
  private long[] reached = new long[0];

  /**
   * @param positionPrefix {@code region.log.}, to which partition and offset are added
   */
  public ChannelTable(Interests interests, String positionPrefix) {
    this.interests = interests;
    this.positionPrefix = positionPrefix;
  }

  /** Subscribes, and answers at once if the channel is active on this gateway. */
  void subscribe(Subscription subscription) {
    LocalChannel channel = subscription.channel;
    boolean first = channel.isEmpty();
    channel.add(subscription);
    if (first) {
      channels.put(channel.name, channel);
      OptionalLong active = interests.acquire(channel.name);
      if (active.isPresent()) {
        activate(subscription, active.getAsLong());
      }
      return;
    }
    for (Subscription other : channel.subscriptions()) {
      if (!other.isPending()) {
        activate(subscription, channel.activeFrom);
        return;
      }
    }
  }

  void unsubscribe(Subscription subscription) {
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
      case Delivery.Activated activated -> {
        advance(activated.partition(), activated.offset());
        for (TenantChannel name : activated.channels()) {
          LocalChannel channel = channels.get(name);
          if (channel != null) {
            activatePending(channel, activated.offset());
          }
        }
      }
      case Delivery.Refused refused -> refused.channels().forEach(this::refuse);
      case Delivery.PartitionLost lost -> closePartition(lost.partition());
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
        if (!subscription.isPending()) {
          Session session = subscription.session;
          members.add(new Member(channel.name, session.id(), session.user(), subscription.since));
        }
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
    int sent = 0;
    // From the end, by index: a session that is closed for lagging leaves the list while we walk
    // it, and
    // then the last one, which has had its frame, takes its place.
    for (int i = subscriptions.size() - 1; i >= 0; i--) {
      Subscription subscription = subscriptions.get(i);
      if (subscription.cursor < offset) {
        subscription.cursor = offset;
        subscription.session.deliver(frame);
        sent++;
      }
    }
    return sent;
  }

  private void activatePending(LocalChannel channel, long offset) {
    for (Subscription subscription : List.copyOf(channel.subscriptions())) {
      if (subscription.isPending()) {
        activate(subscription, offset);
      }
    }
  }

  private void activate(Subscription subscription, long activeFrom) {
    int partition = subscription.channel.partition;
    subscription.channel.activeFrom = activeFrom;
    subscription.cursor = Math.max(activeFrom, reached(partition));
    subscription.session.subscribed(
        subscription, positionPrefix + partition + '.' + subscription.cursor);
  }

  private void refuse(TenantChannel name) {
    LocalChannel channel = channels.get(name);
    if (channel == null) {
      return;
    }
    for (Subscription subscription : List.copyOf(channel.subscriptions())) {
      if (subscription.isPending()) {
        subscription.session.subscribeFailed(subscription);
      }
    }
  }

  private void closePartition(int partition) {
    Set<Session> concerned = new HashSet<>();
    for (LocalChannel channel : channels.values()) {
      if (channel.partition == partition) {
        channel.subscriptions().forEach(subscription -> concerned.add(subscription.session));
      }
    }
    for (Session session : new ArrayList<>(concerned)) {
      session.close(CloseReason.GAP);
    }
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
