package io.lqrealtime.gateway.delivery;

import io.lqrealtime.gateway.session.ChannelTable.Member;
import io.lqrealtime.gateway.session.MemberCensus;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecord.Origin;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log who joins and leaves the channels by this gateway, in the order of each connection.
 *
 * <p>I/O threads say what happens; one thread writes it, {@value #MAX_UNWRITTEN} records at a time
 * on their way. Where one could not be written, or more wait than {@value #MAX_WAITING}, the
 * partition's roster is told anew: a record says that it begins, and everybody who is there is told
 * again, as fast as they are written, after which the router holds those alone. So too after each
 * {@code up} that was not the first, which ends what the router held.
 *
 * <p>Never blocks; every method takes one lock for a short time.
 */
public final class MemberLog {
  /** Events that wait to be written, of all partitions together. */
  static final int MAX_WAITING = 200_000;

  static final int MAX_UNWRITTEN = 2_000;

  private static final Logger log = LoggerFactory.getLogger(MemberLog.class);

  /** Has everybody told again who is in channels of some partitions; returns at once. */
  @FunctionalInterface
  public interface Census {
    /**
     * @param to takes each member once, in order with what the same I/O thread says else
     */
    void take(BitSet partitions, MemberCensus.Listener to);
  }

  /** What is to be told. */
  private sealed interface Event {
    record Joined(TenantChannel channel, UserId user, ConnectionId connection, boolean again)
        implements Event {}

    record Left(TenantChannel channel, UserId user, ConnectionId connection) implements Event {}

    record RosterBegins() implements Event {}
  }

  private final ChannelRegistry registry;
  private final Runnable wakeWriter;
  private final List<Deque<Event>> waiting;

  /** Of what they had to tell something is lost, and nothing is kept until they begin anew. */
  private final BitSet broken = new BitSet();

  /** The log has taken that their roster begins. */
  private final BitSet begun = new BitSet();

  /** The newest telling of each. */
  private final @Nullable Telling[] tellings;

  private int waitingCount;
  private final int[] unwrittenOf;
  private int unwritten;
  private long lost;

  /**
   * @param wakeWriter called, with the lock held, when there is something to {@link #drain}
   */
  public MemberLog(ChannelRegistry registry, int partitions, Runnable wakeWriter) {
    this.registry = registry;
    this.wakeWriter = wakeWriter;
    this.unwrittenOf = new int[partitions];
    this.tellings = new Telling[partitions];
    this.waiting =
        Stream.<Deque<Event>>generate(() -> new ArrayDeque<>(0)).limit(partitions).toList();
  }

  /** Somebody is in a channel since now. */
  public void joined(TenantChannel channel, UserId user, ConnectionId connection) {
    add(registry.partitionOf(channel), new Event.Joined(channel, user, connection, false));
  }

  public void left(TenantChannel channel, UserId user, ConnectionId connection) {
    add(registry.partitionOf(channel), new Event.Left(channel, user, connection));
  }

  /** Events that wait to be written or are on their way. */
  public synchronized int pending() {
    return waitingCount + unwritten;
  }

  /** Partitions that are to tell anew who is in their channels, and have not begun to. */
  public synchronized int broken() {
    return broken.cardinality();
  }

  /** Events that were given up, because Kafka did not take them, for a roster told anew. */
  public synchronized long lost() {
    return lost;
  }

  private synchronized void add(int partition, Event event) {
    if (broken.get(partition)) {
      // It will be told with all the others.
      lost++;
      return;
    }
    if (waitingCount >= MAX_WAITING) {
      giveUp(partition);
      lost++;
      return;
    }
    waiting.get(partition).add(event);
    waitingCount++;
    wakeWriter.run();
  }

  private void giveUp(int partition) {
    waitingCount -= waiting.get(partition).size();
    lost += waiting.get(partition).size();
    waiting.get(partition).clear();
    broken.set(partition);
    begun.clear(partition);
    tellings[partition] = null;
  }

  /** Writes what there is to tell. Called by one thread, after the registry's own records. */
  public void drain(ControlWriter writer, Census census) {
    ChannelRegistry.BegunAnew up = registry.takeBegunAnew();
    BitSet still = takeBegun();
    still.or(up.same());
    tell(still, true, census);
    // While this gateway was taken for dead its members were in no answer about who is there:
    // whoever asked then has to be told of them.
    tell(up.another(), false, census);
    for (int partition = 0; partition < waiting.size(); partition++) {
      for (Optional<Event> next = next(partition); next.isPresent(); next = next(partition)) {
        write(partition, next.get(), writer);
      }
    }
  }

  private synchronized BitSet takeBegun() {
    BitSet taken = (BitSet) begun.clone();
    begun.clear();
    return taken;
  }

  private void tell(BitSet partitions, boolean again, Census census) {
    if (partitions.isEmpty()) {
      return;
    }
    Telling telling = new Telling(partitions, again);
    synchronized (this) {
      partitions.stream().forEach(partition -> tellings[partition] = telling);
    }
    census.take(partitions, telling);
  }

  /** Everybody who is in channels of some partitions. Ends where a newer one has begun. */
  private final class Telling implements MemberCensus.Listener {
    private final BitSet partitions;
    private final boolean again;

    Telling(BitSet partitions, boolean again) {
      this.partitions = partitions;
      this.again = again;
    }

    @Override
    public boolean isOver() {
      synchronized (MemberLog.this) {
        return partitions.stream().noneMatch(partition -> tellings[partition] == this);
      }
    }

    /** Half of what may wait is left to those who come and go meanwhile. */
    @Override
    public boolean hasRoom() {
      synchronized (MemberLog.this) {
        return waitingCount < MAX_WAITING / 2;
      }
    }

    @Override
    public void tell(Member member) {
      int partition = registry.partitionOf(member.channel());
      synchronized (MemberLog.this) {
        if (tellings[partition] == this) {
          add(
              partition,
              new Event.Joined(member.channel(), member.user(), member.connection(), again));
        }
      }
    }
  }

  /**
   * Lets time pass: partitions whose records were not taken begin anew, once nothing of theirs is
   * on its way any more. To be called about once a second, by the thread that drains.
   */
  public void tick() {
    BitSet anew = new BitSet();
    synchronized (this) {
      broken.stream().filter(partition -> unwrittenOf[partition] == 0).forEach(anew::set);
      if (anew.isEmpty()) {
        return;
      }
      broken.andNot(anew);
      anew.stream().forEach(partition -> add(partition, new Event.RosterBegins()));
    }
    log.info("Who is in the channels of partitions {} is told anew", anew);
  }

  private synchronized Optional<Event> next(int partition) {
    if (unwritten >= MAX_UNWRITTEN || waiting.get(partition).isEmpty()) {
      return Optional.empty();
    }
    waitingCount--;
    unwritten++;
    unwrittenOf[partition]++;
    return Optional.of(waiting.get(partition).remove());
  }

  private void write(int partition, Event event, ControlWriter writer) {
    Origin origin = registry.nextOrigin(partition);
    ControlRecord record =
        switch (event) {
          case Event.Joined joined ->
              new ControlRecord.Join(
                  origin,
                  joined.channel().tenant(),
                  joined.channel().channel(),
                  joined.user(),
                  joined.connection(),
                  joined.again());
          case Event.Left left ->
              new ControlRecord.Leave(
                  origin,
                  left.channel().tenant(),
                  left.channel().channel(),
                  left.user(),
                  left.connection(),
                  OptionalLong.empty());
          case Event.RosterBegins _ -> new ControlRecord.Roster(origin);
        };
    var _ =
        writer
            .write(record)
            .whenComplete((offset, failure) -> written(partition, event, failure != null));
  }

  private synchronized void written(int partition, Event event, boolean failed) {
    unwritten--;
    unwrittenOf[partition]--;
    if (failed) {
      lost++;
      giveUp(partition);
    } else if (event instanceof Event.RosterBegins && !broken.get(partition)) {
      // Not before: while Kafka is away, all would be asked again and again for nothing.
      begun.set(partition);
      wakeWriter.run();
    }
    if (waitingCount > 0 && unwritten == MAX_UNWRITTEN / 2) {
      wakeWriter.run();
    }
  }
}
