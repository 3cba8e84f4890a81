package io.lqrealtime.presence.memory;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.Owner;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Leases in memory; guarded by {@link MemoryPresence}'s lock. */
final class MemoryLeases implements GatewayLeases {
  private record Lease(long generation, Instant end) {}

  private final InstantSource clock;
  private final MemoryPresence presence;
  private final Map<GatewayId, Lease> leases = new HashMap<>();
  private long epoch = 1;

  MemoryLeases(InstantSource clock, MemoryPresence presence) {
    this.clock = clock;
    this.presence = presence;
  }

  @Override
  public CompletableFuture<Renewal> renew(Owner owner, Duration ttl) {
    if (ttl.toMillis() < 1) {
      throw new IllegalArgumentException("a lease lasts at least a millisecond");
    }
    return presence.call(
        () -> {
          dropEnded();
          Lease lease = leases.get(owner.gateway());
          if (lease != null && lease.generation > owner.generation()) {
            return new Renewal.Fenced(epoch(), lease.generation);
          }
          leases.put(owner.gateway(), new Lease(owner.generation(), clock.instant().plus(ttl)));
          return new Renewal.Renewed(
              epoch(), lease != null && lease.generation == owner.generation());
        });
  }

  @Override
  public CompletableFuture<Boolean> release(Owner owner) {
    return presence.call(
        () -> {
          Lease lease = leases.get(owner.gateway());
          boolean held = lease != null && lease.generation == owner.generation();
          if (held) {
            leases.remove(owner.gateway());
          }
          return held;
        });
  }

  @Override
  public CompletableFuture<Observation> observe() {
    return presence.call(this::observation);
  }

  Observation observation() {
    dropEnded();
    Map<GatewayId, Long> generations = new HashMap<>();
    leases.forEach((gateway, lease) -> generations.put(gateway, lease.generation));
    return new Observation(epoch(), generations);
  }

  void flush() {
    leases.clear();
    epoch++;
  }

  private String epoch() {
    return Long.toString(epoch);
  }

  private void dropEnded() {
    Instant now = clock.instant();
    leases.values().removeIf(lease -> !lease.end.isAfter(now));
  }
}
