package io.lqrealtime.gateway.session;

import java.util.List;

/**
 * What a poll of the gateway's topic brought, in order, for every I/O thread alike. Immutable and
 * shared.
 */
public sealed interface Delivery {
  /**
   * A message for whoever is subscribed.
   *
   * @param frame the encoded WebSocket frame, shared by all that get it
   * @param appendedAt epoch milliseconds of the append to the inbound log
   */
  record Broadcast(TenantChannel channel, int partition, long offset, byte[] frame, long appendedAt)
      implements Delivery {}

  /**
   * Something of the moment for whoever is live in a channel: it lies at no offset, and who has no
   * room for it does without.
   */
  record Notice(TenantChannel channel, byte[] frame) implements Delivery {}

  /** From this offset on the channels come live. */
  record Activated(List<TenantChannel> channels, int partition, long offset) implements Delivery {}

  /** These channels could not be subscribed in time. */
  record Refused(List<TenantChannel> channels) implements Delivery {}

  /**
   * Messages of this partition have not come, or may not have: everything up to {@code after} has,
   * and the stream goes on past {@code upTo}.
   */
  record Gap(int partition, long after, long upTo) implements Delivery {}

  /**
   * The partition's stream has ended, contiguous up to {@code after}: its channels are asked for
   * again, and each is {@link Activated} when it comes anew.
   */
  record Suspended(int partition, long after) implements Delivery {}
}
