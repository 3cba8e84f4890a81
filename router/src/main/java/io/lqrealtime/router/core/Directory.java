package io.lqrealtime.router.core;

import io.lqrealtime.id.GatewayId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The state of one partition: which gateways have which channels from where to where, who is in
 * them, how the gateways' chains stand, what has come home from other partitions, and of the recent
 * past what was routed and which ids were seen.
 *
 * <p>It moves by {@link #apply} alone, in live traffic and in recovery alike. Since every entry is
 * an interval of offsets, the state answers rightly for a record even if it is ahead of it, as it
 * is after a crash: closed entries stay until no record before their end can be read again; see
 * {@link ClosedEntries}.
 *
 * <p>Memory: an entry for each channel a gateway has here, and for each that it gave up since the
 * last commit that is known of, and one for each {@link Member}; gateways that have been down for a
 * day are forgotten. For the recent past see {@link RecentIds} and {@link Listing}.
 *
 * <p>Not safe for several threads.
 */
public final class Directory {
  static final long DOWN_KEPT_MILLIS = 86_400_000L;

  /** Forgetting ids is spread over ticks, since many at once would delay traffic. */
  private static final int IDS_FORGOTTEN_PER_TICK = 2_000;

  private final Map<ChannelName, Subscribers> channels = new HashMap<>();
  private final Map<GatewayId, Gateway> gateways = new HashMap<>();
  private final Origins origins = new Origins();
  private final Members members = new Members();
  private final Listing listing = new Listing();
  private final RecentIds ids;

  private final ClosedEntries closed = new ClosedEntries();
  private int openEntries;
  private int closedEntries;
  private long readUpTo = -1;
  private long readTime;
  private long timeAtFlush;
  private OptionalLong committedTime = OptionalLong.empty();

  /**
   * An empty state.
   *
   * @param dedupWindow how long an id is remembered; zero for no dedup
   */
  public Directory(Duration dedupWindow, IdBudget budget) {
    this.ids = new RecentIds(dedupWindow.toMillis(), budget);
  }

  /** Takes a step. */
  public void apply(Change change) {
    switch (change) {
      case Change.Routed routed -> gateway(routed.gateway()).chain(routed.chain());
      case Change.PutEntry put -> put(put.entry());
      case Change.RemoveEntry remove -> remove(remove.entry());
      case Change.PutGateway put -> put(put.gateway(), put.state());
      case Change.RemoveGateway remove -> gateways.remove(remove.gateway());
      case Change.PutMember put -> members.put(put.member());
      case Change.RemoveMember remove ->
          members.remove(remove.channel(), remove.connection(), remove.offset());
      case Change.OriginTaken taken -> origins.taken(taken.forwarded());
      case Change.OriginReplayed replayed -> origins.replayed(replayed.forwarded());
      case Change.Listed listed -> listing.list(listed.offset(), listed.channel());
      case Change.IdSeen seen -> ids.seen(seen.id(), seen.offset(), seen.time());
      case Change.Indexed indexed -> listing.indexed(indexed.to());
      case Change.IndexSaved saved -> listing.saved(saved.chunk(), saved.index());
      case Change.IdsSaved saved -> ids.saved(saved.chunk(), saved.value());
      case Change.IdsForgotten forgotten -> ids.forget(forgotten.from());
      case Change.ChunkRemoved removed -> {
        switch (removed.chunk().kind()) {
          case INDEX -> listing.removed(removed.chunk());
          case IDS -> ids.removed(removed.chunk());
        }
      }
    }
  }

  /**
   * Notes that everything up to and with this offset has been applied.
   *
   * @param time epoch milliseconds of that record's append
   */
  public void readUpTo(long offset, long time) {
    readUpTo = offset;
    readTime = time;
    listing.read(offset, time);
  }

  /**
   * Notes that what has been sent so far is being flushed for a commit. To be followed by {@link
   * #flushed}, if and only if that went well.
   */
  public void flushing() {
    timeAtFlush = readTime;
    listing.flushing();
  }

  /** Notes that what had been sent at {@link #flushing} has been taken by Kafka. */
  public void flushed() {
    committedTime = OptionalLong.of(timeAtFlush);
    listing.flushed();
  }

  /** Whether reading on at this offset leaves a hole in the index; see {@link Listing}. */
  public boolean breaksAt(long offset) {
    return listing.breaksAt(offset);
  }

  /** Whether all that was read is persisted. */
  public boolean isSaved() {
    return listing.isSaved();
  }

  /** Whether all that was read is in the index, or has been sent there. */
  public boolean isIndexed() {
    return listing.isIndexed();
  }

  /** How many messages wait to be persisted. */
  public int unsavedMessages() {
    return listing.unsavedMessages();
  }

  /** How many messages wait to be written to the index. */
  public int unindexedMessages() {
    return listing.unindexedMessages();
  }

  /** Gives back what it holds of the budget of ids; it is of no use after that. */
  public void close() {
    ids.close();
  }

  Listing listing() {
    return listing;
  }

  RecentIds ids() {
    return ids;
  }

  /** The last offset read in this process, or -1. */
  long readUpTo() {
    return readUpTo;
  }

  Optional<Subscribers> subscribers(ChannelName channel) {
    return Optional.ofNullable(channels.get(channel));
  }

  /** The gateway's place here; one with nothing in it if it is not known. */
  Gateway known(GatewayId id) {
    Gateway gateway = gateways.get(id);
    return gateway == null ? new Gateway(id) : gateway;
  }

  Collection<Gateway> gateways() {
    return Collections.unmodifiableCollection(gateways.values());
  }

  Members members() {
    return members;
  }

  /** How many connections are in channels, each counted once a channel. */
  public int memberCount() {
    return members.size();
  }

  Origins origins() {
    return origins;
  }

  public int openEntries() {
    return openEntries;
  }

  public int closedEntries() {
    return closedEntries;
  }

  /** The gateways that are up as far as this partition knows, with their generations. */
  public Map<GatewayId, Long> living() {
    Map<GatewayId, Long> living = new HashMap<>();
    for (Gateway gateway : gateways.values()) {
      gateway
          .state()
          .filter(state -> !state.down())
          .ifPresent(state -> living.put(gateway.id(), state.generation()));
    }
    return living;
  }

  /**
   * What can be forgotten by now; to be called about once a second.
   *
   * @param nanos of a clock that only rises
   * @param millis the time of day
   * @param committed no record below this offset is read again; empty if that is not known
   */
  public List<Change> expired(long nanos, long millis, OptionalLong committed) {
    List<Change> changes = new ArrayList<>();
    for (Entry entry : closed.expired(nanos, committed)) {
      changes.add(new Change.RemoveEntry(entry));
    }
    for (Gateway gateway : gateways.values()) {
      gateway
          .state()
          .filter(state -> state.down() && millis - state.downTime() >= DOWN_KEPT_MILLIS)
          .filter(state -> !gateway.hasEntries() && members.of(gateway.id()) == 0)
          .ifPresent(state -> changes.add(new Change.RemoveGateway(gateway.id())));
    }
    committedTime.ifPresent(time -> changes.addAll(ids.expired(time, IDS_FORGOTTEN_PER_TICK)));
    return changes;
  }

  private Gateway gateway(GatewayId id) {
    return gateways.computeIfAbsent(id, Gateway::new);
  }

  private void put(Entry put) {
    Gateway gateway = gateway(put.gateway());
    // An entry that was open when it was stored may have been ended by its gateway's up or down.
    Entry entry =
        gateway
            .state()
            .filter(state -> put.isOpen() && state.endOf(put.from()) != Entry.OPEN)
            .map(state -> put.closedAt(state.endOf(put.from())))
            .orElse(put);
    Optional<Entry> present = gateway.entry(entry.channel());
    if (present.isPresent()) {
      replace(gateway, present.get(), entry);
    } else if (entry.isOpen()) {
      open(gateway, entry);
    } else {
      keepClosed(gateway, entry);
    }
  }

  /** A gateway has a channel once at a time: what is open ends where a later entry begins. */
  private void replace(Gateway gateway, Entry present, Entry entry) {
    if (present.from() == entry.from()) {
      if (!entry.isOpen()) {
        close(gateway, present, entry.to());
      }
    } else if (present.from() < entry.from() && entry.isOpen()) {
      close(gateway, present, entry.from());
      open(gateway, entry);
    } else {
      keepClosed(gateway, entry.isOpen() ? entry.closedAt(present.from()) : entry);
    }
  }

  private void put(GatewayId id, GatewayState state) {
    Gateway gateway = gateway(id);
    Optional<GatewayState> before = gateway.state();
    gateway.state(state);
    if (before.isPresent() && before.get().chainStart() == state.chainStart()) {
      return;
    }
    for (Entry entry : gateway.entries()) {
      if (state.endOf(entry.from()) != Entry.OPEN) {
        close(gateway, entry, state.endOf(entry.from()));
      }
    }
  }

  private void open(Gateway gateway, Entry entry) {
    channels.computeIfAbsent(entry.channel(), name -> new Subscribers()).addOpen(entry);
    gateway.opened(entry);
    openEntries++;
  }

  private void close(Gateway gateway, Entry entry, long end) {
    Subscribers subscribers = channels.get(entry.channel());
    if (subscribers != null) {
      subscribers.removeOpen(entry);
    }
    gateway.closed(entry);
    openEntries--;
    keepClosed(gateway, entry.closedAt(end));
  }

  private void keepClosed(Gateway gateway, Entry entry) {
    channels.computeIfAbsent(entry.channel(), name -> new Subscribers()).addClosed(entry);
    closed.add(entry);
    closedEntries++;
    gateway.closedKept();
  }

  private void remove(Entry entry) {
    Subscribers subscribers = channels.get(entry.channel());
    if (subscribers != null && subscribers.removeClosed(entry)) {
      closedEntries--;
      gateway(entry.gateway()).closedForgotten();
      if (subscribers.isEmpty()) {
        channels.remove(entry.channel());
      }
    }
  }
}
