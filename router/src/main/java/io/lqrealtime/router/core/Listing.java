package io.lqrealtime.router.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Which messages of the partition were routed lately: what is not written to the index yet, and
 * what is not persisted yet.
 *
 * <p>The index has no hole because of this order. What is listed is persisted before the commit of
 * the offsets, and stays so until the index records that say it are known to be written: those that
 * were sent before a flush of the producer that went well. On restoration all that is persisted is
 * written to the index again, and listing goes on where it ends; records that are read again before
 * that are passed over. So whatever is lost with a process was either not committed, and is read
 * again, or is persisted. Index records may repeat one another; they agree, for they come from the
 * same listing.
 *
 * <p>If what is read first lies past what is persisted, nobody knows what was routed between, and
 * the index begins anew: a hole that tells. That is so if the records between are not retained, or
 * were routed by a version without an index.
 *
 * <p>Memory: 16 bytes for each message since the last commit or index record. Not safe for several
 * threads.
 */
final class Listing {
  private static final long NOTHING = -1;

  /** So that an index record stays far below the 1 MiB that brokers take by default. */
  static final int MAX_MESSAGES = 16_384;

  private long[] offsets = new long[256];
  private long[] channels = new long[256];
  private int size;

  private int firstUnindexed;
  private int firstUnsaved;

  private final List<Effect.Index> restored = new ArrayList<>();
  private final Deque<Chunk> chunks = new ArrayDeque<>();

  private boolean reading;

  /** The offset past the last one read; {@code time} is when that one was appended. */
  private long to = NOTHING;

  private long time;
  private long indexed = NOTHING;
  private long saved = NOTHING;

  private long indexedAtFlush = NOTHING;
  private long surelyIndexed = NOTHING;

  /** What was listed of a stretch. The arrays are shared, and not to be changed. */
  record Part(long from, long to, long time, long[] offsets, long[] channels, int count) {}

  /** Whether reading on at this offset leaves a hole in the index. */
  boolean breaksAt(long offset) {
    return !reading && to != NOTHING && offset > to;
  }

  void list(long offset, long channel) {
    begin(offset);
    if (offset < to) {
      return;
    }
    if (size == offsets.length) {
      makeRoom();
    }
    offsets[size] = offset;
    channels[size++] = channel;
  }

  void read(long offset, long appended) {
    begin(offset);
    if (offset >= to) {
      to = offset + 1;
      time = appended;
    }
  }

  private void begin(long offset) {
    if (!reading) {
      reading = true;
      if (to == NOTHING || offset > to) {
        to = offset;
        indexed = offset;
        saved = offset;
      }
    }
  }

  /** Messages that are in no index record yet. */
  int unindexedMessages() {
    return size - firstUnindexed;
  }

  int unsavedMessages() {
    return size - firstUnsaved;
  }

  boolean isIndexed() {
    return restored.isEmpty() && indexed == to;
  }

  boolean isSaved() {
    return saved == to;
  }

  /** The oldest of what was restored and has to be written to the index again. */
  Optional<Effect.Index> restored() {
    return restored.isEmpty() ? Optional.empty() : Optional.of(restored.getFirst());
  }

  /** What the next index record is to say. */
  Optional<Part> unindexed() {
    return indexed == to ? Optional.empty() : Optional.of(part(firstUnindexed, indexed));
  }

  /** What is to be persisted. */
  List<Part> unsaved() {
    List<Part> parts = new ArrayList<>();
    int first = firstUnsaved;
    long from = saved;
    while (from != to) {
      Part part = part(first, from);
      parts.add(part);
      first += part.count();
      from = part.to();
    }
    return parts;
  }

  private Part part(int first, long from) {
    int count = Math.min(size - first, MAX_MESSAGES);
    return new Part(
        from,
        first + count == size ? to : offsets[first + count - 1] + 1,
        time,
        Arrays.copyOfRange(offsets, first, first + count),
        Arrays.copyOfRange(channels, first, first + count),
        count);
  }

  void indexed(long end) {
    if (!restored.isEmpty()) {
      restored.removeFirst();
      return;
    }
    indexed = Math.max(indexed, end);
    while (firstUnindexed < size && offsets[firstUnindexed] < end) {
      firstUnindexed++;
    }
  }

  /** Takes that a stretch is persisted: one of its own, or one that is restored. */
  void saved(Chunk chunk, Effect.Index index) {
    chunks.add(chunk);
    if (reading) {
      saved = Math.max(saved, chunk.to());
      while (firstUnsaved < size && offsets[firstUnsaved] < chunk.to()) {
        firstUnsaved++;
      }
    } else {
      restored.add(index);
      to = Math.max(to, chunk.to());
      indexed = to;
      saved = to;
    }
  }

  /** The persisted stretches that surely are in the index. */
  List<Change> outdated() {
    List<Change> changes = new ArrayList<>();
    for (Chunk chunk : chunks) {
      if (chunk.to() <= surelyIndexed) {
        changes.add(new Change.ChunkRemoved(chunk));
      }
    }
    return changes;
  }

  void removed(Chunk chunk) {
    chunks.remove(chunk);
  }

  /** What was indexed so far has been sent, and the producer is about to be flushed. */
  void flushing() {
    indexedAtFlush = restored.isEmpty() ? indexed : NOTHING;
  }

  /** That flush went well. */
  void flushed() {
    surelyIndexed = Math.max(surelyIndexed, indexedAtFlush);
  }

  private void makeRoom() {
    int done = Math.min(firstUnindexed, firstUnsaved);
    int length = size - done > offsets.length / 2 ? 2 * offsets.length : offsets.length;
    long[] newOffsets = new long[length];
    long[] newChannels = new long[length];
    System.arraycopy(offsets, done, newOffsets, 0, size - done);
    System.arraycopy(channels, done, newChannels, 0, size - done);
    offsets = newOffsets;
    channels = newChannels;
    size -= done;
    firstUnindexed -= done;
    firstUnsaved -= done;
  }
}
