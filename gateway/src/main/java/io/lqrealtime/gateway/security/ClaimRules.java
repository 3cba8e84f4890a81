package io.lqrealtime.gateway.security;

import java.time.Duration;
import java.util.List;

/**
 * What a token's claims are held to, beside being there.
 *
 * @param issuers one of them is to be {@code iss}; empty: whatever it is
 * @param audiences one of them is to be in {@code aud}; empty: whatever it is
 * @param clockSkew by how much the clock of whoever issued the token may differ
 */
public record ClaimRules(List<String> issuers, List<String> audiences, Duration clockSkew) {
  public ClaimRules {
    issuers = List.copyOf(issuers);
    audiences = List.copyOf(audiences);
  }
}
