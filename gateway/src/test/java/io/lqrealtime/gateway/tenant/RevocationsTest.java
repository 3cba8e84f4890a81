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
  private final Revocations revocations = new Revocations();

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
