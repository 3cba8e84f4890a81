package io.lqrealtime.router.sweep;

import io.lqrealtime.id.GatewayId;
import java.io.IOException;
import java.util.Map;

/** Sees which gateways hold a lease. */
@FunctionalInterface
public interface LeaseObserver {
  /**
   * What is there at one moment. May block for a bounded time.
   *
   * @throws IOException if the leases can't be seen
   * @throws InterruptedException if the caller's thread is to stop
   */
  Observation observe() throws IOException, InterruptedException;

  /**
   * The leases at one moment.
   *
   * @param epoch changes whenever leases may have been lost: a restart, a failover, a flush
   * @param generations the generation of each gateway that holds a lease
   */
  record Observation(String epoch, Map<GatewayId, Long> generations) {
    public Observation {
      generations = Map.copyOf(generations);
    }
  }
}
