package io.lqrealtime.presence;

import io.lqrealtime.id.TenantId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * Tenants whose changes the directory does not take at present (a part of it may be away, or broken
 * for one of them), and when each is tried again: after pauses that double, up to {@value
 * #LONGEST_PAUSE_SECONDS} s, so that the others need not wait. For one thread.
 *
 * <p>Bounded by the tenants with changes that wait, which {@link #retain} is told of.
 */
final class TenantRetries {
  private static final int LONGEST_PAUSE_SECONDS = 5;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(LONGEST_PAUSE_SECONDS);

  private record Retry(long atNanos, Duration pause) {}

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
    return retry == null || retry.atNanos - nanos.getAsLong() <= 0;
  }

  void failed(TenantId tenant) {
    Retry former = retries.get(tenant);
    Duration pause = former == null ? FIRST_PAUSE : former.pause.multipliedBy(2);
    if (pause.compareTo(LONGEST_PAUSE) > 0) {
      pause = LONGEST_PAUSE;
    }
    // Spread, so that all gateways of a part that is back do not come at once.
    long wait = pause.toNanos() / 2 + ThreadLocalRandom.current().nextLong(pause.toNanos());
    retries.put(tenant, new Retry(nanos.getAsLong() + wait, pause));
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
    return retries.values().stream().mapToLong(retry -> retry.atNanos - now).min();
  }
}
