package io.lqrealtime.gateway.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome.Accepted;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome.Refused;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies JWTs (RFC 7519) in JWS compact form with the keys that a {@link KeySelector} knows. The
 * key decides the algorithm: a token that names another one, {@code none} above all, is refused.
 * What a header says about where keys are ({@code jku}, {@code x5u}, {@code jwk}) is never
 * followed.
 *
 * <p>Clocks may differ by {@link #SKEW}: {@code exp} and {@code nbf} are judged with that much
 * grace.
 */
public final class JwtTokenVerifier implements TokenVerifier {
  public static final Duration SKEW = Duration.ofSeconds(5);

  /** The port for keys: which one verifies a token with this algorithm and key id. */
  @FunctionalInterface
  public interface KeySelector {
    Optional<JWSVerifier> select(JWSAlgorithm algorithm, Optional<String> keyId);
  }

  private final KeySelector keys;
  private final Clock clock;

  public JwtTokenVerifier(KeySelector keys, Clock clock) {
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * Verifies HS256 with one shared secret.
   *
   * @throws IllegalArgumentException if the secret is shorter than the 256 bits that RFC 7518 asks
   *     for
   */
  public static JwtTokenVerifier hs256(byte[] secret, Clock clock) {
    JWSVerifier verifier;
    try {
      verifier = new MACVerifier(secret);
    } catch (JOSEException e) {
      throw new IllegalArgumentException("an HS256 secret has at least 32 bytes", e);
    }
    return new JwtTokenVerifier(
        (algorithm, keyId) ->
            algorithm.equals(JWSAlgorithm.HS256) ? Optional.of(verifier) : Optional.empty(),
        clock);
  }

  @Override
  public Outcome verify(String token) {
    if (token.length() > MAX_TOKEN_LENGTH) {
      return new Refused("the token is too long");
    }
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      JOSEObjectType type = jwt.getHeader().getType();
      if (type != null && !type.getType().toUpperCase(Locale.ROOT).endsWith("JWT")) {
        return new Refused("the token is no JWT");
      }
      if (jwt.getHeader().getCriticalParams() != null) {
        // RFC 7515, 4.1.11: what is critical and not understood makes a token invalid.
        return new Refused("the token asks for extensions (crit) that are not known");
      }
      Optional<JWSVerifier> key =
          keys.select(
              jwt.getHeader().getAlgorithm(), Optional.ofNullable(jwt.getHeader().getKeyID()));
      if (key.isEmpty()) {
        return new Refused("the token is signed with an algorithm or key that is not accepted");
      }
      if (!jwt.verify(key.get())) {
        return new Refused("the token's signature is not valid");
      }
      return judge(jwt.getJWTClaimsSet());
    } catch (ParseException | JOSEException | IllegalArgumentException | IllegalStateException e) {
      // The exception may quote the token, so nothing of it is passed on.
      return new Refused("the token can't be read");
    }
  }

  private Outcome judge(JWTClaimsSet claims) throws ParseException {
    String tenant = claims.getStringClaim("tenant");
    if (tenant == null || !TenantId.isValid(tenant)) {
      return new Refused("the claim tenant is missing or no tenant's name");
    }
    String user = claims.getSubject();
    if (user == null || !UserId.isValid(user)) {
      return new Refused("the claim sub is missing or no user's id");
    }
    if (claims.getExpirationTime() == null) {
      return new Refused("the claim exp is missing");
    }
    long expiresAt = claims.getExpirationTime().toInstant().getEpochSecond();
    long now = clock.instant().getEpochSecond();
    if (expiresAt + SKEW.toSeconds() <= now) {
      return new Refused("the token has expired");
    }
    if (claims.getNotBeforeTime() != null
        && claims.getNotBeforeTime().toInstant().getEpochSecond() > now + SKEW.toSeconds()) {
      return new Refused("the token is not valid yet");
    }
    UserId userId = new UserId(user);
    Object can = claims.getClaim("can");
    Permissions permissions;
    if (can == null && !claims.getClaims().containsKey("can")) {
      permissions = Permissions.ofUser(userId);
    } else {
      Optional<Map<Permissions.Action, List<ChannelPattern>>> patterns = patterns(can);
      if (patterns.isEmpty()) {
        return new Refused("the claim can is no object of lists of channel patterns");
      }
      permissions = Permissions.granted(userId, patterns.get());
    }
    return new Accepted(new Principal(new TenantId(tenant), userId, expiresAt, permissions));
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
