package io.lqrealtime.gateway.delivery;

/** What the reader of the gateway's topic counts. */
public interface DeliveryMetrics {
  void gap();

  void duplicate();

  void unreadable();

  void digestMismatch();
}
