package io.lqrealtime.record;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;

/**
 * 64 bits that stand for a tenant's channel in indexes and digests: FNV-1a of {@code tenant NUL
 * channel}, finished as in MurmurHash3 to mix the high bits. Part of the wire: gateways and routers
 * of all versions compute alike.
 *
 * <p>Not a defence against forgery: whoever may choose names can make two collide. What is found by
 * a fingerprint has to be compared by its names.
 */
public final class ChannelFingerprint {
  private ChannelFingerprint() {}

  public static long of(TenantId tenant, Channel channel) {
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
