package io.lqrealtime.gateway.tls;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the certificate of the clients' port is.
 *
 * @param certificate a PEM file: the certificate, and after it those that it was issued by
 * @param key a PEM file: its private key
 * @param checkEvery how often the files are looked at for a change
 */
public record TlsConfig(Path certificate, Path key, Duration checkEvery) {
  static final String CERTIFICATE = "LQ_TLS_CERTIFICATE";
  static final String KEY = "LQ_TLS_KEY";

  /**
   * Reads the settings; empty where the port is to be plain.
   *
   * @throws ConfigurationException that names the key whose value can't be used
   */
  public static Optional<TlsConfig> from(Environment env) {
    Optional<Path> certificate =
        file(
            env,
            CERTIFICATE,
            "The certificate of the WebSocket port, and after it those that issued it. With it"
                + " and LQ_TLS_KEY the port speaks TLS, and else plain text.");
    Optional<Path> key =
        file(
            env,
            KEY,
            "The certificate's private key: PKCS #8, RSA or EC, not encrypted. Both files are read"
                + " again when they change.");
    Duration checkEvery =
        env.duration(
            "LQ_TLS_CHECK_INTERVAL",
            Duration.ofSeconds(5),
            Duration.ofMillis(100),
            Duration.ofHours(1),
            "How often the two files are looked at; a change is used once both were the same twice"
                + " in a row.");
    if (certificate.isEmpty() && key.isEmpty()) {
      return Optional.empty();
    }
    if (certificate.isEmpty()) {
      throw new ConfigurationException(CERTIFICATE, "is required with " + KEY);
    }
    if (key.isEmpty()) {
      throw new ConfigurationException(KEY, "is required with " + CERTIFICATE);
    }
    return Optional.of(new TlsConfig(certificate.get(), key.get(), checkEvery));
  }

  private static Optional<Path> file(Environment env, String setting, String prose) {
    return env.optional(setting, "the path of a PEM file", prose)
        .map(
            text -> {
              try {
                return Path.of(text);
              } catch (InvalidPathException e) {
                throw new ConfigurationException(setting, "'" + text + "' is no path");
              }
            });
  }
}
