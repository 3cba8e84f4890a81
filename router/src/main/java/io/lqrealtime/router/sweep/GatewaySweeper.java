package io.lqrealtime.router.sweep;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.router.sweep.LeaseObserver.Observation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Declares gateways down: one that a partition of this process holds for living, and whose lease
 * has been missing for one whole lease time. Only time through which the leases could be seen
 * counts: an observation that failed, one that came late, or another epoch (Redis was restarted or
 * flushed, and may have lost leases) starts all clocks anew. A lease of an older generation than
 * the partition knows counts as alive (its renewal is on the way), one of a newer as missing (what
 * the partition knows is left over).
 *
 * <p>It only writes {@code gateway-down} records; the log decides. If one does not arrive, or the
 * gateway is still held for living after another lease time, it is written again.
 *
 * <p>{@link #tick} is to be called every third of a lease time, from one thread; it never throws
 * but {@link InterruptedException}.
 */
public final class GatewaySweeper {
  private static final Logger LOG = LoggerFactory.getLogger(GatewaySweeper.class);

  private final LeaseObserver leases;
  private final Supplier<Map<Integer, Map<GatewayId, Long>>> living;
  private final Consumer<ControlRecord.GatewayDown> log;
  private final Region region;
  private final long leaseNanos;
  private final LongSupplier nanoClock;

  private final Map<Suspect, Long> missingSince = new HashMap<>();
  private String epoch = "";
  private long lastSeen;
  private boolean seen;
  private boolean blind;

  private record Suspect(int partition, GatewayId gateway, long generation) {}

  /**
   * @param living by partition of this process, the gateways it holds for living with their
   *     generations
   * @param log where the records go; may fail, and must not block for long
   */
  public GatewaySweeper(
      LeaseObserver leases,
      Supplier<Map<Integer, Map<GatewayId, Long>>> living,
      Consumer<ControlRecord.GatewayDown> log,
      Region region,
      Duration leaseTime,
      LongSupplier nanoClock) {
    this.leases = leases;
    this.living = living;
    this.log = log;
    this.region = region;
    this.leaseNanos = leaseTime.toNanos();
    this.nanoClock = nanoClock;
  }

  /** Observes once, and writes what follows. */
  public void tick() throws InterruptedException {
    Observation observation;
    try {
      observation = leases.observe();
    } catch (IOException | RuntimeException e) {
      if (!blind) {
        LOG.warn(
            "Gateway leases can't be seen, so none counts as missing until they can: {}",
            String.valueOf(e.getCause() == null ? e : e.getCause()));
        LOG.debug("Gateway leases can't be seen", e);
      }
      blind = true;
      forget();
      return;
    }
    if (blind) {
      LOG.info("Gateway leases can be seen again");
      blind = false;
    }
    long now = nanoClock.getAsLong();
    boolean uninterrupted =
        seen && observation.epoch().equals(epoch) && now - lastSeen < leaseNanos;
    if (!uninterrupted) {
      forget();
    }
    epoch = observation.epoch();
    lastSeen = now;
    seen = true;
    for (ControlRecord.GatewayDown down : overdue(observation, now)) {
      write(down);
    }
  }

  private void forget() {
    missingSince.clear();
    seen = false;
  }

  private List<ControlRecord.GatewayDown> overdue(Observation observation, long now) {
    List<ControlRecord.GatewayDown> overdue = new ArrayList<>();
    Map<Suspect, Long> stillMissing = new HashMap<>();
    living
        .get()
        .forEach(
            (partition, gateways) ->
                gateways.forEach(
                    (gateway, generation) -> {
                      if (isHeld(observation, gateway, generation)) {
                        return;
                      }
                      Suspect suspect = new Suspect(partition, gateway, generation);
                      long since = missingSince.getOrDefault(suspect, now);
                      if (now - since >= leaseNanos) {
                        overdue.add(down(suspect));
                        since = now;
                      }
                      stillMissing.put(suspect, since);
                    }));
    missingSince.clear();
    missingSince.putAll(stillMissing);
    return overdue;
  }

  private static boolean isHeld(Observation observation, GatewayId gateway, long generation) {
    Long held = observation.generations().get(gateway);
    return held != null && held <= generation;
  }

  private ControlRecord.GatewayDown down(Suspect suspect) {
    // The sequence does not order a down.
    return new ControlRecord.GatewayDown(
        new ControlRecord.Origin(
            suspect.gateway(), suspect.generation(), 1, region, suspect.partition()));
  }

  private void write(ControlRecord.GatewayDown down) {
    ControlRecord.Origin origin = down.origin();
    LOG.info(
        "Gateway {} (generation {}) has had no lease for a lease time: down in partition {}",
        origin.gateway(),
        origin.generation(),
        origin.partition());
    try {
      log.accept(down);
    } catch (RuntimeException e) {
      LOG.warn("The record that gateway {} is down could not be written", origin.gateway(), e);
    }
  }
}
