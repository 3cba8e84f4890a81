package io.lqrealtime.gateway.delivery;

import io.lqrealtime.gateway.session.Interests;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ChannelDigest;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecord.GatewayUp;
import io.lqrealtime.record.ControlRecord.Origin;
import io.lqrealtime.record.ControlRecord.Subscribe;
import io.lqrealtime.record.ControlRecord.Unsubscribe;
import io.lqrealtime.record.GatewayRecord.Heartbeat;
import io.lqrealtime.record.GatewayRecord.Subscribed;
import io.lqrealtime.topic.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

/**
 * Which channels this gateway gets from the router, and the conversation about them: one record for
 * a channel that is first needed here, none for a further subscription, one when it has not been
 * needed for a while.
 *
 * <p>I/O threads count themselves in and out. What is to be written is gathered, and {@link #drain}
 * turns it into as few records as there are tenants (each of up to {@link
 * ControlRecord#MAX_CHANNELS} channels). Within a partition the records carry a rising sequence,
 * and the router's heartbeat says up to which one it has come and what it then holds: if that is
 * not what was asked for, the partition is started over.
 *
 * <p>A tenant's channels are those that somebody is subscribed to. Companions are no further ones:
 * each comes and goes with its channel. Neither are those that linger, of which it may have as many
 * again.
 *
 * <p>Every method takes one lock for a short, bounded time. Memory is bounded by the subscriptions
 * that sessions may have, and by the channels that tenants may.
 */
public final class ChannelRegistry implements Interests {
  /**
   * A channel that nobody needs is kept for this long: clients come back, and each record costs a
   * log entry.
   */
  static final Duration LINGER = Duration.ofSeconds(10);

  /** A subscribe record that is not answered by then is written again. */
  static final Duration RETRY = Duration.ofSeconds(3);

  /** A channel that is not active by then is refused to those who wait. */
  static final Duration GIVE_UP = Duration.ofSeconds(10);

  private static final long NONE = -1;

  private enum State {
    /** Wanted, and in no record yet. */
    WANTED,
    /** In a subscribe record that is not answered yet. */
    ASKED,
    ACTIVE,
    /** Not needed any more, but still coming. */
    LINGERING
  }

  private static final class Entry {
    final TenantChannel name;
    final int partition;
    final Channels ofTenant;
    State state = State.WANTED;
    int interested;
    long offset;
    long sequence;
    long changedAtNanos;
    long wantedAtNanos;

    Entry(TenantChannel name, int partition, Channels ofTenant) {
      this.name = name;
      this.partition = partition;
      this.ofTenant = ofTenant;
    }
  }

  /** What one tenant has here. */
  private static final class Channels {
    /** That somebody is subscribed to, without companions. */
    int subscribed;

    /**
     * That nobody needs any more, companions among them: the one that has been so the longest
     * first.
     */
    final SequencedSet<Entry> unneeded = new LinkedHashSet<>(0);

    int registered;
  }

  /** The conversation with the router about one partition. */
  private static final class Link {
    boolean up;
    long sequence;
    long upSequence;

    /** Of the last record that says which channels are wanted. */
    long channelsSequence;

    /** What a heartbeat has to come to within a while. */
    long behindSequence;

    /** The generation of the {@code up} before the next one, or none. */
    long begunUnder = NONE;

    int channels;
    long digest = ChannelDigest.EMPTY;
    long heardAtNanos;
    long behindSinceNanos;
    final Set<Entry> toAsk = new LinkedHashSet<>();
    final Set<Entry> toLeave = new LinkedHashSet<>();
  }

  /** What a heartbeat says of the gateway's standing. */
  public enum Standing {
    AS_ASKED,
    /** The router does not hold what was asked for: the partition is to be started over. */
    DIFFERS,
    /** The router knows a newer generation of this gateway. */
    SUPERSEDED,
    /** It speaks of an older generation, or of a record on the way: nothing can be said. */
    UNSETTLED
  }

  private final GatewayIdentity identity;
  private final Placement placement;
  private final ToIntFunction<TenantId> maxChannels;
  private final LongSupplier nanos;
  private final Runnable wakeWriter;
  private final Map<TenantChannel, Entry> entries = new HashMap<>();
  private final Map<TenantId, Channels> channelsOf = new HashMap<>();
  private final Link[] links;
  private final BitSet begunAnew = new BitSet();
  private final BitSet begunUnderAnother = new BitSet();
  private long generation;

