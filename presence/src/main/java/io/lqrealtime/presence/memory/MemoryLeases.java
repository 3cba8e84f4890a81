package io.lqrealtime.presence.memory;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.presence.Backlog;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceUnavailableException;
import io.lqrealtime.presence.Roster;
import io.lqrealtime.presence.Roster.Lease;
import io.lqrealtime.presence.Roster.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Leases in memory; guarded by {@link MemoryPresence}'s lock. */
final class MemoryLeases implements GatewayLeases {
  private static final Duration AGE = Duration.ofDays(1);
  private static final Duration LEASE = Duration.ofSeconds(10);

  private record Held(long generation, Instant end, long term, Backlog backlog) {}

  private record Written(long generation, String epoch) {}

  private final InstantSource clock;
  private final MemoryPresence presence;
  private final Map<GatewayId, Held> leases = new HashMap<>();
  private final Map<GatewayId, Written> written = new HashMap<>();
  private final Roster roster;
  private long epoch = 1;
  private long terms;

  MemoryLeases(InstantSource clock, MemoryPresence presence) {
    this.clock = clock;
    this.presence = presence;
    this.roster = new Roster(LEASE, nanos());
  }

  /** Shows the roster what is there now. */
  void see() {
    see(Optional.empty());
  }

  private void see(Optional<GatewayId> renewer) {
    var _ = roster.doubt(sighting(Optional.empty(), renewer), nanos(), nanos());
  }

  /** A call failed. */
  void away() {
    roster.away(nanos());
  }

  private long nanos() {
    return TimeUnit.MILLISECONDS.toNanos(clock.millis());
  }

  @Override
  public CompletableFuture<Renewal> renew(Owner owner, Duration ttl, Backlog backlog) {
    if (ttl.toMillis() < 1) {
      throw new IllegalArgumentException("a lease lasts at least a millisecond");
    }
    return presence.call(
        () -> {
          dropEnded();
          Held lease = leases.get(owner.gateway());
          if (lease != null && lease.generation > owner.generation()) {
            return new Renewal.Fenced(epoch(), lease.generation);
          }
          Instant end = clock.instant().plus(ttl);
          leases.put(owner.gateway(), new Held(owner.generation(), end, ++terms, backlog));
          see(Optional.of(owner.gateway()));
          return new Renewal.Renewed(
              epoch(),
              lease != null && lease.generation == owner.generation(),
              isWhole(owner.gateway(), owner.generation()));
        });
  }

  @Override
  public CompletableFuture<Boolean> release(Owner owner) {
    return presence.call(
        () -> {
          Held lease = leases.get(owner.gateway());
          boolean held = lease != null && lease.generation == owner.generation();
          if (held) {
            leases.remove(owner.gateway());
          }
          return held;
        });
  }

  @Override
  public CompletableFuture<Observation> observe() {
    return presence.call(() -> sighting(Optional.empty(), Optional.empty()).observation());
  }

  boolean written(Owner owner, String during) {
    if (!during.equals(epoch())) {
      return false;
    }
    written.put(owner.gateway(), new Written(owner.generation(), during));
    return true;
  }

  void sweep(Owner owner) {
    written.remove(owner.gateway(), new Written(owner.generation(), epoch()));
  }

  /** The leases, where counts of the tenant's members by them are right. */
  Observation trusted(TenantId tenant) {
    Sighting seen = sighting(Optional.of(tenant), Optional.empty());
    roster
        .doubt(seen, nanos(), nanos())
        .ifPresent(
            doubt -> {
              throw new PresenceUnavailableException(doubt);
            });
    return seen.observation();
  }

  private Sighting sighting(Optional<TenantId> tenant, Optional<GatewayId> renewer) {
    dropEnded();
    Map<GatewayId, Lease> seen = new HashMap<>();
    leases.forEach(
        (gateway, held) ->
            seen.put(
                gateway,
                new Lease(
                    held.generation,
                    Long.toString(held.term),
                    isWhole(gateway, held.generation),
                    tenant.map(held.backlog::concerns).orElse(held.backlog.everything()))));
    // Whoever uses it is in this process: nobody else may be about to write.
    return new Sighting(epoch(), AGE, seen, renewer);
  }

  private boolean isWhole(GatewayId gateway, long generation) {
    return new Written(generation, epoch()).equals(written.get(gateway));
  }

  void flush() {
    see();
    leases.clear();
    written.clear();
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
