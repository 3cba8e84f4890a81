package io.lqrealtime.app.order;

import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.tenant.TenantPolicy;
import io.lqrealtime.tenant.TenantPolicy.Kind;
import io.lqrealtime.topic.TopicNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

/**
 * Changes tenants' policies, and nothing that others change of them at the same time, or have
 * changed while no router runs.
 *
 * <p>An order holds a whole policy, so whoever changes a part has to know the rest. What is in
 * force does not say that: an order that no router has passed on yet would be undone by the next
 * one. The inbound log does, since it has all orders in one order: the change is made to the last
 * policy in it. Orders that came in between the reading and the append are then found before one's
 * own, and the policy is appended again with all that they change. So do the others, and whoever
 * comes last has seen all. What an order changes it says in a header, together with the changes of
 * others that it repeats: of two policies nobody could tell whether a limit was given up or not
 * known of.
 *
 * <p>Blocks like an {@link OrderDesk}. For use by one thread.
 */
public final class PolicyDesk {
  /** As often as a policy is set again since somebody else has set it at the same time. */
  static final int MOST_CHANGES = 10;

  /** Opens the log of one tenant's policies. */
  @FunctionalInterface
  interface Logs {
    PolicyLog open(TenantId tenant, String by, OrderDesk.Seal seal)
        throws TimeoutException, InterruptedException;
  }

  private final Logs logs;

  /**
   * @param kafka properties of Kafka's clients
   */
  public PolicyDesk(Map<String, Object> kafka, TopicNames names, Region region) {
    OrderTopics topics =
        new OrderTopics(kafka, names, region, Duration.ofSeconds(OrderDesk.PATIENCE_SECONDS));
    this((tenant, by, seal) -> KafkaPolicyLog.open(topics, tenant, by, seal));
  }

  PolicyDesk(Logs logs) {
    this.logs = logs;
  }

  /**
   * Changes a tenant's policy.
   *
   * @param change to be made to the policy that holds; may refuse by an exception
   * @throws IllegalStateException as {@link OrderDesk#give}, and where others change it again and
   *     again
   * @throws TimeoutException as {@link OrderDesk#give}, and, with nothing ordered, where the
   *     routers are too far behind to see what holds
   */
  public OrderDesk.Given change(
      TenantId tenant, String by, UnaryOperator<TenantPolicy> change, OrderDesk.Seal seal)
      throws TimeoutException, InterruptedException {
    try (PolicyLog log = logs.open(tenant, by, seal)) {
      TenantPolicy base = log.last();
      TenantPolicy policy = change.apply(base);
      List<PolicyLog.Other> others = new ArrayList<>();
      for (int i = 0; i < MOST_CHANGES; i++) {
        PolicyLog.Appended appended = log.append(policy, PolicyChange.between(base, policy));
        others.addAll(appended.others());
        TenantPolicy wanted = change.apply(merged(base, others));
        if (wanted.equals(policy)) {
          return log.await(appended);
        }
        policy = wanted;
      }
    }
    throw new IllegalStateException(
        ("others change the policy of %s at the same time, again and again: after %d tries the"
                + " change is in the log, but may have undone one of theirs. See what holds (lq"
                + " tenants show %s), and set again what is missing")
            .formatted(tenant, MOST_CHANGES, tenant));
  }

  /** The base, with all that was changed by orders that came after it. */
  private static TenantPolicy merged(TenantPolicy base, List<PolicyLog.Other> others) {
    Map<Kind, Integer> merged = new EnumMap<>(Kind.class);
    merged.putAll(base.limits());
    for (PolicyLog.Other other : others) {
      other.change().orElseGet(() -> PolicyChange.between(base, other.policy())).applyTo(merged);
    }
    return new TenantPolicy(merged);
  }
}