  /**
   * @param maxChannels that a tenant may have here
   * @param nanos a clock that only rises
   * @param wakeWriter called, with the lock held, when there is something to {@link #drain}
   */
  public ChannelRegistry(
      GatewayIdentity identity,
      Placement placement,
      long generation,
      ToIntFunction<TenantId> maxChannels,
      LongSupplier nanos,
      Runnable wakeWriter) {
    this.identity = identity;
    this.placement = placement;
    this.generation = generation;
    this.maxChannels = maxChannels;
    this.nanos = nanos;
    this.wakeWriter = wakeWriter;
    this.links = new Link[placement.partitions()];
    for (int i = 0; i < links.length; i++) {
      links[i] = new Link();
    }
  }

  @Override
  public int partitionOf(TenantChannel channel) {
    return placement.home(channel.tenant(), channel.channel());
  }

  @Override
  public synchronized boolean hasRoomFor(TenantChannel channel) {
    Entry entry = entries.get(channel);
    if (entry != null && entry.interested > 0) {
      return true;
    }
    Channels ofTenant = channelsOf.get(channel.tenant());
    int subscribed = ofTenant == null ? 0 : ofTenant.subscribed;
    return subscribed < maxChannels.applyAsInt(channel.tenant());
  }

  @Override
  public synchronized OptionalLong acquire(TenantChannel channel) {
    Entry entry = entries.get(channel);
    if (entry == null) {
      entry =
          new Entry(
              channel,
              partitionOf(channel),
              channelsOf.computeIfAbsent(channel.tenant(), tenant -> new Channels()));
      entry.wantedAtNanos = nanos.getAsLong();
      entries.put(channel, entry);
      entry.ofTenant.registered++;
      links[entry.partition].toAsk.add(entry);
      wakeWriter.run();
    }
    if (++entry.interested == 1) {
      entry.ofTenant.unneeded.remove(entry);
      if (!channel.channel().isMembers()) {
        entry.ofTenant.subscribed++;
      }
    }
    if (entry.state == State.LINGERING) {
      entry.state = State.ACTIVE;
    }
    return entry.state == State.ACTIVE ? OptionalLong.of(entry.offset) : OptionalLong.empty();
  }

  @Override
  public synchronized void release(TenantChannel channel) {
    Entry entry = entries.get(channel);
    if (entry == null) {
      return;
    }
    entry.interested--;
    if (entry.interested > 0) {
      return;
    }
    if (!channel.channel().isMembers()) {
      entry.ofTenant.subscribed--;
    }
    switch (entry.state) {
      case WANTED -> {
        links[entry.partition].toAsk.remove(entry);
        forget(entry);
      }
      case ASKED, LINGERING -> {
        // Asked for and not needed: the answer, or the retry's clock, decides.
        linger(entry);
      }
      case ACTIVE -> {
        entry.state = State.LINGERING;
        entry.changedAtNanos = nanos.getAsLong();
        linger(entry);
      }
    }
  }

  private void linger(Entry entry) {
    SequencedSet<Entry> unneeded = entry.ofTenant.unneeded;
    unneeded.add(entry);
    if (unneeded.size() > maxChannels.applyAsInt(entry.name.tenant())) {
      giveUp(unneeded.getFirst());
      wakeWriter.run();
    }
  }

  /** Nobody needs it, and the router is to be told so. */
  private void giveUp(Entry entry) {
    Link link = links[entry.partition];
    forget(entry);
    count(link, entry, -1);
    link.toAsk.remove(entry);
    link.toLeave.add(entry);
  }

  private void forget(Entry entry) {
    entries.remove(entry.name);
    entry.ofTenant.unneeded.remove(entry);
    if (--entry.ofTenant.registered == 0) {
      channelsOf.remove(entry.name.tenant());
    }
  }

  /** Whether messages of this channel concern anybody here. */
  public synchronized boolean isKnown(TenantChannel channel) {
    return entries.containsKey(channel);
  }

  /** Whether a heartbeat was sent after the partition's newest {@code up} had been read. */
  public synchronized boolean answersUp(Heartbeat heartbeat) {
    Link link = links[heartbeat.partition()];
    return link.up
        && heartbeat.generation() == generation
        && heartbeat.sequence() >= link.upSequence;
  }

  public synchronized int channels() {
    return entries.size();
  }

  public synchronized long generation() {
    return generation;
  }

