package io.lqrealtime.presence;

import io.lqrealtime.id.TenantId;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Tenants whose changes the directory does not take at present (a part of it may be away, or broken
 * for one of them), and when each is tried again, so that the others need not wait. For one thread.
 *
 * <p>Bounded by the tenants with changes that wait, which {@link #retain} is told of.
 */
final class TenantRetries {
  private final LongSupplier nanos;
  private final Map<TenantId, Retry> retries = new HashMap<>();

  /**
   * @param nanos a clock that only rises
   */
  TenantRetries(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Whether the tenant does not have to wait. */
  boolean mayTry(TenantId tenant) {
    Retry retry = retries.get(tenant);
    return retry == null || retry.nanosLeft(nanos.getAsLong()) <= 0;
  }

  void failed(TenantId tenant) {
    retries.put(tenant, Retry.after(retries.get(tenant), nanos.getAsLong()));
  }

  /** Whether the tenant's last try failed. */
  boolean hasFailed(TenantId tenant) {
    return retries.containsKey(tenant);
  }

  void succeeded(TenantId tenant) {
    retries.remove(tenant);
  }

  /** Forgets the others: nothing of them waits any more. */
  void retain(Set<TenantId> tenants) {
    retries.keySet().retainAll(tenants);
  }

  /** All are tried again at once, and their pauses are short again. */
  void reset() {
    retries.clear();
  }

  /** Nanoseconds to the next try, 0 or less if it is due; empty if nobody waits for one. */
  OptionalLong nanosToNext() {
    long now = nanos.getAsLong();
    return retries.values().stream().mapToLong(retry -> retry.nanosLeft(now)).min();
  }
}
