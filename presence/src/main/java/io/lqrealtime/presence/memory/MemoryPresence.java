package io.lqrealtime.presence.memory;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static java.util.concurrent.CompletableFuture.failedFuture;

import io.lqrealtime.id.TenantId;
import io.lqrealtime.presence.GatewayLeases;
import io.lqrealtime.presence.PresenceDirectory;
import io.lqrealtime.presence.PresenceMaintenance;
import io.lqrealtime.presence.PresenceUnavailableException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * The presence ports in memory, under one lock, with the failures of the real one to order: it can
 * be flushed, and be away, whole or for some tenants. As large as what its gateways write; stages
 * are complete when they are returned.
 */
public final class MemoryPresence {
  private final Object lock = new Object();
  private final List<Runnable> disruptionListeners = new CopyOnWriteArrayList<>();
  private final MemoryLeases leases;
  private final MemoryDirectory directory;
  private final Set<TenantId> unavailable = new HashSet<>();
  private boolean available = true;

  public MemoryPresence(InstantSource clock) {
    leases = new MemoryLeases(clock, this);
    directory = new MemoryDirectory(clock, leases, this);
  }

  public PresenceDirectory directory() {
    return directory;
  }

  public PresenceMaintenance maintenance() {
    return directory;
  }

  public GatewayLeases leases() {
    return leases;
  }

  /** Loses everything, as a flushed server does. */
  public void flush() {
    synchronized (lock) {
      leases.flush();
      directory.flush();
    }
  }

  /** Whether calls succeed; to be back after having been away counts as a disruption. */
  public void available(boolean nowAvailable) {
    boolean back;
    synchronized (lock) {
      back = nowAvailable && !available;
      if (!nowAvailable) {
        leases.see();
      }
      available = nowAvailable;
      if (back) {
        leases.away();
      }
    }
    if (back) {
      disruptionListeners.forEach(Runnable::run);
    }
  }

  /** Whether calls that concern the tenant succeed: the real one is away in parts, too. */
  public void available(TenantId tenant, boolean nowAvailable) {
    synchronized (lock) {
      if (nowAvailable) {
        unavailable.remove(tenant);
      } else {
        unavailable.add(tenant);
      }
    }
  }

  void onDisruption(Runnable listener) {
    disruptionListeners.add(listener);
  }

  <T> CompletableFuture<T> call(TenantId tenant, Supplier<T> action) {
    return call(
        () -> {
          if (unavailable.contains(tenant)) {
            throw new PresenceUnavailableException("away for this tenant, by order");
          }
          return action.get();
        });
  }

  <T> CompletableFuture<T> call(Supplier<T> action) {
    synchronized (lock) {
      if (!available) {
        leases.away();
        return failedFuture(new PresenceUnavailableException("away, by order"));
      }
      try {
        return completedFuture(action.get());
      } catch (PresenceUnavailableException e) {
        return failedFuture(e);
      }
    }
  }
}
