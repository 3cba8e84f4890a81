package io.lqrealtime.app.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.SignedJWT;
import java.util.Optional;

/**
 * A key that signs tokens, with one algorithm.
 *
 * @param kid what its tokens call it; they name no key without
 */
public record SigningKey(JWSAlgorithm algorithm, JWSSigner signer, Optional<String> kid) {

  /**
   * A shared secret, for HS256.
   *
   * @throws JOSEException if it has fewer than 32 bytes
   */
  public static SigningKey ofSecret(byte[] secret) throws JOSEException {
    return new SigningKey(JWSAlgorithm.HS256, new MACSigner(secret), Optional.empty());
  }

  public SigningKey named(String name) {
    return new SigningKey(algorithm, signer, Optional.of(name));
  }

  /** A token. */
  public String sign(TokenContent content) throws JOSEException {
    JWSHeader.Builder header = new JWSHeader.Builder(algorithm);
    kid.ifPresent(header::keyID);
    SignedJWT jwt = new SignedJWT(header.build(), content.claims());
    jwt.sign(signer);
    return jwt.serialize();
  }

  @Override
  public String toString() {
    return algorithm + " key";
  }
}
