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

  /** The offset that the gateway has it from, once a subscription is active. */
  long activeFrom = -1;

  LocalChannel(TenantChannel name, int partition) {
    this.name = name;
    this.partition = partition;
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
