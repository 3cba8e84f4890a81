package io.lqrealtime.gateway.security.keys;

import com.nimbusds.jose.Algorithm;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import java.math.BigInteger;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads one key of a JWK Set (RFC 7517): an RSA key of 2048 to 8192 bits for RS256, one on P-256
 * for ES256, or a secret of 256 bits and more for HS256. What it says about its use ({@code use},
 * {@code key_ops}, {@code alg}) is kept to. A key pair is refused: whoever reads the set could
 * sign.
 */
final class JwkReader {
  static final int MIN_RSA_BITS = 2048;

  /** Verification takes time that grows with the square of it, on an I/O thread. */
  static final int MAX_RSA_BITS = 8192;

  private static final int MIN_SECRET_BITS = 256;
  private static final BigInteger MIN_EXPONENT = BigInteger.valueOf(3);
  private static final int MAX_EXPONENT_BITS = 64;

  private final boolean secretsAllowed;

  /** What came of a key. */
  sealed interface Result {
    record Usable(TokenKey key) implements Result {}

    /** The reason holds nothing of the key. */
    record Unusable(String reason) implements Result {}
  }

  JwkReader(boolean secretsAllowed) {
    this.secretsAllowed = secretsAllowed;
  }

  Result read(Map<String, Object> json) {
    JWK jwk;
    try {
      jwk = JWK.parse(json);
    } catch (ParseException | RuntimeException e) {
      // Whatever the parser makes of foreign input; its message may quote the key.
      return new Result.Unusable("can't be read as an RSA, EC or oct key");
    }
    Optional<String> objection = objection(jwk);
    if (objection.isPresent()) {
      return new Result.Unusable(objection.get());
    }
    try {
      return switch (jwk) {
        case RSAKey rsa -> rsa(rsa);
        case ECKey ec -> ec(ec);
        case OctetSequenceKey oct -> oct(oct);
        default -> new Result.Unusable("is of a kind that is not served");
      };
    } catch (JOSEException | RuntimeException e) {
      return new Result.Unusable("can't be used to verify");
    }
  }

  private static Optional<String> objection(JWK jwk) {
    KeyUse use = jwk.getKeyUse();
    if (use != null && !use.equals(KeyUse.SIGNATURE)) {
      return Optional.of("is not for signatures (use)");
    }
    Set<KeyOperation> operations = jwk.getKeyOperations();
    if (operations != null && !operations.contains(KeyOperation.VERIFY)) {
      return Optional.of("is not for verifying (key_ops)");
    }
    return Optional.empty();
  }

  private static Result rsa(RSAKey rsa) throws JOSEException {
    int bits = rsa.getModulus().decodeToBigInteger().bitLength();
    if (bits < MIN_RSA_BITS) {
      return new Result.Unusable(
          "has " + bits + " bits, and an RSA key has " + MIN_RSA_BITS + " at least");
    }
    if (bits > MAX_RSA_BITS) {
      return new Result.Unusable(
          "has " + bits + " bits, and an RSA key has " + MAX_RSA_BITS + " at most");
    }
    BigInteger exponent = rsa.getPublicExponent().decodeToBigInteger();
    if (exponent.compareTo(MIN_EXPONENT) < 0
        || exponent.bitLength() > MAX_EXPONENT_BITS
        || !exponent.testBit(0)) {
      return new Result.Unusable("has a public exponent that no RSA key should have");
    }
    return publicKey(rsa, JWSAlgorithm.RS256, new RSASSAVerifier(rsa.toRSAPublicKey()));
  }

  private static Result ec(ECKey ec) throws JOSEException {
    if (!ec.getCurve().equals(Curve.P_256)) {
      return new Result.Unusable("is not on the curve P-256");
    }
    return publicKey(ec, JWSAlgorithm.ES256, new ECDSAVerifier(ec.toECPublicKey()));
  }

  private Result oct(OctetSequenceKey oct) throws JOSEException {
    if (!secretsAllowed) {
      return new Result.Unusable("is a secret (oct), which is taken from a file only");
    }
    if (oct.size() < MIN_SECRET_BITS) {
      return new Result.Unusable(
          "has " + oct.size() + " bits, and a secret has " + MIN_SECRET_BITS + " at least");
    }
    return checked(oct, JWSAlgorithm.HS256, new MACVerifier(oct.toByteArray()));
  }

  private static Result publicKey(JWK jwk, JWSAlgorithm algorithm, JWSVerifier verifier) {
    return jwk.isPrivate()
        ? new Result.Unusable("holds its private part too: give the public one alone")
        : checked(jwk, algorithm, verifier);
  }

  private static Result checked(JWK jwk, JWSAlgorithm algorithm, JWSVerifier verifier) {
    Algorithm named = jwk.getAlgorithm();
    if (named != null && !named.equals(algorithm)) {
      return new Result.Unusable("is for another algorithm (alg) than " + algorithm);
    }
    return new Result.Usable(
        new TokenKey(Optional.ofNullable(jwk.getKeyID()), algorithm, verifier));
  }
}
