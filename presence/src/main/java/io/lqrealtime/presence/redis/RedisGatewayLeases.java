package io.lqrealtime.presence.redis;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.Owner;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Leases in one hash, each field with its own expiry, so that one script reads them all at one
 * moment from one slot. The epoch is the run id of the server that owns the slot (a restart and a
 * failover change it) and a marker that a flush removes.
 */
final class RedisGatewayLeases implements GatewayLeases {
  private final RedisScripts scripts;

  RedisGatewayLeases(RedisScripts scripts) {
    this.scripts = scripts;
  }

  @Override
  public CompletableFuture<Renewal> renew(Owner owner, Duration ttl) {
    if (ttl.toMillis() < 1) {
      throw new IllegalArgumentException("a lease lasts at least a millisecond");
    }
    return scripts.leaseRenew(owner, ttl).thenApply(answer -> renewal(owner, answer));
  }

  private static Renewal renewal(Owner owner, List<Object> answer) {
    String epoch = (String) answer.get(0);
    long generation = Long.parseLong((String) answer.get(1));
    return generation > owner.generation()
        ? new Renewal.Fenced(epoch, generation)
        : new Renewal.Renewed(epoch, (long) answer.get(2) == 1);
  }

  @Override
  public CompletableFuture<Boolean> release(Owner owner) {
    return scripts.leaseRelease(owner);
  }

  @Override
  public CompletableFuture<Observation> observe() {
    return scripts.leaseObserve().thenApply(RedisGatewayLeases::observation);
  }

  private static Observation observation(List<Object> answer) {
    Map<GatewayId, Long> generations = new HashMap<>();
    for (int at = 1; at < answer.size(); at += 2) {
      generations.put(
          new GatewayId((String) answer.get(at)), Long.valueOf((String) answer.get(at + 1)));
    }
    return new Observation((String) answer.getFirst(), generations);
  }
}
