package io.lqrealtime.presence.redis;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.presence.Backlog;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.Roster;
import io.lqrealtime.presence.Roster.Lease;
import io.lqrealtime.presence.Roster.Sighting;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Leases in one hash, each field with its own expiry, so that one script reads them all at one
 * moment from one slot. The epoch is a token that goes with the run of the server that owns the
 * slot (a restart and a failover change it) and with a flush.
 *
 * <p>Shows the {@link Roster} every answer, and tells it where there is none.
 */
final class RedisGatewayLeases implements GatewayLeases {
  /** An observation, and why counts of members by it may be wrong. */
  record Trusted(Observation observation, Optional<String> doubt) {}

  private final RedisScripts scripts;
  private final Roster roster;

  RedisGatewayLeases(RedisScripts scripts, Roster roster) {
    this.scripts = scripts;
    this.roster = roster;
  }

  @Override
  public CompletableFuture<Renewal> renew(Owner owner, Duration ttl, Backlog backlog) {
    if (ttl.toMillis() < 1) {
      throw new IllegalArgumentException("a lease lasts at least a millisecond");
    }
    return ask(
        () -> scripts.leaseRenew(owner, ttl, backlog),
        (answer, askedNanos) -> {
          Optional<GatewayId> renewer = Optional.of(owner.gateway());
          Sighting seen = sighting(answer.subList(2, answer.size()), renewer);
          // What the roster has to say is for queries.
          var _ = roster.doubt(seen, askedNanos, System.nanoTime());
          return renewal(owner, Long.parseLong(answer.get(0)), answer.get(1).equals("1"), seen);
        });
  }

  private static Renewal renewal(Owner owner, long holder, boolean held, Sighting seen) {
    return holder > owner.generation()
        ? new Renewal.Fenced(seen.epoch(), holder)
        : new Renewal.Renewed(seen.epoch(), held, seen.isWhole(owner.gateway()));
  }

  @Override
  public CompletableFuture<Boolean> release(Owner owner) {
    return scripts.leaseRelease(owner);
  }

  @Override
  public CompletableFuture<Observation> observe() {
    return look(Optional.empty()).thenApply(Trusted::observation);
  }

  /** For a count of the tenant's members. */
  CompletableFuture<Trusted> look(TenantId tenant) {
    return look(Optional.of(tenant));
  }

  private CompletableFuture<Trusted> look(Optional<TenantId> tenant) {
    return ask(
        () -> scripts.leaseObserve(tenant),
        (answer, askedNanos) -> {
          Sighting seen = sighting(answer, Optional.empty());
          return new Trusted(seen.observation(), roster.doubt(seen, askedNanos, System.nanoTime()));
        });
  }

  /** Tells the roster where there is no answer, and reads one with the time it was asked for. */
  private <T> CompletableFuture<T> ask(
      Supplier<CompletableFuture<List<String>>> script, BiFunction<List<String>, Long, T> reader) {
    long now = System.nanoTime();
    return script
        .get()
        .whenComplete(
            (value, failure) -> {
              if (failure != null) {
                roster.away(System.nanoTime());
              }
            })
        .thenApply(value -> reader.apply(value, now));
  }

  private static Sighting sighting(List<String> answer, Optional<GatewayId> renewer) {
    Map<GatewayId, Lease> leases = new HashMap<>();
    for (int at = 2; at < answer.size(); at += 5) {
      leases.put(
          new GatewayId(answer.get(at)),
          new Lease(
              Long.parseLong(answer.get(at + 1)),
              answer.get(at + 2),
              answer.get(at + 3).equals("1"),
              answer.get(at + 4).equals("1")));
    }
    return new Sighting(
        answer.get(0), Duration.ofMillis(Long.parseLong(answer.get(1))), leases, renewer);
  }
}
