package io.lqrealtime.presence.memory;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.presence.ApplyOutcome;
import io.lqrealtime.presence.GatewayLeases.Observation;
import io.lqrealtime.presence.Member;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceChange;
import io.lqrealtime.presence.PresenceChange.Joined;
import io.lqrealtime.presence.PresenceChange.Left;
import io.lqrealtime.presence.PresenceDirectory;
import io.lqrealtime.presence.PresenceMaintenance;
import io.lqrealtime.presence.PresenceSnapshot;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** The directory in memory; guarded by {@link MemoryPresence}'s lock. */
final class MemoryDirectory implements PresenceDirectory, PresenceMaintenance {
  private static final int MAX_MEMBERS = 1_000;

  private record Entry(Owner owner, long stamp, Joined joined) {}

  private record Spot(TenantId tenant, Place place) {}

  private record Part(Owner owner, TenantId tenant) {}

  private final InstantSource clock;
  private final MemoryLeases leases;
  private final MemoryPresence presence;
  private final Map<Spot, Map<ConnectionId, Entry>> members = new HashMap<>();
  private final Map<Part, Long> stamps = new HashMap<>();

  /** Of users who are not there: as many as were ever there. */
  private final Map<Spot, Long> lastSeen = new HashMap<>();

  MemoryDirectory(InstantSource clock, MemoryLeases leases, MemoryPresence presence) {
    this.clock = clock;
    this.leases = leases;
    this.presence = presence;
  }

  @Override
  public CompletableFuture<ApplyOutcome> apply(
      Owner owner, long stamp, TenantId tenant, List<PresenceChange> changes) {
    if (stamp < 1 || stamp >= 1L << 53) {
      throw new IllegalArgumentException("a stamp is 1 or more and below 2^53");
    }
    return presence.call(
        tenant,
        () -> {
          Long last = stamps.get(new Part(owner, tenant));
          if (last != null && last > stamp) {
            return new ApplyOutcome.Overtaken();
          }
          stamps.put(new Part(owner, tenant), stamp);
          changes.forEach(change -> apply(owner, stamp, tenant, change));
          return last == null ? new ApplyOutcome.StartedAnew() : new ApplyOutcome.Applied();
        });
  }

  private void apply(Owner owner, long stamp, TenantId tenant, PresenceChange change) {
    Spot spot = new Spot(tenant, change.place());
    switch (change) {
      case Joined joined -> {
        lastSeen.remove(spot);
        members
            .computeIfAbsent(spot, any -> new HashMap<>())
            .put(joined.connection(), new Entry(owner, stamp, joined));
      }
      case Left left ->
          remove(
              spot,
              entry ->
                  entry.owner.equals(owner) && entry.joined.connection().equals(left.connection()));
    }
  }

  private void remove(Spot spot, Predicate<Entry> condition) {
    Map<ConnectionId, Entry> entries = members.getOrDefault(spot, new HashMap<>());
    if (entries.values().removeIf(condition) && entries.isEmpty()) {
      members.remove(spot);
      if (spot.place instanceof UserId) {
        lastSeen.put(spot, clock.millis());
      }
    }
  }

  @Override
  public CompletableFuture<PresenceSnapshot> snapshot(
      TenantId tenant, Place place, int maxMembers) {
    if (maxMembers < 0 || maxMembers > MAX_MEMBERS) {
      throw new IllegalArgumentException("0 to " + MAX_MEMBERS + " members can be listed");
    }
    return presence.call(tenant, () -> count(new Spot(tenant, place), maxMembers));
  }

  private PresenceSnapshot count(Spot spot, int maxMembers) {
    Observation observation = leases.trusted(spot.tenant);
    int connections = 0;
    Set<UserId> users = new HashSet<>();
    List<Member> listed = new ArrayList<>();
    for (Entry entry : members.getOrDefault(spot, Map.of()).values()) {
      if (observation.holds(entry.owner)) {
        Joined joined = entry.joined;
        connections++;
        users.add(joined.user());
        if (listed.size() < maxMembers) {
          listed.add(
              new Member(
                  joined.user(), joined.connection(), entry.owner.gateway(), joined.since()));
        }
      }
    }
    Long seen = lastSeen.get(spot);
    return new PresenceSnapshot(
        connections,
        users.size(),
        listed,
        seen == null ? OptionalLong.empty() : OptionalLong.of(seen));
  }

  @Override
  public void onDisruption(Runnable listener) {
    presence.onDisruption(listener);
  }

  @Override
  public CompletionStage<Set<Owner>> owners() {
    return presence.call(
        () -> {
          Set<Owner> owners = new HashSet<>();
          stamps.keySet().forEach(part -> owners.add(part.owner));
          return owners;
        });
  }

  @Override
  public CompletionStage<Set<TenantId>> tenants(Owner owner) {
    return presence.call(
        () -> {
          Set<TenantId> tenants = new HashSet<>();
          stamps.keySet().stream()
              .filter(part -> part.owner.equals(owner))
              .forEach(part -> tenants.add(part.tenant));
          return tenants;
        });
  }

  @Override
  public CompletionStage<Void> register(Owner owner, Set<TenantId> tenants) {
    return presence
        .call(
            () -> {
              tenants.forEach(tenant -> stamps.putIfAbsent(new Part(owner, tenant), 0L));
              return true;
            })
        .thenApply(any -> null);
  }

  @Override
  public CompletionStage<Void> retain(
      Owner owner, TenantId tenant, long fromStamp, Map<Place, Integer> written) {
    return presence
        .call(tenant, () -> true)
        .thenCompose(
            any ->
                remove(
                    spot -> spot.tenant.equals(tenant),
                    entry -> entry.owner.equals(owner) && entry.stamp < fromStamp));
  }

  @Override
  public CompletionStage<String> epoch() {
    return leases.observe().thenApply(Observation::epoch);
  }

  @Override
  public CompletionStage<Boolean> written(Owner owner, String epoch) {
    return presence.call(() -> leases.written(owner, epoch));
  }

  @Override
  public CompletionStage<Void> sweep(Owner owner) {
    return presence
        .call(
            () -> {
              leases.sweep(owner);
              return stamps.keySet().removeIf(part -> part.owner.equals(owner));
            })
        .thenCompose(any -> remove(spot -> true, entry -> entry.owner.equals(owner)));
  }

  private CompletableFuture<Void> remove(Predicate<Spot> where, Predicate<Entry> condition) {
    return presence
        .call(
            () -> {
              List.copyOf(members.keySet()).stream()
                  .filter(where)
                  .forEach(spot -> remove(spot, condition));
              return true;
            })
        .thenApply(done -> null);
  }

  void flush() {
    members.clear();
    stamps.clear();
    lastSeen.clear();
  }
}
