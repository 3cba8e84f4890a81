package io.lqrealtime.gateway.security;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import io.lqrealtime.gateway.security.keys.JwksLocation;
import java.time.Duration;
import java.util.Optional;

/**
 * How tokens are verified: by a shared secret, by a JWK Set, or by both.
 *
 * @param secret for HS256
 * @param jwksRefresh how often a JWK Set is fetched from a URL
 * @param threads that verify tokens
 */
public record AuthConfig(
    Optional<Secret> secret,
    Optional<JwksLocation> jwks,
    Duration jwksRefresh,
    ClaimRules claims,
    int threads) {
  private static final String SECRET = "LQ_AUTH_HS256_SECRET";
  private static final String JWKS = "LQ_AUTH_JWKS";

  public AuthConfig {
    if (secret.isEmpty() && jwks.isEmpty()) {
      throw new ConfigurationException(
          SECRET, "is required, or " + JWKS + ", or both: without them no token can be verified");
    }
  }

  /**
   * @throws ConfigurationException that names the key whose value can't be used
   */
  public static AuthConfig from(Environment env) {
    return new AuthConfig(
        Secret.optional(
            env,
            SECRET,
            "The secret that HS256 tokens are signed with; at least 32 bytes. This or "
                + JWKS
                + " is required; both may be set."),
        env.optional(
                JWKS,
                "a file's path, or a URL with file:, https: or, on the loopback only, http:",
                "The JWK Set with the keys that RS256 and ES256 tokens are verified with, and, in a"
                    + " file, secrets for HS256. It is read again while the gateway runs: a file"
                    + " every 2 seconds.")
            .map(AuthConfig::location),
        env.duration(
            "LQ_AUTH_JWKS_REFRESH",
            Duration.ofMinutes(5),
            Duration.ofSeconds(10),
            Duration.ofHours(24),
            "How often a JWK Set is fetched from a URL; sooner if a token names a key that is not"
                + " in it, but not within 10 seconds of the last time."),
        new ClaimRules(
            env.list(
                "LQ_AUTH_ISSUER",
                "a comma-separated list",
                "Issuers whose tokens are accepted: the claim iss has to be one of them; any, if"
                    + " empty."),
            env.list(
                "LQ_AUTH_AUDIENCE",
                "a comma-separated list",
                "What this service is called in tokens: the claim aud has to name one of them; any,"
                    + " if empty."),
            env.duration(
                "LQ_AUTH_CLOCK_SKEW",
                Duration.ofSeconds(5),
                Duration.ZERO,
                Duration.ofSeconds(60),
                "By how much the clocks of gateways and of those who issue tokens may differ: exp"
                    + " and nbf are judged with that much grace.")),
        env.integer(
            "LQ_AUTH_THREADS",
            Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
            1,
            256,
            "Threads that verify tokens; by default one for each two cores."));
  }

  /** The text is not repeated in the error: a URL may hold a password or a key. */
  private static JwksLocation location(String text) {
    try {
      return JwksLocation.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(JWKS, String.valueOf(e.getMessage()));
    }
  }
}
