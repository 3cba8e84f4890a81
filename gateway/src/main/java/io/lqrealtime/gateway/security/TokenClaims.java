package io.lqrealtime.gateway.security;

import com.nimbusds.jwt.JWTClaimsSet;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome.Accepted;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome.Refused;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.text.ParseException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Judges the claims of a token whose signature is valid. Clocks may differ: {@code exp}, {@code
 * nbf} and {@code iat} are judged with the grace that the rules give. No refusal repeats a claim's
 * value.
 */
final class TokenClaims {
  /** Farther away from 1970, milliseconds don't fit a long, and the library's would wrap around. */
  private static final long FARTHEST_SECONDS = Long.MAX_VALUE / 1000;

  private static final Refused BAD_CAN =
      new Refused(
          "the claim can is to be an object of lists of at most "
              + Permissions.MAX_PATTERNS
              + " channel patterns of 1 to "
              + ChannelPattern.MAX_LENGTH
              + " characters");

  private static final List<String> TIMES = List.of("exp", "nbf", "iat");

  private final ClaimRules rules;
  private final Clock clock;

  TokenClaims(ClaimRules rules, Clock clock) {
    this.rules = rules;
    this.clock = clock;
  }

  /**
   * @param json the claims as they stand in the token: the library reads a {@code sub} that is a
   *     number as text, by which two large ones may become one user
   * @throws ParseException if a claim is of another kind than it has to be
   */
  Outcome judge(Map<String, Object> json) throws ParseException {
    for (String name : TIMES) {
      if (json.get(name) instanceof Number seconds && !isTime(seconds.longValue())) {
        return new Refused("the claim " + name + " is no time");
      }
    }
    JWTClaimsSet claims = JWTClaimsSet.parse(json);
    String tenant = claims.getStringClaim("tenant");
    if (tenant == null || !TenantId.isValid(tenant)) {
      return new Refused("the claim tenant is missing or no tenant's name");
    }
    if (!(json.get("sub") instanceof String user) || !UserId.isValid(user)) {
      return new Refused("the claim sub is missing or no user's id");
    }
    if (claims.getExpirationTime() == null) {
      return new Refused("the claim exp is missing");
    }
    Instant expiry = claims.getExpirationTime().toInstant();
    Instant now = clock.instant();
    if (!now.isBefore(expiry.plus(rules.clockSkew()))) {
      return new Refused("the token has expired");
    }
    if (claims.getNotBeforeTime() != null
        && claims.getNotBeforeTime().toInstant().isAfter(now.plus(rules.clockSkew()))) {
      return new Refused("the token is not valid yet");
    }
    if (claims.getIssueTime() != null
        && claims.getIssueTime().toInstant().isAfter(now.plus(rules.clockSkew()))) {
      // It would outlive every revocation until then.
      return new Refused("the token says that it will be issued later");
    }
    if (!rules.issuers().isEmpty()
        && (claims.getIssuer() == null || !rules.issuers().contains(claims.getIssuer()))) {
      return new Refused("the claim iss is missing or no issuer that is accepted here");
    }
    if (!rules.audiences().isEmpty()
        && Collections.disjoint(rules.audiences(), claims.getAudience())) {
      return new Refused("the claim aud is missing or does not name this service");
    }
    UserId userId = new UserId(user);
    Object can = claims.getClaim("can");
    Permissions permissions;
    if (can == null && !claims.getClaims().containsKey("can")) {
      permissions = Permissions.ofUser(userId);
    } else {
      Optional<Map<Permissions.Action, List<ChannelPattern>>> patterns = patterns(can);
      if (patterns.isEmpty()) {
        return BAD_CAN;
      }
      permissions = Permissions.granted(userId, patterns.get());
    }
    long issuedAt =
        claims.getIssueTime() == null ? 0 : claims.getIssueTime().toInstant().getEpochSecond();
    return new Accepted(
        new Principal(
            new TenantId(tenant), userId, issuedAt, expiry.getEpochSecond(), permissions));
  }

  private static boolean isTime(long seconds) {
    return seconds >= -FARTHEST_SECONDS && seconds <= FARTHEST_SECONDS;
  }

  private static Optional<Map<Permissions.Action, List<ChannelPattern>>> patterns(
      @Nullable Object can) {
    if (!(can instanceof Map<?, ?> byAction)) {
      return Optional.empty();
    }
    Map<Permissions.Action, List<ChannelPattern>> patterns =
        new EnumMap<>(Permissions.Action.class);
    for (Permissions.Action action : Permissions.Action.values()) {
      Object listed = byAction.get(action.name().toLowerCase(Locale.ROOT));
      if (listed == null) {
        continue;
      }
      if (!(listed instanceof List<?> list) || list.size() > Permissions.MAX_PATTERNS) {
        return Optional.empty();
      }
      List<ChannelPattern> parsed = new ArrayList<>(list.size());
      for (Object pattern : list) {
        if (!(pattern instanceof String text)
            || text.isEmpty()
            || text.length() > ChannelPattern.MAX_LENGTH) {
          return Optional.empty();
        }
        parsed.add(new ChannelPattern(text));
      }
      patterns.put(action, List.copyOf(parsed));
    }
    return Optional.of(patterns);
  }
}
