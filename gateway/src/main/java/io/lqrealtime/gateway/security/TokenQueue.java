package io.lqrealtime.gateway.security;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What waits to be verified, by who asks. Every second turn is for those who are connected: they
 * would lose their connection for want of it, however many strangers come with whatever. Within
 * both kinds askers take turns, so that a flood from one address keeps waiting who comes from
 * there.
 *
 * <p>Bound: an asker may have as much waiting as is left for others. Safe for use by several
 * threads; never blocks.
 */
final class TokenQueue<T> {
  private final int most;
  private final SequencedMap<Asker, Deque<T>> connected = new LinkedHashMap<>();
  private final SequencedMap<Asker, Deque<T>> strangers = new LinkedHashMap<>();
  private int size;
  private boolean connectedFirst;

  TokenQueue(int most) {
    this.most = most;
  }

  /** Returns false, having kept nothing, where the asker has too much waiting already. */
  synchronized boolean offer(Asker asker, T task) {
    SequencedMap<Asker, Deque<T>> lane =
        switch (asker) {
          case Asker.Connected _ -> connected;
          case Asker.Stranger _ -> strangers;
        };
    Deque<T> queue = lane.get(asker);
    int waiting = queue == null ? 0 : queue.size();
    if (waiting >= most - size) {
      return false;
    }
    if (queue == null) {
      queue = new ArrayDeque<>(1);
      lane.put(asker, queue);
    }
    queue.add(task);
    size++;
    return true;
  }

  /** What is next; empty if nothing waits. */
  synchronized Optional<T> poll() {
    if (size == 0) {
      return Optional.empty();
    }
    connectedFirst = !connectedFirst;
    boolean fromConnected = strangers.isEmpty() || (connectedFirst && !connected.isEmpty());
    SequencedMap<Asker, Deque<T>> lane = fromConnected ? connected : strangers;
    var turn = lane.pollFirstEntry();
    T next = turn.getValue().remove();
    if (!turn.getValue().isEmpty()) {
      lane.putLast(turn.getKey(), turn.getValue());
    }
    size--;
    return Optional.of(next);
  }

  synchronized int size() {
    return size;
  }
}
