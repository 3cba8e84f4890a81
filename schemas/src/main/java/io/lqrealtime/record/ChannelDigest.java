package io.lqrealtime.record;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;

/**
 * A digest of a set of channels that can be kept up to date in constant time: the exclusive or of a
 * 64-bit hash of each. Two sets that differ by any single lost or extra channel never collide
 * unless that channel hashes to 0; arbitrary sets do with a chance of 2^-64. Not a defence against
 * forgery: control records are signed.
 */
public final class ChannelDigest {
  public static final long EMPTY = 0;

  private ChannelDigest() {}

  /** The digest with the channel added, if it was not in; with it removed, if it was. */
  public static long toggle(long digest, TenantId tenant, Channel channel) {
    return digest ^ hash(tenant, channel);
  }

  /**
   * FNV-1a (64 bits) of {@code tenant NUL channel}, finished as in MurmurHash3 to mix the high
   * bits.
   */
  static long hash(TenantId tenant, Channel channel) {
    long hash = 0xcbf29ce484222325L;
    hash = fnv(hash, tenant.value());
    hash *= 0x100000001b3L;
    hash = fnv(hash, channel.value());
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return hash ^ (hash >>> 33);
  }

  private static long fnv(long start, String ascii) {
    long hash = start;
    for (int i = 0; i < ascii.length(); i++) {
      hash = (hash ^ ascii.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }
}
