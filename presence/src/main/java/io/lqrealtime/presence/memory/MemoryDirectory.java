package io.lqrealtime.presence.memory;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/** The directory in memory; guarded by {@link MemoryPresence}'s lock. */
final class MemoryDirectory implements PresenceDirectory, PresenceMaintenance {
  private static final int MAX_MEMBERS = 1_000;

  private record Entry(Owner owner, long stamp, Joined joined) {}

  private record Place(TenantId tenant, Channel channel) {}

  private record Part(Owner owner, TenantId tenant) {}

  private final MemoryLeases leases;
  private final MemoryPresence presence;
  private final Map<Place, Map<ConnectionId, Entry>> members = new HashMap<>();
  private final Map<Part, Long> stamps = new HashMap<>();

  MemoryDirectory(MemoryLeases leases, MemoryPresence presence) {
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
    Place place = new Place(tenant, change.channel());
    switch (change) {
      case Joined joined ->
          members
              .computeIfAbsent(place, any -> new HashMap<>())
              .put(joined.connection(), new Entry(owner, stamp, joined));
      case Left left ->
          remove(
              place,
              entry ->
                  entry.owner.equals(owner) && entry.joined.connection().equals(left.connection()));
    }
  }

  private void remove(Place place, Predicate<Entry> condition) {
    Map<ConnectionId, Entry> entries = members.getOrDefault(place, new HashMap<>());
    entries.values().removeIf(condition);
    if (entries.isEmpty()) {
      members.remove(place);
    }
  }

  @Override
  public CompletableFuture<PresenceSnapshot> snapshot(
      TenantId tenant, Channel channel, int maxMembers) {
    if (maxMembers < 0 || maxMembers > MAX_MEMBERS) {
      throw new IllegalArgumentException("0 to " + MAX_MEMBERS + " members can be listed");
    }
    return presence.call(() -> count(new Place(tenant, channel), maxMembers));
  }

  private PresenceSnapshot count(Place place, int maxMembers) {
    Observation observation = leases.trusted();
    int connections = 0;
    Set<UserId> users = new HashSet<>();
    List<Member> listed = new ArrayList<>();
    for (Entry entry : members.getOrDefault(place, Map.of()).values()) {
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
    return new PresenceSnapshot(connections, users.size(), listed);
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
  public CompletionStage<Void> retain(
      Owner owner, TenantId tenant, long fromStamp, Map<Channel, Integer> written) {
    return remove(
        place -> place.tenant.equals(tenant),
        entry -> entry.owner.equals(owner) && entry.stamp < fromStamp);
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
        .thenCompose(any -> remove(place -> true, entry -> entry.owner.equals(owner)));
  }

  private CompletableFuture<Void> remove(Predicate<Place> where, Predicate<Entry> condition) {
    return presence
        .call(
            () -> {
              List.copyOf(members.keySet()).stream()
                  .filter(where)
                  .forEach(place -> remove(place, condition));
              return true;
            })
        .thenApply(done -> null);
  }

  void flush() {
    members.clear();
    stamps.clear();
  }
}
