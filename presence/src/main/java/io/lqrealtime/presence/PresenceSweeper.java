package io.lqrealtime.presence;

import io.lqrealtime.presence.GatewayLeases.Observation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what gateways that are gone have left out of the presence directory. Their entries are void
 * without that: this is about the room they take, and about when their users were last seen.
 *
 * <p>An owner is swept when its gateway holds a lease of a newer generation, and when it has had no
 * lease for {@value #LEASES} lease times: by then the log has declared it down. Only time through
 * which the leases could be seen counts: an observation that failed, one that came late, and
 * another epoch start all clocks anew. A gateway that had been away for so long, with a Redis that
 * was there, and goes on under its former generation finds its view not written, and writes it.
 *
 * <p>It looks every third of a lease time; several processes may do so for the same directory, as
 * all routers do.
 */
public final class PresenceSweeper {
  private static final Logger log = LoggerFactory.getLogger(PresenceSweeper.class);
  private static final int LEASES = 2;

  /** One sweep is many short steps; the next tick goes on with what is left. */
  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final PresenceMaintenance maintenance;
  private final GatewayLeases leases;
  private final long leaseNanos;
  private final LongSupplier nanoClock;

  private final Map<Owner, Long> missingSince = new HashMap<>();
  private String epoch = "";
  private long lastSeen;

  /**
   * @param nanoClock a clock that only rises
   */
  PresenceSweeper(
      PresenceMaintenance maintenance,
      GatewayLeases leases,
      Duration lease,
      LongSupplier nanoClock) {
    this.maintenance = maintenance;
    this.leases = leases;
    this.leaseNanos = lease.toNanos();
    this.nanoClock = nanoClock;
  }

  /** Looks every third of a lease time, on a daemon thread, until it is closed. */
  public static AutoCloseable start(
      PresenceMaintenance maintenance, GatewayLeases leases, Duration lease) {
    PresenceSweeper sweeper = new PresenceSweeper(maintenance, leases, lease, System::nanoTime);
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("lq-presence-sweeper")
            .start(() -> sweeper.run(lease.dividedBy(3)));
    return () -> {
      thread.interrupt();
      thread.join();
    };
  }

  private void run(Duration period) {
    try {
      while (true) {
        tick();
        Thread.sleep(period);
      }
    } catch (InterruptedException e) {
      log.debug("Closed", e);
    }
  }

  /**
   * Looks once, and sweeps who is gone. Blocks meanwhile; never throws for a directory's faults.
   */
  void tick() throws InterruptedException {
    try {
      Observation seen = await(leases.observe());
      long now = nanoClock.getAsLong();
      if (!seen.epoch().equals(epoch) || now - lastSeen >= leaseNanos) {
        missingSince.clear();
      }
      epoch = seen.epoch();
      lastSeen = now;
      Set<Owner> owners = await(maintenance.owners());
      missingSince.keySet().retainAll(owners);
      for (Owner owner : owners) {
        if (seen.holds(owner)) {
          missingSince.remove(owner);
        } else if (isReplaced(owner, seen)) {
          missingSince.put(owner, now - LEASES * leaseNanos);
        } else {
          missingSince.putIfAbsent(owner, now);
        }
      }
      sweepOverdue(now);
    } catch (PresenceUnavailableException e) {
      missingSince.clear();
      log.debug("Presence can't be swept now", e);
    }
  }

  private static boolean isReplaced(Owner owner, Observation seen) {
    Long holder = seen.generations().get(owner.gateway());
    return holder != null && holder > owner.generation();
  }

  private void sweepOverdue(long now) throws InterruptedException {
    Iterator<Map.Entry<Owner, Long>> each = missingSince.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<Owner, Long> missing = each.next();
      if (now - missing.getValue() >= LEASES * leaseNanos) {
        Owner owner = missing.getKey();
        await(maintenance.sweep(owner));
        each.remove();
        log.info("Took the presence of gateway {} out: it is gone", owner);
      }
    }
  }

  private static <T> T await(CompletionStage<T> stage) throws InterruptedException {
    try {
      return stage.toCompletableFuture().get(WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PresenceUnavailableException unavailable
          ? unavailable
          : new PresenceUnavailableException("the presence directory failed", e);
    } catch (TimeoutException e) {
      throw new PresenceUnavailableException("the presence directory takes too long", e);
    }
  }
}
