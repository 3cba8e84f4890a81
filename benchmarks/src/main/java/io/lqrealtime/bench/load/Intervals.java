package io.lqrealtime.bench.load;

import java.util.Map;
import java.util.TreeMap;

/**
 * A set of whole numbers, kept as the runs it is made of. Its user bounds the runs. Not for several
 * threads.
 */
final class Intervals {

  /** From the first number of a run to past its last. */
  private final TreeMap<Long, Long> runs = new TreeMap<>();

  /** Adds the numbers from {@code start} to before {@code end}, which lie above all others. */
  void addRun(long start, long end) {
    runs.put(start, end);
  }

  int runs() {
    return runs.size();
  }

  /** Takes the lowest run out, and returns how many numbers it had. */
  long removeLowest() {
    Map.Entry<Long, Long> lowest = runs.pollFirstEntry();
    return lowest == null ? 0 : lowest.getValue() - lowest.getKey();
  }

  /** Takes a number out; false where it was not in. */
  boolean remove(long number) {
    Map.Entry<Long, Long> run = runs.floorEntry(number);
    if (run == null || run.getValue() <= number) {
      return false;
    }
    long start = run.getKey();
    long end = run.getValue();
    if (start == number) {
      runs.remove(start);
    } else {
      runs.put(start, number);
    }
    if (number + 1 < end) {
      runs.put(number + 1, end);
    }
    return true;
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }

  long count() {
    return runs.entrySet().stream().mapToLong(run -> run.getValue() - run.getKey()).sum();
  }

  /** How many numbers are in both. */
  long countShared(Intervals other) {
    long shared = 0;
    for (Map.Entry<Long, Long> run : runs.entrySet()) {
      Map.Entry<Long, Long> at = other.runs.floorEntry(run.getKey());
      long from = at == null ? run.getKey() : at.getKey();
      for (Map.Entry<Long, Long> its :
          other.runs.subMap(from, true, run.getValue(), false).entrySet()) {
        long start = Math.max(run.getKey(), its.getKey());
        long end = Math.min(run.getValue(), its.getValue());
        shared += Math.max(0, end - start);
      }
    }
    return shared;
  }

  Intervals copy() {
    Intervals copy = new Intervals();
    copy.runs.putAll(runs);
    return copy;
  }

  @Override
  public String toString() {
    return runs.toString();
  }
}