  /** Writes what there is to say to the router, in order. Called by one thread. */
  public void drain(ControlWriter writer) {
    for (ControlRecord record : gather()) {
      // A record that does not make it is noticed by its answer, or by the heartbeat's sequence.
      var _ = writer.write(record);
    }
  }

  private synchronized List<ControlRecord> gather() {
    List<ControlRecord> records = new ArrayList<>();
    for (int partition = 0; partition < links.length; partition++) {
      Link link = links[partition];
      if (link.toAsk.isEmpty() && link.toLeave.isEmpty()) {
        continue;
      }
      if (!link.up) {
        link.up = true;
        link.heardAtNanos = nanos.getAsLong();
        records.add(new GatewayUp(origin(partition)));
        link.upSequence = link.sequence;
        if (link.begunUnder == generation) {
          begunAnew.set(partition);
        } else if (link.begunUnder != NONE) {
          begunUnderAnother.set(partition);
        }
        link.begunUnder = generation;
      }
      leave(partition, link, records);
      ask(partition, link, records);
      link.channelsSequence = link.sequence;
    }
    return records;
  }

  private void ask(int partition, Link link, List<ControlRecord> records) {
    long now = nanos.getAsLong();
    for (List<Entry> some : chunks(link.toAsk)) {
      Origin origin = origin(partition);
      records.add(new Subscribe(origin, some.getFirst().name.tenant(), names(some)));
      for (Entry entry : some) {
        if (entry.state == State.WANTED) {
          count(link, entry, 1);
        }
        entry.state = State.ASKED;
        entry.sequence = origin.sequence();
        entry.changedAtNanos = now;
      }
    }
    link.toAsk.clear();
  }

  private void leave(int partition, Link link, List<ControlRecord> records) {
    for (List<Entry> some : chunks(link.toLeave)) {
      records.add(new Unsubscribe(origin(partition), some.getFirst().name.tenant(), names(some)));
    }
    link.toLeave.clear();
  }

  /** Entries by tenant, each list as long as one record may be. */
  private static List<List<Entry>> chunks(Set<Entry> entries) {
    Map<TenantId, List<Entry>> byTenant = new HashMap<>();
    for (Entry entry : entries) {
      byTenant.computeIfAbsent(entry.name.tenant(), t -> new ArrayList<>()).add(entry);
    }
    List<List<Entry>> chunks = new ArrayList<>();
    for (List<Entry> ofTenant : byTenant.values()) {
      for (int at = 0; at < ofTenant.size(); at += ControlRecord.MAX_CHANNELS) {
        int end = Math.min(ofTenant.size(), at + ControlRecord.MAX_CHANNELS);
        chunks.add(ofTenant.subList(at, end));
      }
    }
    return chunks;
  }

  private static List<Channel> names(List<Entry> entries) {
    return entries.stream().map(entry -> entry.name.channel()).toList();
  }

  /** For a record of somebody else's in the partition. Called by the thread that drains. */
  synchronized Origin nextOrigin(int partition) {
    return origin(partition);
  }

  /**
   * Partitions that were begun anew: nobody is in a channel there, as far as the router knows.
   *
   * @param same under the generation that they were begun under before
   * @param another under another one: the former may have been taken for dead meanwhile
   */
  record BegunAnew(BitSet same, BitSet another) {}

  /** What was begun anew since this was last called. */
  synchronized BegunAnew takeBegunAnew() {
    BegunAnew taken = new BegunAnew((BitSet) begunAnew.clone(), (BitSet) begunUnderAnother.clone());
    begunAnew.clear();
    begunUnderAnother.clear();
    return taken;
  }

  private Origin origin(int partition) {
    long sequence = ++links[partition].sequence;
    return new Origin(identity.id(), generation, sequence, identity.region(), partition);
  }

  private static void count(Link link, Entry entry, int change) {
    link.channels += change;
    link.digest = ChannelDigest.toggle(link.digest, entry.name.tenant(), entry.name.channel());
  }

  /**
   * The router has answered a subscribe record: returns the channels that are active from now on.
   */
  public synchronized List<TenantChannel> subscribed(Subscribed answer) {
    if (answer.generation() != generation) {
      return List.of();
    }
    List<TenantChannel> active = new ArrayList<>(answer.channels().size());
    for (Channel channel : answer.channels()) {
      TenantChannel name = new TenantChannel(answer.tenant(), channel);
      Entry entry = entries.get(name);
      // An answer to an older record says nothing: the channel was left and asked for again since,
      // and
      // between the two nothing was routed.
      if (entry != null && entry.state == State.ASKED && answer.sequence() >= entry.sequence) {
        entry.offset = answer.offset();
        entry.state = entry.interested > 0 ? State.ACTIVE : State.LINGERING;
        entry.changedAtNanos = nanos.getAsLong();
        active.add(name);
      }
    }
    return active;
  }

