package io.lqrealtime.gateway.tenant;

import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.limit.Throttle;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A tenant that has connections on this gateway: how many, whose, and how much they publish,
 * subscribe and ask for together. Safe for use by several threads.
 */
public final class Tenant {
  /** Clients that come back after an outage subscribe all at once. */
  static final int SUBSCRIBE_REST_SECONDS = 5;

  /** After that the throttles are full again. */
  private static final long REST_NANOS = SUBSCRIBE_REST_SECONDS * 1_000_000_000L;

  private final TenantId id;
  private final Throttle publishing;
  private final Throttle subscribes;
  private final Throttle answers;
  private final Map<UserId, Integer> users = new HashMap<>();
  private final LongSupplier nanos;
  private TenantLimits limits;
  private int connections;
  private long emptySinceNanos;

  Tenant(TenantId id, TenantLimits limits, LongSupplier nanos) {
    this.id = id;
    this.limits = limits;
    this.nanos = nanos;
    this.emptySinceNanos = nanos.getAsLong();
    this.publishing = Throttle.shared(limits.publishing(), nanos);
    this.subscribes = Throttle.sharedAfterRest(limits.subscribes(), SUBSCRIBE_REST_SECONDS, nanos);
    this.answers = Throttle.shared(limits.answers(), nanos);
  }

  public TenantId id() {
    return id;
  }

  /** Counts a message that one of the tenant's clients publishes, if it may. */
  public Throttle.Decision publishes(int bytes) {
    return publishing.take(bytes);
  }

  /** Counts a subscription that one of the tenant's clients begins, if it may. */
  public Throttle.Decision subscribes() {
    return subscribes.take(1);
  }

  /**
   * Counts the answer to a question about history or presence. A few bytes ask for a megabyte, so
   * it is the answers that are counted, after the fact.
   */
  public Throttle.Decision isAnswered(int bytes) {
    return answers.charge(bytes);
  }

  /** Counts a connection in, or says which limit forbids it. */
  synchronized Optional<Limit> enter(UserId user) {
    if (connections >= limits.connections()) {
      return Optional.of(Limit.TENANT_CONNECTIONS);
    }
    int ofUser = users.getOrDefault(user, 0);
    if (ofUser >= limits.connectionsPerUser()) {
      return Optional.of(Limit.USER_CONNECTIONS);
    }
    connections++;
    users.put(user, ofUser + 1);
    return Optional.empty();
  }

  /** Counts a connection out. */
  synchronized void leave(UserId user) {
    connections--;
    users.computeIfPresent(user, (u, count) -> count == 1 ? null : count - 1);
    if (connections == 0) {
      emptySinceNanos = nanos.getAsLong();
    }
  }

  /**
   * Whether it has had no connection for so long that what it published does not count any more.
   */
  synchronized boolean isGone() {
    return connections == 0 && nanos.getAsLong() - emptySinceNanos >= REST_NANOS;
  }

  synchronized void use(TenantLimits other) {
    limits = other;
    publishing.use(other.publishing());
    subscribes.use(other.subscribes());
    answers.use(other.answers());
  }
}
