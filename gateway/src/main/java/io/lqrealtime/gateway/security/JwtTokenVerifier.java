package io.lqrealtime.gateway.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome.Refused;
import io.lqrealtime.gateway.security.keys.KeySelector;
import java.text.ParseException;
import java.time.Clock;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies JWTs (RFC 7519) in JWS compact form with the keys that a {@link KeySelector} knows. The
 * key decides the algorithm: a token that names another one, {@code none} above all, is refused.
 * One that says where its key is, or what it is ({@code jku}, {@code x5u}, {@code jwk}, {@code
 * x5c}), is refused: nothing of that is followed or trusted; {@code kid} is a name to compare, and
 * nothing else. What the claims have to say: {@link TokenClaims}.
 */
public final class JwtTokenVerifier implements TokenVerifier {
  private static final Set<String> KEYS_OF_THE_TOKENS_OWN = Set.of("jku", "jwk", "x5u", "x5c");

  private final KeySelector keys;
  private final TokenClaims claims;

  public JwtTokenVerifier(KeySelector keys, ClaimRules rules, Clock clock) {
    this.keys = keys;
    this.claims = new TokenClaims(rules, clock);
  }

  @Override
  public Outcome verify(String token) {
    if (token.length() > MAX_TOKEN_LENGTH) {
      return new Refused("the token is too long");
    }
    String compact = withoutWhiteSpaceAround(token);
    if (!isOfBase64Url(compact)) {
      return new Refused("the token can't be read");
    }
    try {
      SignedJWT jwt = SignedJWT.parse(compact);
      JWSHeader header = jwt.getHeader();
      JOSEObjectType type = header.getType();
      if (type != null && !type.getType().toUpperCase(Locale.ROOT).endsWith("JWT")) {
        return new Refused("the token is no JWT");
      }
      // As it was written: what is null or empty is not in the header that the library makes of it.
      Set<String> stated =
          JSONObjectUtils.parse(header.getParsedBase64URL().decodeToString()).keySet();
      if (stated.contains("crit")) {
        // RFC 7515, 4.1.11: what is critical and not understood makes a token invalid.
        return new Refused("the token asks for extensions (crit) that are not known");
      }
      if (!Collections.disjoint(stated, KEYS_OF_THE_TOKENS_OWN)) {
        return new Refused(
            "the token brings its own key, or says where it is (jku, jwk, x5u, x5c)");
      }
      List<JWSVerifier> fitting =
          keys.select(header.getAlgorithm(), Optional.ofNullable(header.getKeyID()));
      if (fitting.isEmpty()) {
        return new Refused("the token is signed with an algorithm or key that is not accepted");
      }
      for (JWSVerifier key : fitting) {
        if (jwt.verify(key)) {
          Map<String, Object> json = jwt.getPayload().toJSONObject();
          return json == null
              ? new Refused("the token's claims are no JSON object")
              : claims.judge(json);
        }
      }
      return new Refused("the token's signature is not valid");
    } catch (ParseException | JOSEException | RuntimeException e) {
      // Whatever the library makes of foreign text: a header that is null, say, is its
      // NullPointerException. It may quote the token, so nothing of it is passed on.
      return new Refused("the token can't be read");
    }
  }

  /**
   * As a token has that was read from a file, with the line's end. Each character is looked at
   * once: whoever sends a token of blanks must not keep a thread busy.
   */
  private static String withoutWhiteSpaceAround(String token) {
    int from = 0;
    int to = token.length();
    while (from < to && isWhiteSpace(token.charAt(from))) {
      from++;
    }
    while (from < to && isWhiteSpace(token.charAt(to - 1))) {
      to--;
    }
    return token.substring(from, to);
  }

  private static boolean isWhiteSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  /**
   * RFC 7515, 5.2: nothing else may be in the parts, padding and line breaks least of all. The
   * library passes over what does not belong there, so that one token could be written in many
   * ways.
   */
  private static boolean isOfBase64Url(String compact) {
    return compact
        .chars()
        .allMatch(
            c ->
                c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || c == '-'
                    || c == '_'
                    || c == '.');
  }
}
