package io.lqrealtime.presence.memory;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceUnavailableException;
import io.lqrealtime.presence.Roster;
import io.lqrealtime.presence.Roster.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Leases in memory; guarded by {@link MemoryPresence}'s lock. */
final class MemoryLeases implements GatewayLeases {
  private static final Duration AGE = Duration.ofDays(1);
  private static final Duration LEASE = Duration.ofSeconds(10);

  private record Lease(long generation, Instant end) {}

  private record Written(long generation, String epoch) {}

  private final InstantSource clock;
  private final MemoryPresence presence;
  private final Map<GatewayId, Lease> leases = new HashMap<>();
  private final Map<GatewayId, Written> written = new HashMap<>();
  private final Roster roster = new Roster(LEASE);
  private long epoch = 1;

  MemoryLeases(InstantSource clock, MemoryPresence presence) {
    this.clock = clock;
    this.presence = presence;
  }

  /** Shows the roster what is there now. */
  void see() {
    var _ = roster.doubt(sighting(), TimeUnit.MILLISECONDS.toNanos(clock.millis()));
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
          see();
          return new Renewal.Renewed(
              epoch(),
              lease != null && lease.generation == owner.generation(),
              sighting().whole().contains(owner.gateway()));
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

  /** The leases, where counts by them are right. */
  Observation trusted() {
    Sighting seen = sighting();
    roster
        .doubt(seen, TimeUnit.MILLISECONDS.toNanos(clock.millis()))
        .ifPresent(
            doubt -> {
              throw new PresenceUnavailableException(doubt);
            });
    return seen.observation();
  }

  private Sighting sighting() {
    Observation observation = observation();
    Set<GatewayId> whole = new HashSet<>();
    observation
        .generations()
        .forEach(
            (gateway, generation) -> {
              if (new Written(generation, epoch()).equals(written.get(gateway))) {
                whole.add(gateway);
              }
            });
    // Whoever uses it is in this process: nobody else may be about to write.
    return new Sighting(observation, AGE, whole);
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
