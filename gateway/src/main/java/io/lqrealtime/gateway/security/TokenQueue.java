package io.lqrealtime.gateway.security;

import io.lqrealtime.gateway.limit.RoundRobinQueue;
import java.util.Optional;

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
  private final RoundRobinQueue<Asker, T> connected = new RoundRobinQueue<>();
  private final RoundRobinQueue<Asker, T> strangers = new RoundRobinQueue<>();
  private boolean connectedFirst;

  TokenQueue(int most) {
    this.most = most;
  }

  /** Returns false, having kept nothing, where the asker has too much waiting already. */
  synchronized boolean offer(Asker asker, T task) {
    RoundRobinQueue<Asker, T> lane =
        switch (asker) {
          case Asker.Connected _ -> connected;
          case Asker.Stranger _ -> strangers;
        };
    if (lane.size(asker) >= most - size()) {
      return false;
    }
    lane.add(asker, task);
    return true;
  }

  /** What is next; empty if nothing waits. */
  synchronized Optional<T> poll() {
    connectedFirst = !connectedFirst;
    boolean fromConnected = strangers.isEmpty() || (connectedFirst && !connected.isEmpty());
    return Optional.ofNullable((fromConnected ? connected : strangers).poll());
  }

  synchronized int size() {
    return connected.size() + strangers.size();
  }
}
