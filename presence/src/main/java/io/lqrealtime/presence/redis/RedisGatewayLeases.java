package io.lqrealtime.presence.redis;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.Owner;
import io.lqrealtime.presence.Roster;
import io.lqrealtime.presence.Roster.Sighting;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Leases in one hash, each field with its own expiry, so that one script reads them all at one
 * moment from one slot. The epoch is a token that goes with the run of the server that owns the
 * slot (a restart and a failover change it) and with a flush.
 *
 * <p>Shows the {@link Roster} every answer.
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
  public CompletableFuture<Renewal> renew(Owner owner, Duration ttl) {
    if (ttl.toMillis() < 1) {
      throw new IllegalArgumentException("a lease lasts at least a millisecond");
    }
    return scripts.leaseRenew(owner, ttl).thenApply(answer -> renewal(owner, answer));
  }

  private Renewal renewal(Owner owner, List<String> answer) {
    long holder = Long.parseLong(answer.get(0));
    Sighting seen = sighting(answer.subList(2, answer.size()));
    // What the roster has to say is for queries.
    var _ = roster.doubt(seen, System.nanoTime());
    String epoch = seen.observation().epoch();
    return holder > owner.generation()
        ? new Renewal.Fenced(epoch, holder)
        : new Renewal.Renewed(
            epoch, answer.get(1).equals("1"), seen.whole().contains(owner.gateway()));
  }

  @Override
  public CompletableFuture<Boolean> release(Owner owner) {
    return scripts.leaseRelease(owner);
  }

  @Override
  public CompletableFuture<Observation> observe() {
    return look().thenApply(Trusted::observation);
  }

  CompletableFuture<Trusted> look() {
    return scripts
        .leaseObserve()
        .thenApply(
            answer -> {
              Sighting seen = sighting(answer);
              return new Trusted(seen.observation(), roster.doubt(seen, System.nanoTime()));
            });
  }

  private static Sighting sighting(List<String> answer) {
    Map<GatewayId, Long> generations = new HashMap<>();
    Set<GatewayId> whole = new HashSet<>();
    for (int at = 2; at < answer.size(); at += 3) {
      GatewayId gateway = new GatewayId(answer.get(at));
      generations.put(gateway, Long.valueOf(answer.get(at + 1)));
      if (answer.get(at + 2).equals("1")) {
        whole.add(gateway);
      }
    }
    return new Sighting(
        new Observation(answer.get(0), generations),
        Duration.ofMillis(Long.parseLong(answer.get(1))),
        whole);
  }
}
