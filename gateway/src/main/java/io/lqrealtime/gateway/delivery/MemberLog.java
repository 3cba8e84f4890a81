package io.lqrealtime.gateway.delivery;

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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log who joins and leaves the channels by this gateway, in the order of each connection.
 *
 * <p>I/O threads say what happens; one thread writes it, {@value #MAX_UNWRITTEN} records at a time
 * on their way. Where one could not be written, or more wait than {@value #MAX_WAITING}, the
 * partition's roster is told anew: a record says that it begins, and everybody who is there is told
 * again, after which the router holds those alone. So too after each {@code up} that was not the
 * first, which ends what the router held.
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
    void take(BitSet partitions, Teller to);
  }

  /** Is told of somebody who is in a channel. */
  @FunctionalInterface
  public interface Teller {
    void tell(TenantChannel channel, UserId user, ConnectionId connection);
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
  private final BitSet broken = new BitSet();
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
    this.waiting =
        Stream.<Deque<Event>>generate(() -> new ArrayDeque<>(0)).limit(partitions).toList();
  }

  /** Somebody is in a channel since now. */
  public void joined(TenantChannel channel, UserId user, ConnectionId connection) {
    add(registry.partitionOf(channel), new Event.Joined(channel, user, connection, false));
  }

  /** Somebody is in a channel still. */
  public void isThere(TenantChannel channel, UserId user, ConnectionId connection) {
    add(registry.partitionOf(channel), new Event.Joined(channel, user, connection, true));
  }

  public void left(TenantChannel channel, UserId user, ConnectionId connection) {
    add(registry.partitionOf(channel), new Event.Left(channel, user, connection));
  }

  /** Events that wait to be written or are on their way. */
  public synchronized int pending() {
    return waitingCount + unwritten;
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
  }

  /** Writes what there is to tell. Called by one thread, after the registry's own records. */
  public void drain(ControlWriter writer, Census census) {
    ChannelRegistry.BegunAnew begun = registry.takeBegunAnew();
    if (!begun.same().isEmpty()) {
      census.take(begun.same(), this::isThere);
    }
    if (!begun.another().isEmpty()) {
      // While this gateway was taken for dead its members were in no answer about who is there:
      // whoever asked then has to be told of them.
      census.take(begun.another(), this::joined);
    }
    for (int partition = 0; partition < waiting.size(); partition++) {
      for (Optional<Event> next = next(partition); next.isPresent(); next = next(partition)) {
        write(partition, next.get(), writer);
      }
    }
  }

  /**
   * Lets time pass: partitions whose records were not taken are told anew, once nothing of theirs
   * is on its way any more. To be called about once a second, by the thread that drains.
   */
  public void tick(Census census) {
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
    census.take(anew, this::isThere);
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
        writer.write(record).whenComplete((offset, failure) -> written(partition, failure != null));
  }

  private synchronized void written(int partition, boolean failed) {
    unwritten--;
    unwrittenOf[partition]--;
    if (failed) {
      lost++;
      giveUp(partition);
    }
    if (waitingCount > 0 && unwritten == MAX_UNWRITTEN / 2) {
      wakeWriter.run();
    }
  }
}
