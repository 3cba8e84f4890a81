package io.lqrealtime.gateway.tenant;

import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.tenant.TenantPolicy;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Who of which tenant is connected here, within what this gateway takes and what the tenants'
 * policies allow. Bounded by the connections and by the policies there are. Safe for use by several
 * threads.
 *
 * <p>A policy that becomes narrower sends nobody away: it holds for whoever comes next.
 */
public final class Tenants {
  private final int maxConnections;
  private final TenantLimits defaults;
  private final LongSupplier nanos;
  private final AtomicInteger connections = new AtomicInteger();
  private final Map<TenantId, Tenant> present = new ConcurrentHashMap<>();
  private final Map<TenantId, TenantPolicy> policies = new ConcurrentHashMap<>();

  /**
   * @param maxConnections of all tenants together
   * @param defaults of tenants without a policy
   * @param nanos a clock that only rises
   */
  public Tenants(int maxConnections, TenantLimits defaults, LongSupplier nanos) {
    this.maxConnections = maxConnections;
    this.defaults = defaults;
    this.nanos = nanos;
  }

  /** What becomes of somebody who wants to connect. */
  public sealed interface Entry {
    record Admitted(Seat seat) implements Entry {}

    record Refused(Limit limit) implements Entry {}
  }

  /** A connection's place, to be given back when it ends; that may be done twice. */
  public final class Seat {
    private final Tenant tenant;
    private final UserId user;
    private boolean left;

    private Seat(Tenant tenant, UserId user) {
      this.tenant = tenant;
      this.user = user;
    }

    public Tenant tenant() {
      return tenant;
    }

    public synchronized void leave() {
      if (left) {
        return;
      }
      left = true;
      connections.decrementAndGet();
      tenant.leave(user);
    }
  }

  /** Takes a place for a connection of the user, if there is one. */
  public Entry enter(TenantId id, UserId user) {
    if (connections.incrementAndGet() > maxConnections) {
      connections.decrementAndGet();
      return new Entry.Refused(Limit.INSTANCE_CONNECTIONS);
    }
    Entry entry = enterTenant(id, user);
    if (entry instanceof Entry.Refused) {
      connections.decrementAndGet();
    }
    return entry;
  }

  private Entry enterTenant(TenantId id, UserId user) {
    Entry[] entry = new Entry[1];
    // Within the map's own lock, so that nobody enters a tenant that is being taken out.
    present.compute(
        id,
        (key, held) -> {
          Tenant tenant = held != null ? held : new Tenant(key, limitsOf(key), nanos);
          Optional<Limit> refusal = tenant.enter(user);
          entry[0] =
              refusal.isPresent()
                  ? new Entry.Refused(refusal.get())
                  : new Entry.Admitted(new Seat(tenant, user));
          return tenant;
        });
    return entry[0];
  }

  /**
   * Forgets tenants whose last connection has gone. To be called about once a second: a tenant that
   * leaves and comes back is not given a new rate thereby.
   */
  public void sweep() {
    for (TenantId id : present.keySet()) {
      present.computeIfPresent(id, (key, tenant) -> tenant.isGone() ? null : tenant);
    }
  }

  /** From here on the tenant is held to this policy. */
  public void use(TenantId id, TenantPolicy policy) {
    if (policy.equals(TenantPolicy.DEFAULT)) {
      policies.remove(id);
    } else {
      policies.put(id, policy);
    }
    present.computeIfPresent(
        id,
        (key, tenant) -> {
          tenant.use(limitsOf(key));
          return tenant;
        });
  }

  public TenantLimits limitsOf(TenantId id) {
    TenantPolicy policy = policies.get(id);
    return policy == null ? defaults : defaults.with(policy);
  }

  public int connections() {
    return connections.get();
  }

  /** Tenants with connections here, and those that just had some. */
  public int present() {
    return present.size();
  }

  /** Tenants with a policy of their own. */
  public int policies() {
    return policies.size();
  }
}
