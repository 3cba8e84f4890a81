package io.lqrealtime.presence;

import io.lqrealtime.id.TenantId;
import java.util.Set;

/**
 * What a gateway knows and the directory does not: the tenants of which changes are not written
 * yet, for longer than writing usually takes. It goes with each renewal of the gateway's lease, so
 * that nobody counts by entries that are out of date.
 *
 * @param everything whether it may be any tenant; there is no list then
 * @param tenants at most {@value #MAX_TENANTS}
 */
public record Backlog(boolean everything, Set<TenantId> tenants) {
  public static final int MAX_TENANTS = 100;
  public static final Backlog NONE = new Backlog(false, Set.of());
  public static final Backlog EVERYTHING = new Backlog(true, Set.of());

  public Backlog {
    tenants = Set.copyOf(tenants);
    if (tenants.size() > MAX_TENANTS || everything && !tenants.isEmpty()) {
      throw new IllegalArgumentException("everything, or at most " + MAX_TENANTS + " tenants");
    }
  }

  /** Of any number of tenants: of too many to list it is everything. */
  public static Backlog of(Set<TenantId> tenants) {
    return tenants.size() > MAX_TENANTS ? EVERYTHING : new Backlog(false, tenants);
  }

  public boolean isEmpty() {
    return !everything && tenants.isEmpty();
  }

  public boolean concerns(TenantId tenant) {
    return everything || tenants.contains(tenant);
  }
}
