package io.lqrealtime.router.streams;

import org.jspecify.annotations.Nullable;

/** A record on its way to a sink: bytes as they are to be written, and where to. */
sealed interface Outgoing {
  byte @Nullable [] value();

  record ToGateway(String topic, byte[] value) implements Outgoing {}

  /** To the tenants topic; nothing is a tombstone. */
  record ToTenants(byte @Nullable [] value) implements Outgoing {}

  record ToDeadLetter(byte @Nullable [] value) implements Outgoing {}

  /** To a partition of the index. */
  record ToIndex(int partition, byte[] value) implements Outgoing {}

  /** To a partition of the inbound log. */
  record Home(int partition, byte @Nullable [] value) implements Outgoing {}
}
