package io.lqrealtime.tenant;

import io.lqrealtime.id.TenantId;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts out a bounded number of places, of which a tenant may have as many as are left for all
 * others: one alone has at most the half, and whoever comes next finds as many as each of the
 * others has. So no tenant can take all of them, and none lies idle for want of a share being set.
 * (Dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6, 1998, with a
 * factor of one.)
 *
 * <p>Safe for use by several threads; no call waits for more than a few instructions of another.
 */
public final class TenantShares {
  private final int places;
  private final Map<TenantId, Integer> byTenant = new HashMap<>();
  private int taken;

  /**
   * @param places for all tenants together; 1 or more
   */
  public TenantShares(int places) {
    if (places < 1) {
      throw new IllegalArgumentException("at least one place");
    }
    this.places = places;
  }

  /** Takes a place for the tenant, to be given back with {@link #leave}; false if it has none. */
  public synchronized boolean enter(TenantId tenant) {
    int own = byTenant.getOrDefault(tenant, 0);
    if (own >= places - taken) {
      return false;
    }
    byTenant.put(tenant, own + 1);
    taken++;
    return true;
  }

  /** Gives a place back that was taken for the tenant. */
  public synchronized void leave(TenantId tenant) {
    Integer own = byTenant.get(tenant);
    if (own == null) {
      throw new IllegalStateException("no place was taken for " + tenant);
    }
    if (own == 1) {
      byTenant.remove(tenant);
    } else {
      byTenant.put(tenant, own - 1);
    }
    taken--;
  }

  /** How many places are taken. */
  public synchronized int taken() {
    return taken;
  }
}
