package io.lqrealtime.bench.load;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts by name, for any thread. Past {@link #MAX_NAMES} names, further ones are counted as {@code
 * other}.
 */
public final class Counts {

  private static final int MAX_NAMES = 100;

  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  public void add(String name) {
    boolean room = counts.size() < MAX_NAMES || counts.containsKey(name);
    counts.computeIfAbsent(room ? name : "other", n -> new LongAdder()).increment();
  }

  /** A copy, by name. */
  public Map<String, Long> snapshot() {
    Map<String, Long> copy = new TreeMap<>();
    counts.forEach((name, count) -> copy.put(name, count.sum()));
    return copy;
  }
}
