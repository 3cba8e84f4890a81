package io.lqrealtime.gateway.security;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A secret of at least 32 bytes, which no log shows. */
public record Secret(byte[] bytes) {
  private static final int MIN_BYTES = 32;

  /**
   * @throws ConfigurationException that names the key, if the secret is too short
   */
  public static Optional<Secret> optional(Environment env, String key, String prose) {
    return env.optional(key, "a text of at least 32 bytes", prose)
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .map(
            bytes -> {
              if (bytes.length < MIN_BYTES) {
                throw new ConfigurationException(key, "must have at least 32 bytes");
              }
              return new Secret(bytes);
            });
  }

  /**
   * @throws ConfigurationException that names the key, if there is none or it is too short
   */
  public static Secret required(Environment env, String key, String prose) {
    return optional(env, key, prose)
        .orElseThrow(() -> new ConfigurationException(key, "is required"));
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}
