package io.lqrealtime.gateway.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import io.lqrealtime.gateway.security.keys.JwksKeys;
import io.lqrealtime.gateway.security.keys.KeySelector;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The keys that a gateway's configuration gives: the shared secret, the JWK Set, or both. A token
 * that names a key of the set is for that one alone. The secret has no name; an HS256 token may
 * name one for it that the set does not have, as some issuers do.
 */
public final class TokenKeys implements KeySelector, AutoCloseable {
  private final List<JWSVerifier> secret;
  private final Optional<JwksKeys> jwks;

  private TokenKeys(List<JWSVerifier> secret, Optional<JwksKeys> jwks) {
    this.secret = secret;
    this.jwks = jwks;
  }

  /**
   * Waits until there are keys, and keeps them up to date until it is closed.
   *
   * @throws io.lqrealtime.config.ConfigurationException if a file has no usable key
   * @throws IllegalStateException if none came from a URL within the time for the start
   */
  public static TokenKeys open(AuthConfig config, Duration startTimeout, MeterRegistry meters)
      throws InterruptedException {
    List<JWSVerifier> secret =
        config.secret().map(TokenKeys::hs256).map(List::of).orElse(List.of());
    if (config.jwks().isEmpty()) {
      return new TokenKeys(secret, Optional.empty());
    }
    return new TokenKeys(
        secret,
        Optional.of(
            JwksKeys.open(config.jwks().get(), config.jwksRefresh(), startTimeout, meters)));
  }

  private static JWSVerifier hs256(Secret secret) {
    try {
      return new MACVerifier(secret.bytes());
    } catch (JOSEException e) {
      throw new IllegalArgumentException("an HS256 secret has at least 32 bytes", e);
    }
  }

  @Override
  public List<JWSVerifier> select(JWSAlgorithm algorithm, Optional<String> keyId) {
    List<JWSVerifier> ofSet = jwks.map(keys -> keys.select(algorithm, keyId)).orElse(List.of());
    if (secret.isEmpty() || !algorithm.equals(JWSAlgorithm.HS256)) {
      return ofSet;
    }
    if (ofSet.isEmpty()) {
      boolean isOfSet = keyId.isPresent() && jwks.isPresent() && jwks.get().hasName(keyId.get());
      return isOfSet ? List.of() : secret;
    }
    return keyId.isPresent() ? ofSet : Stream.concat(secret.stream(), ofSet.stream()).toList();
  }

  @Override
  public void close() {
    jwks.ifPresent(JwksKeys::close);
  }
}
