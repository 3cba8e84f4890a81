package io.lqrealtime.gateway.session;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** A gateway's channels as the test sets them; all lie on partition 4. */
final class FakeInterests implements Interests {
  static final int PARTITION = 4;

  /** Channels that are active on the gateway already, with the offset they are active from. */
  final Map<TenantChannel, Long> active = new HashMap<>();

  /** Who was counted in and not out again. */
  final List<TenantChannel> held = new ArrayList<>();

  /** Whether the tenant has as many channels as it may have. */
  boolean full;

  @Override
  public boolean hasRoomFor(TenantChannel channel) {
    return !full;
  }

  @Override
  public int partitionOf(TenantChannel channel) {
    return PARTITION;
  }

  @Override
  public OptionalLong acquire(TenantChannel channel) {
    held.add(channel);
    Long offset = active.get(channel);
    return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  @Override
  public void release(TenantChannel channel) {
    if (!held.remove(channel)) {
      throw new AssertionError(channel + " was counted out more often than in");
    }
  }
}
