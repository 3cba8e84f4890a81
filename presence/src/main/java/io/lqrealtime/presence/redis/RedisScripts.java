package io.lqrealtime.presence.redis;

import static java.util.concurrent.CompletableFuture.failedFuture;
import static java.util.stream.Collectors.joining;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.presence.Backlog;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.PresenceChange;
import io.lqrealtime.presence.PresenceChange.Joined;
import io.lqrealtime.presence.PresenceChange.Left;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Calls the Lua scripts, each by a method of its name, with the KEYS and ARGV that its file
 * describes. A script is called by its digest, and by its text where the server does not have it (a
 * fresh server, or a flushed script cache). Every script touches only keys that it was given, all
 * in one slot.
 */
final class RedisScripts {
  /** Entries with any stamp are below this one: stamps stay below 2^53, which Lua can count to. */
  static final long ANY_STAMP = 1L << 53;

  /** How many entries one purge looks at in each of its channels, about. */
  static final int PURGE_STEP = 128;

  static final long APPLIED = 1;
  static final long OVERTAKEN = 0;
  static final long NO_INDEX = -1;

  private static final RedisScript APPLY = RedisScript.named("clock", "last_seen", "apply");
  private static final RedisScript PURGE = RedisScript.named("clock", "last_seen", "purge");
  private static final RedisScript DROP_INDEX = RedisScript.named("drop_index");
  private static final RedisScript REGISTER = RedisScript.named("register");
  private static final RedisScript UNREGISTER = RedisScript.named("unregister");
  private static final RedisScript LEASE_RENEW = RedisScript.named("clock", "store", "lease_renew");
  private static final RedisScript LEASE_RELEASE = RedisScript.named("lease_release");
  private static final RedisScript LEASE_OBSERVE =
      RedisScript.named("clock", "store", "lease_observe");

  private static final RedisScript VIEW_WRITTEN =
      RedisScript.named("clock", "store", "view_written");
  private static final RedisScript VIEW_LOST = RedisScript.named("view_lost");
  private static final RedisScript REGISTERED = RedisScript.named("registered");

  private final RedisLink link;
  private final RedisKeys keys;
  private final Duration lastSeen;

  /**
   * @param lastSeen how long it is kept when a user's last connection went
   */
  RedisScripts(RedisLink link, RedisKeys keys, Duration lastSeen) {
    this.link = link;
    this.keys = keys;
    this.lastSeen = lastSeen;
  }

  CompletableFuture<Long> apply(
      Owner owner,
      long stamp,
      boolean mayStart,
      TenantId tenant,
      List<? extends PresenceChange> changes) {
    Map<Place, Integer> places = new LinkedHashMap<>();
    for (PresenceChange change : changes) {
      places.putIfAbsent(change.place(), places.size() + 1);
    }
    List<String> names = new ArrayList<>(places.size() + 1);
    List<String> arguments = new ArrayList<>(4 + places.size() + 4 * changes.size());
    names.add(keys.index(tenant, owner));
    arguments.add(RedisEntry.ownerPrefix(owner));
    arguments.add(Long.toString(stamp));
    arguments.add(mayStart ? "1" : "0");
    arguments.add(Long.toString(lastSeen.toMillis()));
    for (Place place : places.keySet()) {
      names.add(keys.members(tenant, place));
      arguments.add(place.placeName());
    }
    for (PresenceChange change : changes) {
      arguments.add(String.valueOf(places.get(change.place())));
      arguments.add(change.connection().value());
      switch (change) {
        case Joined joined -> {
          arguments.add("j");
          arguments.add(RedisEntry.tail(joined));
        }
        case Left left -> {
          arguments.add("l");
          arguments.add("");
        }
      }
    }
    return run(APPLY, ScriptOutputType.INTEGER, names, arguments);
  }

  /** One step; {@code cursors} by place, and in the same order those to go on with. */
  CompletableFuture<List<String>> purge(
      Owner owner, long fromStamp, boolean gone, TenantId tenant, Map<Place, String> cursors) {
    List<String> names = new ArrayList<>(cursors.size() + 1);
    List<String> arguments = new ArrayList<>(5 + 2 * cursors.size());
    names.add(keys.index(tenant, owner));
    arguments.add(RedisEntry.ownerPrefix(owner));
    arguments.add(Long.toString(fromStamp));
    arguments.add(Integer.toString(PURGE_STEP));
    arguments.add(gone ? "1" : "0");
    arguments.add(Long.toString(lastSeen.toMillis()));
    cursors.forEach(
        (place, cursor) -> {
          names.add(keys.members(tenant, place));
          arguments.add(place.placeName());
          arguments.add(cursor);
        });
    return run(PURGE, ScriptOutputType.MULTI, names, arguments);
  }

