package io.lqrealtime.router;

import io.lqrealtime.router.streams.RouterRuntime;
import io.lqrealtime.router.sweep.LeaseObserver;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * A router: reads the inbound log's partitions that are its share, and writes to each gateway's
 * topic what that gateway is to deliver. Several share the work, and take over from one another.
 *
 * <p>It creates no topics but Streams' own changelogs. What it does not survive it says by {@link
 * Health.Failed}; the process is to end then.
 *
 * <p>Safe for use by several threads.
 */
public final class Router implements AutoCloseable {
  private final RouterRuntime runtime;

  private Router(RouterRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * Starts a router; returns before it has its partitions, which {@link #health} tells.
   *
   * @param leases by which gateways are found to be gone
   * @throws RouterException if Kafka or the topics are not there in time
   */
  public static Router start(RouterConfig config, MeterRegistry meters, LeaseObserver leases) {
    return new Router(new RouterRuntime(config, meters, leases));
  }

  public Health health() {
    return runtime.health();
  }

  /** Hands its partitions over and stops, within about 15 seconds at the most. */
  @Override
  public void close() {
    runtime.close();
  }
}
