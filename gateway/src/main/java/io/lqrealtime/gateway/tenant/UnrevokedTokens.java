package io.lqrealtime.gateway.tenant;

import io.lqrealtime.gateway.security.TokenVerifier;

/** Takes tokens that another verifier takes, but for those that were revoked. */
public final class UnrevokedTokens implements TokenVerifier {
  private final TokenVerifier verifier;
  private final Revocations revocations;

  public UnrevokedTokens(TokenVerifier verifier, Revocations revocations) {
    this.verifier = verifier;
    this.revocations = revocations;
  }

  @Override
  public Outcome verify(String token) {
    Outcome outcome = verifier.verify(token);
    return outcome instanceof Outcome.Accepted accepted
            && revocations.isRevoked(accepted.principal())
        ? new Outcome.Refused("the token has been revoked")
        : outcome;
  }
}
