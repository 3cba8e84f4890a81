package io.lqrealtime.topic;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import java.nio.charset.StandardCharsets;

/**
 * Where a tenant lives: the home partition of its records, which is what Kafka's Java producer
 * would choose for the key by default (murmur2 of its UTF-8 form, modulo the number of partitions).
 * Clients that place otherwise (librdkafka hashes with CRC32) are still welcome: the router
 * forwards their records home.
 *
 * <p>Immutable. The channel is part of the question because a big tenant may be spread by channel;
 * without such a spread it does not change the answer.
 *
 * @param partitions the number of partitions of the inbound topic, 1 or more
 */
public record Placement(int partitions) {
  public Placement {
    if (partitions < 1) {
      throw new IllegalArgumentException("a topic has at least one partition");
    }
  }

  public int home(TenantId tenant, Channel channel) {
    return home(tenant);
  }

  /** Where what concerns the tenant as a whole lies. */
  public int home(TenantId tenant) {
    return home(tenant.value().getBytes(StandardCharsets.UTF_8));
  }

  private int home(byte[] key) {
    return (murmur2(key) & 0x7fffffff) % partitions;
  }

  /** Austin Appleby's MurmurHash2 with Kafka's seed, 0x9747b28c. */
  static int murmur2(byte[] data) {
    int length = data.length;
    int m = 0x5bd1e995;
    int hash = 0x9747b28c ^ length;
    int blocks = length >> 2;
    for (int i = 0; i < blocks; i++) {
      int at = i << 2;
      int k =
          (data[at] & 0xff)
              | (data[at + 1] & 0xff) << 8
              | (data[at + 2] & 0xff) << 16
              | (data[at + 3] & 0xff) << 24;
      k *= m;
      k ^= k >>> 24;
      k *= m;
      hash *= m;
      hash ^= k;
    }
    int tail = blocks << 2;
    int left = length - tail;
    if (left > 2) {
      hash ^= (data[tail + 2] & 0xff) << 16;
    }
    if (left > 1) {
      hash ^= (data[tail + 1] & 0xff) << 8;
    }
    if (left > 0) {
      hash ^= data[tail] & 0xff;
      hash *= m;
    }
    hash ^= hash >>> 13;
    hash *= m;
    hash ^= hash >>> 15;
    return hash;
  }
}
