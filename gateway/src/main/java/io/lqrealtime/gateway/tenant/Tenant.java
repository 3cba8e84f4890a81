package io.lqrealtime.gateway.tenant;

import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.limit.Throttle;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.LongSupplier;

/**
 * A tenant that has connections on this gateway: how many, whose, and how much they publish,
 * subscribe and ask for together. Safe for use by several threads.
 */
public final class Tenant {
  /** Clients that come back after an outage subscribe all at once. */
  static final int SUBSCRIBE_REST_SECONDS = 5;

  private static final int LEAST_ANSWER = 512;
  private static final long MOST_OWED_NANOS = 1_000_000_000;

  private static final long AT_LIMIT_NANOS = 1_000_000_000;
  private static final long NEVER = 0;

  /** After that the throttles are full again. */
  private static final long REST_NANOS = SUBSCRIBE_REST_SECONDS * 1_000_000_000L;

  private final TenantId id;
  private final Throttle publishing;
  private final Throttle subscribes;
  private final Throttle answers;
  private final Map<UserId, Integer> users = new HashMap<>();
  private final LongSupplier nanos;

  /**
   * Of connections that have left: when each will have made up for its free subscribes, the
   * earliest first. A connection takes one with it when it comes, so that there are never more of
   * them, with the connections, than there were connections at once.
   */
  private final Queue<Long> spent = new PriorityQueue<>(1);

  private volatile long atLimitSinceNanos = NEVER;
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
   * Counts an answer to what is neither a publish nor a subscribe: about history or presence, to a
   * ping, to an unsubscribe. A few bytes ask for a megabyte, so it is the answers that are counted,
   * after the fact; and each as {@value #LEAST_ANSWER} bytes at least, since what it takes to make
   * a small one is not its size.
   */
  public Throttle.Decision isAnswered(int bytes) {
    return answers.charge(Math.max(bytes, LEAST_ANSWER));
  }

  /**
   * Whether another such answer may be made: not while more is owed for those before it than
   * {@value #MOST_OWED_NANOS} ns make up for.
   */
  public Throttle.Decision mayBeAnswered() {
    long owed = answers.nanosOwed();
    return owed <= MOST_OWED_NANOS
        ? Throttle.Decision.PASSES
        : new Throttle.Decision.Waits(true, owed);
  }

  /** A client of it has come up against a limit that its clients have together. */
  public void reachesLimit() {
    long now = nanos.getAsLong();
    atLimitSinceNanos = now == NEVER ? now + 1 : now;
  }

  /** Whether one has within the last second. */
  public boolean isAtLimit() {
    long since = atLimitSinceNanos;
    if (since == NEVER) {
      return false;
    }
    if (nanos.getAsLong() - since < AT_LIMIT_NANOS) {
      return true;
    }
    atLimitSinceNanos = NEVER;
    return false;
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

  /**
   * When a connection that comes will have made up for the free subscribes of one that left before;
   * now, if there is none that has not. The one that spent the least is taken: who left that place
   * is not known, and the others make up for the rest in the same time.
   */
  synchronized long takeSpent() {
    forgetMadeUpFor();
    Long earliest = spent.poll();
    return earliest == null ? nanos.getAsLong() : earliest;
  }

  private void forgetMadeUpFor() {
    long now = nanos.getAsLong();
    for (Long next = spent.peek(); next != null && next <= now; next = spent.peek()) {
      spent.remove();
    }
  }

  /**
   * Counts a connection out.
   *
   * @param subscribesAt when it will have made up for its free subscribes
   */
  synchronized void leave(UserId user, long subscribesAt) {
    connections--;
    if (subscribesAt > nanos.getAsLong()) {
      spent.add(subscribesAt);
    }
    users.computeIfPresent(user, (u, count) -> count == 1 ? null : count - 1);
    if (connections == 0) {
      emptySinceNanos = nanos.getAsLong();
    }
  }

  /**
   * Whether it has had no connection for so long that what it published and subscribed to does not
   * count any more.
   */
  synchronized boolean isGone() {
    forgetMadeUpFor();
    return connections == 0 && spent.isEmpty() && nanos.getAsLong() - emptySinceNanos >= REST_NANOS;
  }

  synchronized void use(TenantLimits other) {
    limits = other;
    publishing.use(other.publishing());
    subscribes.use(other.subscribes());
    answers.use(other.answers());
  }
}
