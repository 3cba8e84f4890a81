package io.lqrealtime.router.core;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which records of other partitions have come home already. A partition's records are forwarded in
 * order, and a router that starts over forwards the last of them again: the highest origin offset
 * taken from each partition is enough to tell them.
 *
 * <p>Where the state is ahead of the record being read (a crash between flush and commit) it can't
 * say what was the highest then; the first of each within the replay is taken. A record that was
 * forwarded twice could so be taken twice if its first copy lies before the replay and the second
 * within: two crashes within one commit interval.
 */
final class Origins {
  private final Map<Integer, Forwarded> highest = new HashMap<>();
  private final Map<Integer, Long> replayed = new HashMap<>();

  /**
   * A record of partition {@code source} at {@code offset}, whose copy lies here at {@code home}.
   */
  record Forwarded(int source, long offset, long home) {}

  /** The change that takes the record, or none if it has been taken before. */
  Optional<Change> take(Forwarded record) {
    Forwarded known = highest.get(record.source());
    if (known == null || record.home() > known.home()) {
      return known == null || record.offset() > known.offset()
          ? Optional.of(new Change.OriginTaken(record))
          : Optional.empty();
    }
    return record.home() == known.home()
            || record.offset() > replayed.getOrDefault(record.source(), -1L)
        ? Optional.of(new Change.OriginReplayed(record))
        : Optional.empty();
  }

  void taken(Forwarded record) {
    highest.put(record.source(), record);
  }

  void replayed(Forwarded record) {
    replayed.merge(record.source(), record.offset(), Math::max);
  }
}
