package io.lqrealtime.record;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;

/**
 * A digest of a set of channels that can be kept up to date in constant time: the exclusive or of
 * the {@link ChannelFingerprint} of each. Two sets that differ by any single lost or extra channel
 * never collide unless that channel hashes to 0; arbitrary sets do with a chance of 2^-64. Not a
 * defence against forgery: control records are signed.
 */
public final class ChannelDigest {
  public static final long EMPTY = 0;

  private ChannelDigest() {}

  /** The digest with the channel added, if it was not in; with it removed, if it was. */
  public static long toggle(long digest, TenantId tenant, Channel channel) {
    return digest ^ ChannelFingerprint.of(tenant, channel);
  }
}