  /** Compares what the router holds with what was asked for. */
  public synchronized Standing heartbeat(Heartbeat heartbeat) {
    Link link = links[heartbeat.partition()];
    if (heartbeat.generation() > generation) {
      return Standing.SUPERSEDED;
    }
    if (heartbeat.generation() < generation) {
      return Standing.UNSETTLED;
    }
    link.heardAtNanos = nanos.getAsLong();
    if (isLate(link, heartbeat.sequence())) {
      return Standing.DIFFERS;
    }
    if (heartbeat.sequence() < link.channelsSequence || !link.toLeave.isEmpty()) {
      return Standing.UNSETTLED;
    }
    boolean same = heartbeat.channels() == link.channels && heartbeat.digest() == link.digest;
    return same ? Standing.AS_ASKED : Standing.DIFFERS;
  }

  /** Whether the router has not come to a record for so long that it won't any more. */
  private static boolean isLate(Link link, long sequence) {
    if (sequence == link.sequence) {
      link.behindSinceNanos = 0;
      return false;
    }
    if (link.behindSinceNanos == 0 || sequence >= link.behindSequence) {
      link.behindSinceNanos = link.heardAtNanos;
      link.behindSequence = link.sequence;
    }
    return link.heardAtNanos - link.behindSinceNanos > GIVE_UP.toNanos();
  }

  /**
   * Starts a partition over: everything that is needed there is asked for again, after a new {@code
   * up}.
   */
  public synchronized void startOver(int partition) {
    Link link = links[partition];
    link.up = false;
    link.channels = 0;
    link.digest = ChannelDigest.EMPTY;
    link.behindSinceNanos = 0;
    link.toAsk.clear();
    link.toLeave.clear();
    for (Entry entry : List.copyOf(entries.values())) {
      if (entry.partition == partition) {
        if (entry.interested == 0) {
          forget(entry);
        } else {
          entry.state = State.WANTED;
          entry.wantedAtNanos = nanos.getAsLong();
          link.toAsk.add(entry);
        }
      }
    }
    wakeWriter.run();
  }

  /** Starts everything over under a new generation. */
  public synchronized void startOver(long newGeneration) {
    generation = newGeneration;
    for (int partition = 0; partition < links.length; partition++) {
      links[partition].sequence = 0;
      links[partition].channelsSequence = 0;
      startOver(partition);
    }
  }

  /**
   * Lets time pass: lingering channels are given up, unanswered ones asked for again. To be called
   * about once a second.
   *
   * @return channels that have been waited for too long
   */
  public synchronized List<TenantChannel> tick() {
    long now = nanos.getAsLong();
    List<TenantChannel> refused = new ArrayList<>();
    for (Entry entry : List.copyOf(entries.values())) {
      Link link = links[entry.partition];
      long age = now - entry.changedAtNanos;
      if (entry.state == State.LINGERING && age > LINGER.toNanos()) {
        giveUp(entry);
      } else if (entry.state == State.ASKED && age > RETRY.toNanos()) {
        if (now - entry.wantedAtNanos > GIVE_UP.toNanos()) {
          refused.add(entry.name);
          entry.wantedAtNanos = now;
        }
        link.toAsk.add(entry);
      }
    }
    return refused;
  }

  /**
   * Partitions in which this gateway has channels and has not heard of the router for that long.
   */
  public synchronized List<Integer> silentPartitions(Duration longerThan) {
    long now = nanos.getAsLong();
    List<Integer> silent = new ArrayList<>();
    for (int partition = 0; partition < links.length; partition++) {
      Link link = links[partition];
      if (link.channels > 0 && now - link.heardAtNanos > longerThan.toNanos()) {
        silent.add(partition);
      }
    }
    return silent;
  }

  /**
   * What to write when the gateway leaves on its own: a {@code down} for each partition that it is
   * up in.
   */
  public synchronized List<ControlRecord> farewell() {
    List<ControlRecord> records = new ArrayList<>();
    for (int partition = 0; partition < links.length; partition++) {
      if (links[partition].up) {
        records.add(new ControlRecord.GatewayDown(origin(partition)));
      }
    }
    return records;
  }
}
