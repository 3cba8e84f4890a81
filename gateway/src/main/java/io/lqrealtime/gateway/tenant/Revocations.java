package io.lqrealtime.gateway.tenant;

import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.tenant.Target;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which tokens are not good any more although they have not expired. Bounded by the revocations
 * that are in force. Safe for use by several threads.
 */
public final class Revocations {
  private static final Target EVERYONE = new Target.Everyone();

  /** By tenant and target: the epoch second before which tokens were issued that are revoked. */
  private final Map<TenantId, Map<Target, Long>> revoked = new ConcurrentHashMap<>();

  /**
   * From here on the target's tokens that were issued before then are revoked, and no others.
   *
   * @param issuedBefore epoch seconds; 0 takes a former revocation back
   */
  public void revoke(TenantId tenant, Target target, long issuedBefore) {
    revoked.compute(
        tenant,
        (id, held) -> {
          Map<Target, Long> targets = held == null ? new ConcurrentHashMap<>() : held;
          if (issuedBefore == 0) {
            targets.remove(target);
          } else {
            targets.put(target, issuedBefore);
          }
          return targets.isEmpty() ? null : targets;
        });
  }

  public boolean isRevoked(Principal principal) {
    Map<Target, Long> targets = revoked.get(principal.tenant());
    return targets != null
        && (principal.issuedAt() < targets.getOrDefault(EVERYONE, 0L)
            || principal.issuedAt() < targets.getOrDefault(new Target.User(principal.user()), 0L));
  }

  public int size() {
    return revoked.values().stream().mapToInt(Map::size).sum();
  }
}
