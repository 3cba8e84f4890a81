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
  public boolean enter(TenantId tenant) {
    return enter(tenant, 1);
  }

  /**
   * Takes so many places for the tenant, to be given back together.
   *
   * @return false, and takes none, if it would have more than are left then, and has some already:
   *     who has none gets what it asks for, as long as there is that much
   */
  public synchronized boolean enter(TenantId tenant, int count) {
    int own = byTenant.getOrDefault(tenant, 0);
    int left = places - taken;
    if (count > left || (own > 0 && own + count > left)) {
      return false;
    }
    byTenant.put(tenant, own + count);
    taken += count;
    return true;
  }

  /** Gives a place back that was taken for the tenant. */
  public void leave(TenantId tenant) {
    leave(tenant, 1);
  }

  /** Gives so many places back. */
  public synchronized void leave(TenantId tenant, int count) {
    Integer own = byTenant.get(tenant);
    if (own == null || own < count) {
      throw new IllegalStateException("not as many places were taken for " + tenant);
    }
    if (own == count) {
      byTenant.remove(tenant);
    } else {
      byTenant.put(tenant, own - count);
    }
    taken -= count;
  }

  /** How many places are taken. */
  public synchronized int taken() {
    return taken;
  }
}
