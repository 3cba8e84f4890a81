package io.lqrealtime.gateway.tenant;

import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.tenant.Target;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which tokens are not good any more although they have not expired.
 *
 * <p>Bounded: a tenant has so many revocations. Past that the oldest give way, and all tokens of
 * the tenant are refused that were issued before the youngest of those: whatever was revoked stays
 * so, and beside it what is as old.
 *
 * <p>Safe for use by several threads.
 */
public final class Revocations {
  private static final Logger log = LoggerFactory.getLogger(Revocations.class);
  private static final Target EVERYONE = new Target.Everyone();

  /** Of a tenant that has too many: so that the look for the oldest is not for each of them. */
  private static final int PART_THAT_GIVES_WAY = 10;

  private final int mostOfATenant;
  private final Map<TenantId, OfTenant> revoked = new ConcurrentHashMap<>();

  private static final class OfTenant {
    /** By target: the epoch second before which tokens were issued that are revoked. */
    private final Map<Target, Long> targets = new ConcurrentHashMap<>();

    /** The same, of all tokens, for those that gave way. */
    private volatile long ofThoseThatGaveWay;
  }

  /**
   * @param mostOfATenant revocations that are told apart; 1 or more
   */
  public Revocations(int mostOfATenant) {
    if (mostOfATenant < 1) {
      throw new IllegalArgumentException("a tenant may have one revocation at least");
    }
    this.mostOfATenant = mostOfATenant;
  }

  /**
   * From here on the target's tokens that were issued before then are revoked, and no others.
   *
   * @param issuedBefore epoch seconds; 0 takes a former revocation back, unless it has given way
   */
  public void revoke(TenantId tenant, Target target, long issuedBefore) {
    revoked.compute(
        tenant,
        (id, held) -> {
          OfTenant ofTenant = held == null ? new OfTenant() : held;
          Map<Target, Long> targets = ofTenant.targets;
          if (issuedBefore == 0) {
            targets.remove(target);
          } else {
            targets.put(target, issuedBefore);
          }
          if (targets.size() > mostOfATenant) {
            giveWay(id, ofTenant);
          }
          return targets.isEmpty() && ofTenant.ofThoseThatGaveWay == 0 ? null : ofTenant;
        });
  }

  private void giveWay(TenantId tenant, OfTenant ofTenant) {
    Map<Target, Long> targets = ofTenant.targets;
    int count = Math.max(targets.size() - mostOfATenant, targets.size() / PART_THAT_GIVES_WAY);
    long youngest =
        targets.values().stream()
            .mapToLong(Long::longValue)
            .sorted()
            .skip(count - 1)
            .findFirst()
            .orElseThrow();
    // First: what is revoked is so at every moment.
    ofTenant.ofThoseThatGaveWay = Math.max(ofTenant.ofThoseThatGaveWay, youngest);
    targets.values().removeIf(issuedBefore -> issuedBefore <= youngest);
    log.warn(
        "Tenant {} has more than {} revocations: all its tokens are refused from now on that were"
            + " issued before {}",
        tenant,
        mostOfATenant,
        Instant.ofEpochSecond(youngest));
  }

  public boolean isRevoked(Principal principal) {
    OfTenant ofTenant = revoked.get(principal.tenant());
    if (ofTenant == null) {
      return false;
    }
    long issuedAt = principal.issuedAt();
    // In this order: what gives way meanwhile is seen in one of them.
    return issuedAt < ofTenant.targets.getOrDefault(new Target.User(principal.user()), 0L)
        || issuedAt < ofTenant.targets.getOrDefault(EVERYONE, 0L)
        || issuedAt < ofTenant.ofThoseThatGaveWay;
  }

  /** Those that are told apart, of all tenants. */
  public int size() {
    return revoked.values().stream().mapToInt(ofTenant -> ofTenant.targets.size()).sum();
  }
}
