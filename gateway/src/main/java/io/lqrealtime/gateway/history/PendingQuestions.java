package io.lqrealtime.gateway.history;

import io.lqrealtime.id.TenantId;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the questions that have no answer yet, up to a bound, of which a tenant may have as many
 * as are left for all others. Safe for use by several threads.
 */
final class PendingQuestions {
  private final int most;
  private final Map<TenantId, Integer> byTenant = new HashMap<>();
  private int all;

  PendingQuestions(int most) {
    this.most = most;
  }

  /** Counts a question in, if there is room for it. */
  synchronized boolean enter(TenantId tenant) {
    int own = byTenant.getOrDefault(tenant, 0);
    if (own >= most - all) {
      return false;
    }
    byTenant.put(tenant, own + 1);
    all++;
    return true;
  }

  /** Counts one out. */
  synchronized void leave(TenantId tenant) {
    byTenant.computeIfPresent(tenant, (key, own) -> own == 1 ? null : own - 1);
    all--;
  }

  synchronized int size() {
    return all;
  }
}
