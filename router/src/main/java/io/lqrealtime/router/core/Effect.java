package io.lqrealtime.router.core;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.DeadLetterReason;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.tenant.TenantOrder;

/** Something that goes out because of a record. */
public sealed interface Effect {
  /** To the gateway's topic. */
  record Deliver(GatewayId gateway, GatewayRecord record) implements Effect {}

  /**
   * The record as it is to the inbound log's partition {@code home}, with these two headers.
   *
   * @param origin where it lies, and {@code mac} the signature that makes it believed
   */
  record Forward(int home, String origin, String mac) implements Effect {}

  /**
   * To the index, in the partition's own partition.
   *
   * @param to the offset past the last one that it says something about
   * @param time when the record before that was appended
   * @param value the index record, as {@link io.lqrealtime.record.IndexRecordCodec} has it
   */
  record Index(long to, long time, byte[] value) implements Effect {}

  /** A control record of the router's own to this partition of the inbound log. */
  record Write(ControlRecord record) implements Effect {}

  /** The order, as the record has it, to the tenants topic, for all gateways. */
  record Announce(TenantOrder order) implements Effect {}

  /** The record as it is to the dead-letter topic. */
  record DeadLetter(DeadLetterReason reason, String detail) implements Effect {}
}
