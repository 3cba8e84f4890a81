package io.lqrealtime.gateway.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.tenant.Target;
import org.junit.jupiter.api.Test;

class RevocationsTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final UserId ALICE = new UserId("alice");
  private static final UserId BOB = new UserId("bob");
  private static final int MOST = 20;
  private final Revocations revocations = new Revocations(MOST);

  @Test
  void tokensOfAUserIssuedBefore_areRevoked_andNoOthers() {
    revocations.revoke(ACME, new Target.User(ALICE), 100);

    assertThat(isRevoked(ACME, ALICE, 99)).isTrue();
    assertThat(isRevoked(ACME, ALICE, 0)).isTrue();
    assertThat(isRevoked(ACME, ALICE, 100)).isFalse();
    assertThat(isRevoked(ACME, BOB, 99)).isFalse();
    assertThat(isRevoked(new TenantId("other"), ALICE, 99)).isFalse();
  }

  @Test
  void everyonesTokens_areRevokedBesideAUsers() {
    revocations.revoke(ACME, new Target.User(ALICE), 200);
    revocations.revoke(ACME, new Target.Everyone(), 100);

    assertThat(isRevoked(ACME, BOB, 99)).isTrue();
    assertThat(isRevoked(ACME, BOB, 150)).isFalse();
    assertThat(isRevoked(ACME, ALICE, 150)).isTrue();
  }

  @Test
  void laterRevocation_replacesTheFormerOne_andZeroTakesItBack() {
    revocations.revoke(ACME, new Target.User(ALICE), 200);
    revocations.revoke(ACME, new Target.User(ALICE), 100);
    assertThat(isRevoked(ACME, ALICE, 150)).isFalse();
    assertThat(revocations.size()).isEqualTo(1);

    revocations.revoke(ACME, new Target.User(ALICE), 0);
    assertThat(isRevoked(ACME, ALICE, 0)).isFalse();
    assertThat(revocations.size()).isZero();
  }

  @Test
  void moreThanATenantMayHave_theOldestGiveWay_andWhatTheyRevokedStaysRevoked() {
    for (int i = 0; i < 10 * MOST; i++) {
      revocations.revoke(ACME, user(i), 100 + i);
      revocations.revoke(new TenantId("other"), user(0), 100 + i);

      assertThat(revocations.size()).isLessThanOrEqualTo(MOST + 1);
      for (int j = 0; j <= i; j++) {
        assertThat(isRevoked(ACME, user(j).user(), 99 + j)).isTrue();
      }
      assertThat(isRevoked(ACME, user(i).user(), 100 + i)).isFalse();
    }
    // As old as those that gave way is whoever it was; the young are told apart.
    assertThat(isRevoked(ACME, BOB, 99)).isTrue();
    assertThat(isRevoked(ACME, BOB, 99 + 9 * MOST)).isFalse();
    assertThat(isRevoked(new TenantId("other"), BOB, 0)).isFalse();
  }

  @Test
  void oldRevocationThatComesLate_givesWayItself() {
    for (int i = 0; i < MOST; i++) {
      revocations.revoke(ACME, user(i), 1_000 + i);
    }

    revocations.revoke(ACME, user(MOST), 100);

    assertThat(isRevoked(ACME, user(MOST).user(), 99)).isTrue();
    assertThat(isRevoked(ACME, user(MOST - 1).user(), 998 + MOST)).isTrue();
    assertThat(revocations.size()).isLessThanOrEqualTo(MOST);
  }

  private static Target.User user(int number) {
    return new Target.User(new UserId("user-" + number));
  }

  @Test
  void verifier_refusesWhatIsRevoked() {
    Principal alice = principal(ACME, ALICE, 99);
    UnrevokedTokens tokens = new UnrevokedTokens(token -> new Outcome.Accepted(alice), revocations);
    assertThat(tokens.verify("t")).isEqualTo(new Outcome.Accepted(alice));

    revocations.revoke(ACME, new Target.User(ALICE), 100);

    assertThat(tokens.verify("t")).isEqualTo(new Outcome.Refused("the token has been revoked"));
  }

  private boolean isRevoked(TenantId tenant, UserId user, long issuedAt) {
    return revocations.isRevoked(principal(tenant, user, issuedAt));
  }

  private static Principal principal(TenantId tenant, UserId user, long issuedAt) {
    return new Principal(tenant, user, issuedAt, 1_000, Permissions.ofUser(user));
  }
}