  CompletableFuture<Boolean> dropIndex(Owner owner, TenantId tenant) {
    return run(DROP_INDEX, ScriptOutputType.BOOLEAN, List.of(keys.index(tenant, owner)), List.of());
  }

  /** In how many of the tenants the owner was not registered before. */
  CompletableFuture<Long> register(Owner owner, List<TenantId> tenants) {
    List<String> arguments = new ArrayList<>(1 + tenants.size());
    arguments.add(RedisEntry.ownerName(owner));
    tenants.forEach(tenant -> arguments.add(tenant.value()));
    return run(
        REGISTER, ScriptOutputType.INTEGER, List.of(keys.owners(), keys.tenants(owner)), arguments);
  }

  /** The tenant as text; empty for none. */
  CompletableFuture<Boolean> unregister(Owner owner, String tenant) {
    return run(
        UNREGISTER,
        ScriptOutputType.BOOLEAN,
        List.of(keys.owners(), keys.tenants(owner), keys.written()),
        List.of(owner.gateway().value(), Long.toString(owner.generation()), tenant));
  }

  /** 1 or 0 for each owner, in their order. */
  CompletableFuture<List<Long>> registered(List<Owner> owners, TenantId tenant) {
    return run(
        REGISTERED,
        ScriptOutputType.MULTI,
        owners.stream().map(keys::tenants).toList(),
        List.of(tenant.value()));
  }

  CompletableFuture<Boolean> viewWritten(Owner owner, String epoch) {
    return run(
        VIEW_WRITTEN,
        ScriptOutputType.BOOLEAN,
        List.of(keys.marker(), keys.written()),
        List.of(
            owner.gateway().value(),
            Long.toString(owner.generation()),
            epoch,
            UUID.randomUUID().toString()));
  }

  /** Whether the owner's view was noted as written. */
  CompletableFuture<Boolean> viewLost(Owner owner) {
    return run(
        VIEW_LOST,
        ScriptOutputType.BOOLEAN,
        List.of(keys.written()),
        List.of(owner.gateway().value(), Long.toString(owner.generation())));
  }

  CompletableFuture<List<String>> leaseRenew(Owner owner, Duration ttl, Backlog backlog) {
    return run(
        LEASE_RENEW,
        ScriptOutputType.MULTI,
        List.of(keys.leases(), keys.marker(), keys.written()),
        List.of(
            owner.gateway().value(),
            Long.toString(owner.generation()),
            Long.toString(ttl.toMillis()),
            UUID.randomUUID().toString(),
            text(backlog)));
  }

  /** No tenant's name has a space or an asterisk. */
  private static String text(Backlog backlog) {
    return backlog.everything()
        ? " *"
        : backlog.tenants().stream().map(tenant -> ' ' + tenant.value()).collect(joining());
  }

  CompletableFuture<Boolean> leaseRelease(Owner owner) {
    return run(
        LEASE_RELEASE,
        ScriptOutputType.BOOLEAN,
        List.of(keys.leases()),
        List.of(owner.gateway().value(), Long.toString(owner.generation())));
  }

  /** For counts of a tenant, or for none of them. */
  CompletableFuture<List<String>> leaseObserve(Optional<TenantId> tenant) {
    return run(
        LEASE_OBSERVE,
        ScriptOutputType.MULTI,
        List.of(keys.leases(), keys.marker(), keys.written()),
        List.of(UUID.randomUUID().toString(), tenant.map(TenantId::value).orElse("")));
  }

  private <T> CompletableFuture<T> run(
      RedisScript script, ScriptOutputType type, List<String> names, List<String> arguments) {
    String[] keyArray = names.toArray(String[]::new);
    String[] argumentArray = arguments.toArray(String[]::new);
    return link.<T>call(
            commands -> commands.evalsha(script.digest(), type, keyArray, argumentArray))
        .exceptionallyCompose(
            error -> {
              if (isNoScript(error)) {
                return link.call(
                    commands -> commands.eval(script.text(), type, keyArray, argumentArray));
              }
              return failedFuture(error);
            });
  }

  private static boolean isNoScript(Throwable error) {
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    return cause != null && cause.getCause() instanceof RedisNoScriptException;
  }
}
