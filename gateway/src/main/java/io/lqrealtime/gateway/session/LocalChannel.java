package io.lqrealtime.gateway.session;

import java.util.ArrayList;
import java.util.List;

/**
 * A channel's subscriptions on one I/O thread, in no order that matters. Confined to that thread.
 */
final class LocalChannel {
  final TenantChannel name;
  final int partition;
  private final List<Subscription> subscriptions = new ArrayList<>(1);

  /** Whether its messages come to this gateway at present. */
  boolean active;

  /** The offset that they have come from, while it is active. */
  long activeFrom = -1;

  LocalChannel(TenantChannel name, int partition) {
    this.name = name;
    this.partition = partition;
  }

  void activate(long from) {
    active = true;
    activeFrom = from;
  }

  void add(Subscription subscription) {
    subscriptions.add(subscription);
  }

  /** Linear in the subscriptions; the last one takes the place of the one that goes. */
  void remove(Subscription subscription) {
    int at = subscriptions.indexOf(subscription);
    if (at >= 0) {
      Subscription last = subscriptions.removeLast();
      if (last != subscription) {
        subscriptions.set(at, last);
      }
    }
  }

  List<Subscription> subscriptions() {
    return subscriptions;
  }

  boolean isEmpty() {
    return subscriptions.isEmpty();
  }
}
