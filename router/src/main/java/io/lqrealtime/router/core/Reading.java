package io.lqrealtime.router.core;

import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.DeadLetterReason;
import io.lqrealtime.tenant.TenantOrder;
import java.util.Optional;

/** What an inbound record says, or why it can't be read. */
sealed interface Reading {
  record Message(ChannelName channel, Optional<String> id, Optional<String> from)
      implements Reading {}

  record Control(String type, ControlRecord record) implements Reading {}

  /**
   * @param issued in epoch milliseconds
   * @param mac which no other order has
   */
  record Order(String type, TenantOrder order, long issued, byte[] mac) implements Reading {}

  record Invalid(DeadLetterReason reason, String detail) implements Reading {}
}
