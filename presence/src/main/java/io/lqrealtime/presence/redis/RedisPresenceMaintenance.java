package io.lqrealtime.presence.redis;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import io.lettuce.core.MapScanCursor;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ValueScanCursor;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceMaintenance;
import io.lqrealtime.presence.PresenceUnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;

/**
 * Maintenance in Redis: walks an owner's tenants, each tenant's index, and the places that the
 * index names, in pages. One step at a time is under way for each call of a method.
 */
final class RedisPresenceMaintenance implements PresenceMaintenance {
  private static final ScanArgs PAGE = ScanArgs.Builder.limit(500);

  /** With {@link RedisScripts#PURGE_STEP} about 4,000 entries a step: some milliseconds. */
  private static final int PLACES_A_STEP = 32;

  private static final int TENANTS_A_STEP = 500;

  private final RedisLink link;
  private final RedisScripts scripts;
  private final RedisKeys keys;

  RedisPresenceMaintenance(RedisLink link, RedisKeys keys, Duration lastSeen) {
    this.link = link;
    this.scripts = new RedisScripts(link, keys, lastSeen);
    this.keys = keys;
  }

  @Override
  public CompletableFuture<Set<Owner>> owners() {
    return elements(keys.owners())
        .thenApply(
            names -> {
              Set<Owner> owners = new HashSet<>();
              names.forEach(name -> owners.add(RedisEntry.parseOwnerName(name)));
              return owners;
            });
  }

  @Override
  public CompletableFuture<Set<TenantId>> tenants(Owner owner) {
    return elements(keys.tenants(owner))
        .thenApply(
            names -> {
              Set<TenantId> tenants = new HashSet<>();
              names.forEach(name -> tenants.add(new TenantId(name)));
              return tenants;
            });
  }

  @Override
  public CompletableFuture<Void> register(Owner owner, Set<TenantId> tenants) {
    Iterator<TenantId> left = tenants.iterator();
    return Repeat.whileTrue(
        () -> {
          List<TenantId> next = new ArrayList<>();
          while (left.hasNext() && next.size() < TENANTS_A_STEP) {
            next.add(left.next());
          }
          return next.isEmpty()
              ? completedFuture(false)
              : scripts.register(owner, next).thenApply(added -> true);
        });
  }

  private CompletableFuture<Set<String>> elements(String key) {
    Set<String> elements = new HashSet<>();
    ScanPosition position = new ScanPosition();
    return Repeat.whileTrue(
            () ->
                link.<ValueScanCursor<String>>call(
                        commands -> commands.sscan(key, position.cursor, PAGE))
                    .thenApply(
                        page -> {
                          elements.addAll(page.getValues());
                          return position.moveTo(page);
                        }))
        .thenApply(end -> elements);
  }

  @Override
  public CompletableFuture<Void> retain(
      Owner owner, TenantId tenant, long fromStamp, Map<Place, Integer> written) {
    return purge(
        owner,
        tenant,
        fromStamp,
        false,
        (place, count) -> !written.getOrDefault(place, 0).equals(count));
  }

  @Override
  public CompletableFuture<String> epoch() {
    return scripts.leaseObserve(Optional.empty()).thenApply(List::getFirst);
  }

  @Override
  public CompletableFuture<Boolean> written(Owner owner, String epoch) {
    return scripts.viewWritten(owner, epoch);
  }

  @Override
  public CompletableFuture<Void> sweep(Owner owner) {
    return scripts
        .viewLost(owner)
        .thenCompose(any -> tenants(owner))
        .thenCompose(
            tenants -> {
              Iterator<TenantId> left = tenants.iterator();
              return Repeat.whileTrue(
                  () ->
                      left.hasNext()
                          ? sweep(owner, left.next()).thenApply(swept -> true)
                          : completedFuture(false));
            })
        .thenCompose(end -> scripts.unregister(owner, ""))
        // Once more, whatever became of it: an owner that came back meanwhile may have written
        // entries that were removed behind it, and have said that all is written.
        .thenCompose(forgotten -> scripts.viewLost(owner))
        .<Void>thenApply(any -> null)
        .exceptionallyCompose(
            failure -> scripts.viewLost(owner).thenCompose(any -> failedFuture(failure)));
  }

  private CompletableFuture<Void> sweep(Owner owner, TenantId tenant) {
    // A place is taken out of the index only when it has been scanned to its end, so whatever
    // interrupts a sweep, the next one goes on from there.
    return purge(owner, tenant, RedisScripts.ANY_STAMP, true, (place, count) -> true)
        .thenCompose(end -> scripts.dropIndex(owner, tenant))
        .thenCompose(
            dropped ->
                dropped
                    ? scripts.unregister(owner, tenant.value())
                    : failedFuture(
                        new PresenceUnavailableException(
                            "an owner that is being swept still writes: " + owner)))
        .thenApply(forgotten -> null);
  }

  private CompletableFuture<Void> purge(
      Owner owner,
      TenantId tenant,
      long fromStamp,
      boolean gone,
      BiPredicate<Place, Integer> chosen) {
    ScanPosition position = new ScanPosition();
    String index = keys.index(tenant, owner);
    return Repeat.whileTrue(
        () ->
            link.<MapScanCursor<String, String>>call(
                    commands -> commands.hscan(index, position.cursor, PAGE))
                .thenCompose(
                    page -> {
                      Queue<Place> places = new ArrayDeque<>();
                      page.getMap()
                          .forEach(
                              (name, count) -> {
                                if (!name.isEmpty()
                                    && chosen.test(Place.ofName(name), Integer.valueOf(count))) {
                                  places.add(Place.ofName(name));
                                }
                              });
                      return purge(owner, tenant, fromStamp, gone, places)
                          .thenApply(end -> position.moveTo(page));
                    }));
  }

  private CompletableFuture<Void> purge(
      Owner owner, TenantId tenant, long fromStamp, boolean gone, Queue<Place> places) {
    Map<Place, String> cursors = new LinkedHashMap<>();
    return Repeat.whileTrue(
        () -> {
          while (cursors.size() < PLACES_A_STEP && !places.isEmpty()) {
            cursors.put(places.remove(), "0");
          }
          if (cursors.isEmpty()) {
            return completedFuture(false);
          }
          return scripts
              .purge(owner, fromStamp, gone, tenant, cursors)
              .thenApply(
                  next -> {
                    advance(cursors, next);
                    return true;
                  });
        });
  }

  private static void advance(Map<Place, String> cursors, List<String> next) {
    List<Place> places = new ArrayList<>(cursors.keySet());
    for (int at = 0; at < places.size(); at++) {
      if (next.get(at).equals("0")) {
        cursors.remove(places.get(at));
      } else {
        cursors.put(places.get(at), next.get(at));
      }
    }
  }

  private static final class ScanPosition {
    private ScanCursor cursor = ScanCursor.INITIAL;

    /** Says whether there is more. */
    private boolean moveTo(ScanCursor next) {
      cursor = next;
      return !next.isFinished();
    }
  }
}
