package io.lqrealtime.presence.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import io.lettuce.core.MapScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.presence.GatewayLeases.Observation;
import io.lqrealtime.presence.Member;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceSnapshot;
import io.lqrealtime.presence.PresenceUnavailableException;
import io.lqrealtime.presence.redis.RedisGatewayLeases.Trusted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * One count of a place's members: reads the hash in pages of about {@value #PAGE} entries, about a
 * millisecond of the server's time each, and leaves out entries whose owner holds no lease.
 *
 * <p>Whether the count can be right is asked before and after: in between the server may lose
 * everything, and one that has lost everything shows nobody; and a lease that comes in between may
 * be one that was there all along, but for a store that had lost it. A tenant's part may be lost
 * alone (a cluster's node, keys that were deleted), and what is known of the gateways does not show
 * it; so each owner that is registered in the tenant must have its index, before and after, too. An
 * index that was missing while entries were read and is back afterwards shows in its owner's view,
 * which is not whole before it is written again: so the views are asked for last.
 *
 * <p>A scan may show an entry twice while the hash is resized, so connections are told apart by
 * name. Used once; its steps run one after the other.
 */
final class RedisPlaceCount {
  private static final int PAGE = 2_000;

  /** What came of it. */
  sealed interface Outcome {
    record Counted(PresenceSnapshot snapshot) implements Outcome {}

    /** Entries are missing that their gateways are to write again. */
    record Doubted(String doubt) implements Outcome {}

    /** All that these had in the tenant is missing, and they may not know it. */
    record Lost(List<Owner> owners) implements Outcome {}
  }

  /** What a count needs to know. */
  record Question(TenantId tenant, Place place, int maxMembers, Duration within) {}

  private final RedisLink link;
  private final RedisScripts scripts;
  private final RedisGatewayLeases leases;
  private final RedisKeys keys;
  private final Question question;
  private final String key;
  private final long start = System.nanoTime();

  private final Map<String, Owner> liveOwners = new HashMap<>();
  private final Set<String> connections = new HashSet<>();
  private final Set<String> users = new HashSet<>();
  private final List<Member> members = new ArrayList<>();
  private OptionalLong lastSeen = OptionalLong.empty();
  private ScanCursor cursor = ScanCursor.INITIAL;

  RedisPlaceCount(
      RedisLink link,
      RedisScripts scripts,
      RedisGatewayLeases leases,
      RedisKeys keys,
      Question question) {
    this.link = link;
    this.scripts = scripts;
    this.leases = leases;
    this.keys = keys;
    this.question = question;
    this.key = keys.members(question.tenant(), question.place());
  }

  CompletableFuture<Outcome> count() {
    return leases
        .look(question.tenant())
        .thenCompose(
            before ->
                before.doubt().isPresent()
                    ? completedFuture(new Outcome.Doubted(before.doubt().get()))
                    : count(before.observation()));
  }

  /** Goes on where nothing is missing. */
  private CompletableFuture<Outcome> unlessLost(Supplier<CompletableFuture<Outcome>> next) {
    return ownersWithoutIndex()
        .thenCompose(
            owners -> owners.isEmpty() ? next.get() : completedFuture(new Outcome.Lost(owners)));
  }

  private CompletableFuture<Outcome> count(Observation before) {
    before
        .generations()
        .forEach(
            (gateway, generation) -> {
              Owner owner = new Owner(gateway, generation);
              liveOwners.put(RedisEntry.ownerPrefix(owner), owner);
            });
    return unlessLost(
        () -> Repeat.whileTrue(this::next).thenCompose(end -> unlessLost(() -> end(before))));
  }

  private CompletableFuture<Outcome> end(Observation before) {
    return leases.look(question.tenant()).thenApply(after -> outcome(before, after));
  }

  private CompletableFuture<Boolean> next() {
    if (System.nanoTime() - start > question.within().toNanos()) {
      return failedFuture(new PresenceUnavailableException("the count took too long"));
    }
    return link.<MapScanCursor<String, String>>call(
            commands -> commands.hscan(key, cursor, ScanArgs.Builder.limit(PAGE)))
        .thenApply(this::add);
  }

  /** Counts a page; says whether there are more. */
  private boolean add(MapScanCursor<String, String> page) {
    for (Map.Entry<String, String> entry : page.getMap().entrySet()) {
      if (entry.getKey().isEmpty()) {
        lastSeen = OptionalLong.of(Long.parseLong(entry.getValue()));
        continue;
      }
      String owner = RedisEntry.ownerPrefixOf(entry.getValue());
      if (liveOwners.containsKey(owner) && connections.add(entry.getKey())) {
        users.add(RedisEntry.user(entry.getValue(), owner));
        if (members.size() < question.maxMembers()) {
          members.add(RedisEntry.member(entry.getKey(), entry.getValue(), owner));
        }
      }
    }
    cursor = page;
    return !page.isFinished();
  }

  private Outcome outcome(Observation before, Trusted after) {
    if (after.doubt().isPresent()) {
      return new Outcome.Doubted(after.doubt().get());
    }
    if (!after.observation().epoch().equals(before.epoch())) {
      return new Outcome.Doubted("entries were lost while they were counted");
    }
    if (!before
        .generations()
        .entrySet()
        .containsAll(after.observation().generations().entrySet())) {
      return new Outcome.Doubted("a gateway came while its members were left out");
    }
    return new Outcome.Counted(
        new PresenceSnapshot(connections.size(), users.size(), members, lastSeen));
  }

  /** Live owners that may have entries in the tenant and have no index there. */
  private CompletableFuture<List<Owner>> ownersWithoutIndex() {
    if (liveOwners.isEmpty()) {
      return completedFuture(List.of());
    }
    List<Owner> owners = List.copyOf(liveOwners.values());
    return scripts
        .registered(owners, question.tenant())
        .thenCompose(
            registered -> {
              List<Owner> having = new ArrayList<>();
              for (int at = 0; at < owners.size(); at++) {
                if (registered.get(at) == 1) {
                  having.add(owners.get(at));
                }
              }
              return withoutIndex(having);
            });
  }

  private CompletableFuture<List<Owner>> withoutIndex(List<Owner> owners) {
    String[] indexes =
        owners.stream().map(owner -> keys.index(question.tenant(), owner)).toArray(String[]::new);
    if (indexes.length == 0) {
      return completedFuture(List.of());
    }
    return link.<Long>call(commands -> commands.exists(indexes))
        .thenCompose(
            found ->
                found == indexes.length ? completedFuture(List.of()) : eachWithoutIndex(owners));
  }

  private CompletableFuture<List<Owner>> eachWithoutIndex(List<Owner> owners) {
    CompletableFuture<List<Owner>> missing = completedFuture(new ArrayList<>());
    for (Owner owner : owners) {
      missing =
          missing.thenCombine(
              link.<Long>call(commands -> commands.exists(keys.index(question.tenant(), owner))),
              (list, found) -> {
                if (found == 0) {
                  list.add(owner);
                }
                return list;
              });
    }
    return missing;
  }
}
