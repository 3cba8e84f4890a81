package io.lqrealtime.gateway.security.keys;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import java.util.Optional;

/**
 * A key for one algorithm only, which is that of its kind: a public RSA key never becomes the
 * secret of an HMAC.
 *
 * @param id its {@code kid}
 */
record TokenKey(Optional<String> id, JWSAlgorithm algorithm, JWSVerifier verifier) {
  @Override
  public String toString() {
    return algorithm + id.flatMap(KeyName::printable).map(name -> " " + name).orElse("");
  }
}
