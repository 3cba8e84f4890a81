package io.lqrealtime.router.core;

import java.util.ArrayList;
import java.util.List;

/** Who has, and who lately had, one channel. Mutable, and only the directory does. */
final class Subscribers {
  private final List<Entry> open = new ArrayList<>(1);
  private List<Entry> closed = List.of();
  private long latestEnd = -1;

  List<Entry> open() {
    return open;
  }

  /**
   * The closed entries that a message at {@code offset} may still be for: none unless the state is
   * ahead of what is being read, so that live traffic never looks at them.
   */
  List<Entry> closedPast(long offset) {
    return offset < latestEnd ? closed : List.of();
  }

  void addOpen(Entry entry) {
    open.add(entry);
  }

  void removeOpen(Entry entry) {
    open.remove(entry);
  }

  void addClosed(Entry entry) {
    if (closed.isEmpty()) {
      closed = new ArrayList<>(2);
    }
    latestEnd = Math.max(latestEnd, entry.to());
    closed.add(entry);
  }

  boolean removeClosed(Entry entry) {
    boolean removed = closed.remove(entry);
    if (removed && closed.isEmpty()) {
      closed = List.of();
    }
    return removed;
  }

  boolean isEmpty() {
    return open.isEmpty() && closed.isEmpty();
  }
}
