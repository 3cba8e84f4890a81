package io.lqrealtime.presence;

import io.lqrealtime.id.GatewayId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * The gateways' leases: a sign of life each, renewed by its gateway and seen by all.
 *
 * <p><b>A lease decides nothing about life and death; the log does.</b> A lost lease voids the
 * gateway's presence entries while it is missing, and is a reason for a sweeper to look closer: it
 * may write {@code gateway-down} only after the lease was missing for a whole lease time in a store
 * that was reachable all along and whose {@link Observation#epoch} stayed the same. A gateway
 * learns that it was taken for dead from that record.
 *
 * <p>Time is the store's own, so clocks of gateways don't matter. No method blocks; stages complete
 * as those of {@link PresenceDirectory} do.
 */
public interface GatewayLeases {
  /** What became of a renewal. */
  sealed interface Renewal {
    String epoch();

    /**
     * The lease is held for another lease time.
     *
     * @param held whether this generation held it all along; false if it was new, had run out or
     *     was lost
     * @param whole whether {@link PresenceMaintenance#written} was said by this generation in this
     *     epoch
     */
    record Renewed(String epoch, boolean held, boolean whole) implements Renewal {}

    /** A newer generation of the same gateway holds the lease: the caller is to leave. */
    record Fenced(String epoch, long newer) implements Renewal {}
  }

  /**
   * What is there at one moment.
   *
   * @param epoch changes whenever the store was restarted, failed over or flushed: what was written
   *     in another epoch may be lost
   * @param generations the generation of each gateway that holds a lease
   */
  record Observation(String epoch, Map<GatewayId, Long> generations) {
    public Observation {
      generations = Map.copyOf(generations);
    }

    public boolean holds(Owner owner) {
      Long generation = generations.get(owner.gateway());
      return generation != null && generation == owner.generation();
    }
  }

  /**
   * Takes or renews the lease of the gateway; a live lease of an older generation gives way.
   *
   * @param ttl how long it lasts, at least a millisecond
   * @param backlog what the gateway knows and the directory lacks: as long as a lease has one, its
   *     tenants' places are not counted
   */
  CompletionStage<Renewal> renew(Owner owner, Duration ttl, Backlog backlog);

  /** Gives the lease up, if it is this generation's; says whether it was. */
  CompletionStage<Boolean> release(Owner owner);

  /** All leases that have not run out. */
  CompletionStage<Observation> observe();
}
