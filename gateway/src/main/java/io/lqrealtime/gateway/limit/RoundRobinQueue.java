package io.lqrealtime.gateway.limit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What waits, by whom it belongs to. The owners take turns, each of them with what has waited
 * longest: however much one of them has waiting, another waits for one turn of each. Bounds are for
 * its user to keep; not safe for use by several threads.
 */
public final class RoundRobinQueue<K, T> {
  private final SequencedMap<K, Deque<T>> queues = new LinkedHashMap<>();
  private int size;

  public void add(K owner, T item) {
    queues.computeIfAbsent(owner, any -> new ArrayDeque<>(1)).add(item);
    size++;
  }

  /** Takes what is next; null if nothing waits. */
  public @Nullable T poll() {
    var turn = queues.pollFirstEntry();
    if (turn == null) {
      return null;
    }
    T next = turn.getValue().remove();
    size--;
    if (!turn.getValue().isEmpty()) {
      queues.putLast(turn.getKey(), turn.getValue());
    }
    return next;
  }

  /** Takes what has waited longest of each owner, for as long as it fits. */
  public void takeWhile(Predicate<T> fits, Consumer<T> taker) {
    var each = queues.values().iterator();
    while (each.hasNext()) {
      Deque<T> queue = each.next();
      while (!queue.isEmpty() && fits.test(queue.peek())) {
        taker.accept(queue.remove());
        size--;
      }
      if (queue.isEmpty()) {
        each.remove();
      }
    }
  }

  public boolean isEmpty() {
    return size == 0;
  }

  public int size() {
    return size;
  }

  /** How much of the owner's waits. */
  public int size(K owner) {
    Deque<T> queue = queues.get(owner);
    return queue == null ? 0 : queue.size();
  }

  /** How many have something waiting. */
  public int owners() {
    return queues.size();
  }
}
