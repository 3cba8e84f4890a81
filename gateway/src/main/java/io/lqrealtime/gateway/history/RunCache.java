package io.lqrealtime.gateway.history;

import io.lqrealtime.record.IndexRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was read of the index: the runs last used, up to a number of bytes, and of others where they
 * lie, up to a number a partition. Confined to one thread, but for {@link #bytes}.
 */
final class RunCache {
  /** Runs grow up to here, so that what is let go of at once is small. */
  private static final int RUN_BYTES = 64 << 10;

  private static final int HINTS = 256;
  private static final float LOAD_FACTOR = 0.75f;

  private final long maxBytes;
  private final List<TreeMap<Long, Run>> byOffset = new ArrayList<>();
  private final List<ArrayDeque<Run>> hints = new ArrayList<>();
  private final @Nullable Run[] growing;
  private final long[] reach;
  private final Map<Run, Run> loaded = new LinkedHashMap<>(16, LOAD_FACTOR, true);
  private volatile long bytes;

  RunCache(int partitions, long maxBytes) {
    this.maxBytes = maxBytes;
    this.growing = new Run[partitions];
    this.reach = new long[partitions];
    for (int i = 0; i < partitions; i++) {
      byOffset.add(new TreeMap<>());
      hints.add(new ArrayDeque<>());
    }
  }

  long bytes() {
    return bytes;
  }

  /** The run that begins last of those that don't begin past the offset of the log. */
  @Nullable Run floor(int partition, long offset) {
    Map.Entry<Long, Run> entry = byOffset.get(partition).floorEntry(offset);
    if (entry == null) {
      return null;
    }
    loaded.get(entry.getValue());
    return entry.getValue();
  }

  /** Past the furthest offset of the log that a record was about which has come by here. */
  long reach(int partition) {
    return reach[partition];
  }

  /** Takes a record that lies here in the index. */
  void add(int partition, long place, IndexRecord record, int size) {
    reach[partition] = Math.max(reach[partition], record.stretch().to());
    Run last = growing[partition];
    if (last != null && last.isLoaded() && last.next() == place && last.cost() < RUN_BYTES) {
      long before = last.cost();
      last.append(record, size);
      loaded.get(last);
      grow(last.cost() - before);
    } else {
      Run run = new Run(partition, record, place, size);
      Run replaced = byOffset.get(partition).put(run.from(), run);
      loaded.put(run, run);
      growing[partition] = run;
      long more = run.cost();
      if (replaced != null && loaded.remove(replaced) != null) {
        more -= replaced.cost();
      }
      grow(more);
    }
  }

  /** The record that lies here in the index says nothing about this log. */
  void pass(int partition, long place) {
    Run last = growing[partition];
    if (last != null && last.next() == place) {
      last.pass();
    }
  }

  /** What is known of the partition's index does not hold any more. */
  void clear(int partition) {
    forgetBefore(partition, Long.MAX_VALUE);
    reach[partition] = 0;
  }

  /** The index begins here now. */
  void forgetBefore(int partition, long place) {
    long less = 0;
    Iterator<Run> known = byOffset.get(partition).values().iterator();
    while (known.hasNext()) {
      Run run = known.next();
      if (run.first() < place) {
        known.remove();
        if (loaded.remove(run) != null) {
          less += run.cost();
        }
      }
    }
    hints.get(partition).removeIf(run -> run.first() < place);
    Run last = growing[partition];
    if (last != null && last.first() < place) {
      growing[partition] = null;
    }
    grow(-less);
  }

  private void grow(long difference) {
    long now = bytes + difference;
    Iterator<Run> eldest = loaded.values().iterator();
    // The last one is the one in use.
    for (int left = loaded.size(); now > maxBytes && left > 1; left--) {
      Run run = eldest.next();
      eldest.remove();
      now -= run.cost();
      run.unload();
      remember(run);
    }
    bytes = now;
  }

  private void remember(Run run) {
    ArrayDeque<Run> known = hints.get(run.partition());
    known.add(run);
    if (known.size() > HINTS) {
      Run oldest = known.remove();
      byOffset.get(oldest.partition()).remove(oldest.from(), oldest);
    }
  }
}
