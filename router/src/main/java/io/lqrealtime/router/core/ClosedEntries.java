package io.lqrealtime.router.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;

/**
 * The closed entries of a partition, in the order in which they can be forgotten.
 *
 * <p>One is needed until no record before its end can be read again: until the committed offset,
 * the next one to read after a crash, is its end or past it. Committed offsets only rise. Should an
 * operator set them back, what is read again may not go once more to gateways that gave the channel
 * up. Where nothing newer is known of commits, {@link #KEPT_NANOS} have to do, of one process: the
 * time starts anew with each restoration.
 *
 * <p>How many become closed is up to clients, so no fixed pace of forgetting would do. But removing
 * one takes about 6 µs and a write to the changelog: a million at once, as they are there when a
 * gateway ends, or after a start, would stop traffic and fill the producer's buffer. So a tick
 * forgets {@link #AT_ONCE} at most, and for as long as that leaves some that are due, each one
 * {@link #STEP} more than the one before: any rate is met, and a million are gone in half a minute.
 *
 * <p>Ends rise as the log is read, hence a queue; a restoration, which goes by keys, is sorted.
 * Where records are read again, an entry may stand behind one with a greater end, and waits with it
 * for a commit past what the former life had read.
 *
 * <p>Not safe for several threads.
 */
final class ClosedEntries {
  /** Longer than Streams goes on without a successful commit ({@code task.timeout.ms}). */
  static final long KEPT_NANOS = 300_000_000_000L;

  static final int AT_ONCE = 5_000;
  static final int STEP = 2_000;

  private final Deque<Stamped> waiting = new ArrayDeque<>();
  private List<Entry> sinceTick = new ArrayList<>();
  private int atOnce = AT_ONCE;

  private record Stamped(Entry entry, long nanos) {}

  void add(Entry entry) {
    sinceTick.add(entry);
  }

  /**
   * Takes out those that can be forgotten by now; to be called about once a second.
   *
   * @param nanos of a clock that only rises
   * @param committed no record below this offset is read again; empty if that is not known
   */
  List<Entry> expired(long nanos, OptionalLong committed) {
    sinceTick.sort(Comparator.comparingLong(Entry::to));
    sinceTick.forEach(entry -> waiting.add(new Stamped(entry, nanos)));
    sinceTick = new ArrayList<>();
    List<Entry> expired = new ArrayList<>();
    while (isDue(nanos, committed) && expired.size() < atOnce) {
      expired.add(waiting.remove().entry());
    }
    atOnce = Math.max(AT_ONCE, expired.size()) + (isDue(nanos, committed) ? STEP : 0);
    return expired;
  }

  private boolean isDue(long nanos, OptionalLong committed) {
    Stamped oldest = waiting.peek();
    return oldest != null
        && (oldest.entry().to() <= committed.orElse(-1) || nanos - oldest.nanos() >= KEPT_NANOS);
  }
}
