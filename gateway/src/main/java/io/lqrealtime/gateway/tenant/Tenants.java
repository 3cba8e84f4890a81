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
 * policies allow. Bounded by the connections there were in the last minutes and by the policies
 * there are. Safe for use by several threads.
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

  /**
   * A connection's place, to be given back when it ends; that may be done twice.
   *
   * <p>Some subscribes of each are not counted against the tenant. What of these is spent stays
   * with the place: whoever has it next finds that, so that nobody gets more of them by coming
   * again and again. Clients that all come back at once from another gateway find places that are
   * new.
   */
  public final class Seat {
    /** Subscribes that are not counted against the tenant: so many at once, */
    public static final int FREE_SUBSCRIBES = 20;

    /** and one each 5 s. */
    public static final long FREE_SUBSCRIBE_NANOS = 5_000_000_000L;

    private final Tenant tenant;
    private final UserId user;

    /** When as much time will have passed as the free subscribes so far are worth. */
    private long subscribesAt;

    private boolean left;

    private Seat(Tenant tenant, UserId user) {
      this.tenant = tenant;
      this.user = user;
      this.subscribesAt = tenant.takeSpent();
    }

    public Tenant tenant() {
      return tenant;
    }

    /**
     * Whether the client subscribes no more than clients do: to what it needs when it comes, and to
     * something else now and then. All others count towards their tenant's rate. (A leaky bucket as
     * a meter, by the moment at which it is empty: the generic cell rate algorithm, ITU-T I.371.)
     */
    public synchronized boolean isOrdinarySubscribe() {
      long now = nanos.getAsLong();
      long emptyAt = Math.max(subscribesAt, now);
      if (emptyAt - now > (FREE_SUBSCRIBES - 1) * FREE_SUBSCRIBE_NANOS) {
        return false;
      }
      subscribesAt = emptyAt + FREE_SUBSCRIBE_NANOS;
      return true;
    }

    public synchronized void leave() {
      if (left) {
        return;
      }
      left = true;
      connections.decrementAndGet();
      tenant.leave(user, subscribesAt);
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
