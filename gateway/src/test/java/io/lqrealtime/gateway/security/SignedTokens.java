package io.lqrealtime.gateway.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Real keys, made here, sets of them, and tokens that they sign. */
@SuppressWarnings("JavaUtilDate") // The library that signs takes nothing else.
public final class SignedTokens {
  private SignedTokens() {}

  public static ECKey ec(String kid) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(kid).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  public static RSAKey rsa(String kid) {
    return rsa(kid, 2048);
  }

  public static RSAKey rsa(String kid, int bits) {
    try {
      return new RSAKeyGenerator(bits, true).keyID(kid).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  public static OctetSequenceKey oct(String kid) {
    try {
      return new OctetSequenceKeyGenerator(256).keyID(kid).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  /** A JWK Set of the keys' public parts; secrets as they are. */
  public static String set(JWK... keys) {
    return setOf(
        List.of(keys).stream()
            .map(key -> key instanceof OctetSequenceKey ? key : key.toPublicJWK())
            .map(JWK::toJSONString)
            .toList());
  }

  /** A JWK Set of keys as text. */
  public static String setOf(List<String> keys) {
    return keys.stream().collect(Collectors.joining(",", "{\"keys\":[", "]}"));
  }

  /** Claims of a token that is valid for the next hour. */
  public static JWTClaimsSet.Builder claims() {
    return claims(Instant.now());
  }

  public static JWTClaimsSet.Builder claims(Instant now) {
    return new JWTClaimsSet.Builder()
        .claim("tenant", "acme")
        .subject("alice")
        .expirationTime(Date.from(now.plus(Duration.ofHours(1))));
  }

  /** A token that names its key. */
  public static String token(JWK key) {
    return token(key, key.getKeyID());
  }

  /** A token that names this key, whoever signs it. */
  public static String token(JWK key, String kid) {
    return sign(key, new JWSHeader.Builder(algorithm(key)).keyID(kid).build(), claims().build());
  }

  /** A token that names no key. */
  public static String unnamed(JWK key) {
    return sign(key, new JWSHeader(algorithm(key)), claims().build());
  }

  public static String sign(JWK key, JWSHeader header, JWTClaimsSet claims) {
    try {
      SignedJWT jwt = new SignedJWT(header, claims);
      jwt.sign(signer(key));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  public static JWSAlgorithm algorithm(JWK key) {
    return Map.of("RSA", JWSAlgorithm.RS256, "EC", JWSAlgorithm.ES256, "oct", JWSAlgorithm.HS256)
        .get(key.getKeyType().getValue());
  }

  private static JWSSigner signer(JWK key) throws JOSEException {
    return switch (key) {
      case RSAKey rsa -> new RSASSASigner(rsa);
      case ECKey ec -> new ECDSASigner(ec);
      default -> new MACSigner(key.toOctetSequenceKey());
    };
  }
}
