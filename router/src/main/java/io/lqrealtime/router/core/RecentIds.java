package io.lqrealtime.router.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The ids of the last minutes of a partition, by which a message that its publisher sent again is
 * known. An id is a repeat if it was first seen at a <em>lower</em> offset, and within the window
 * by the log's own time: so a record that is read again after a crash, with a state that may know
 * what comes, is decided as it was.
 *
 * <p>Ids lie in slabs of a quarter of the window each, which are dropped whole: once everything in
 * one is older than the window and a quarter, as of what is surely committed, since older records
 * can't be read again. About 27 bytes an id (see {@link IdChunk} and {@link IdSlab}). Past the
 * process's {@link IdBudget} the oldest slab of whoever adds goes early: a repeat may then be taken
 * for new.
 *
 * <p>Not safe for several threads.
 */
final class RecentIds {
  /** With the log's own append times there are six or seven; with times of clients any number. */
  static final int MAX_SLABS = 64;

  private static final long MIN_WIDTH = 250;

  private final long window;
  private final long width;
  private final IdBudget budget;
  private final List<IdSlab> slabs = new ArrayList<>();
  private final Deque<Chunk> garbage = new ArrayDeque<>();

  /** Ids below this offset have been added. */
  private long to = -1;

  /**
   * @param window milliseconds; 0 turns it off
   */
  RecentIds(long window, IdBudget budget) {
    this.window = window;
    this.width = Math.max(MIN_WIDTH, window / 4);
    this.budget = budget;
  }

  boolean isOn() {
    return window > 0;
  }

  /** Milliseconds; 0 if it is off. */
  long window() {
    return window;
  }

  boolean isRepeat(IdFingerprint id, long offset, long time) {
    for (int i = slabs.size() - 1; i >= 0; i--) {
      if (slabs.get(i).has(id, offset, time, window)) {
        return true;
      }
    }
    return false;
  }

  /** Takes an id that was seen for the first time, or again in a record that is read again. */
  void seen(IdFingerprint id, long offset, long time) {
    if (offset < to) {
      return;
    }
    to = offset + 1;
    slabFor(time).add(id, offset, time);
    if (!budget.add()) {
      dropEarly();
    }
  }

  /** The chunks that are to be persisted. */
  List<Change> unsaved() {
    List<Change> changes = new ArrayList<>();
    for (int i = slabs.size() - 1; i >= 0; i--) {
      List<IdChunk> chunks = slabs.get(i).chunks();
      int before = changes.size();
      for (int j = chunks.size() - 1; j >= 0 && !chunks.get(j).isSaved(); j--) {
        changes.add(new Change.IdsSaved(chunks.get(j).name(), chunks.get(j).value()));
      }
      if (changes.size() == before) {
        break;
      }
    }
    return changes.reversed();
  }

  /** Takes that a chunk is stored: one of its own, or one that is restored. */
  void saved(Chunk name, byte[] value) {
    for (int i = slabs.size() - 1; i >= 0; i--) {
      for (IdChunk chunk : slabs.get(i).chunks().reversed()) {
        if (chunk.isSaved()) {
          break;
        }
        if (chunk.name().equals(name)) {
          chunk.saved(value);
          return;
        }
      }
    }
    restored(name, value);
  }

  private void restored(Chunk name, byte[] value) {
    if (name.to() <= to || !isOn()) {
      garbage.add(name);
      return;
    }
    to = name.to();
    IdChunk chunk = IdChunk.of(value);
    slabFor(chunk.time(0)).add(chunk);
    boolean within = true;
    for (int i = 0; i < chunk.count(); i++) {
      within &= budget.add();
    }
    if (!within) {
      dropEarly();
    }
  }

  /**
   * What can be forgotten if nothing before this time is read again.
   *
   * @param max how many chunks at the most
   */
  List<Change> expired(long time, int max) {
    List<Change> changes = new ArrayList<>();
    for (IdSlab slab : slabs) {
      if (slab.lastTime() < time - window - width) {
        changes.add(new Change.IdsForgotten(slab.from()));
      }
    }
    garbage.stream().limit(max).map(Change.ChunkRemoved::new).forEach(changes::add);
    return changes;
  }

  void forget(long from) {
    for (int i = 0; i < slabs.size(); i++) {
      if (slabs.get(i).from() == from) {
        budget.release(slabs.get(i).size());
        drop(i);
        return;
      }
    }
  }

  void removed(Chunk chunk) {
    garbage.remove(chunk);
  }

  /** Gives back what it holds of the budget; it is of no use after that. */
  void close() {
    for (IdSlab slab : slabs) {
      budget.release(slab.size());
    }
    slabs.clear();
  }

  private IdSlab slabFor(long time) {
    if (!slabs.isEmpty()) {
      IdSlab last = slabs.getLast();
      if (time >= last.firstTime() && time - last.firstTime() < width && !last.isFull()) {
        return last;
      }
    }
    if (slabs.size() == MAX_SLABS) {
      dropEarly();
    }
    IdSlab next = new IdSlab(slabs.isEmpty() ? 0 : slabs.getLast().size());
    slabs.add(next);
    return next;
  }

  private void dropEarly() {
    budget.releaseEarly(slabs.getFirst().size());
    drop(0);
  }

  private void drop(int index) {
    for (IdChunk chunk : slabs.remove(index).chunks()) {
      if (chunk.isSaved()) {
        garbage.add(chunk.name());
      }
    }
  }
}
