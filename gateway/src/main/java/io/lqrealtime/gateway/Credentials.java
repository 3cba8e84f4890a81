package io.lqrealtime.gateway;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.gateway.security.TokenKeys;
import io.lqrealtime.gateway.tls.CertificateWatch;
import io.lqrealtime.gateway.tls.ServerCertificate;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a gateway shows, and what it believes: its certificate and the keys of tokens, each kept up
 * to date until this is closed.
 */
final class Credentials implements AutoCloseable {
  private final TokenKeys keys;
  private final Optional<CertificateWatch> certificate;

  private Credentials(TokenKeys keys, Optional<CertificateWatch> certificate) {
    this.keys = keys;
    this.certificate = certificate;
  }

  /**
   * Reads both; waits for keys from a URL.
   *
   * @throws ConfigurationException if a file can't be used
   * @throws IllegalStateException if no keys came from a URL within the time for the start
   */
  static Credentials open(GatewayConfig config, MeterRegistry meters) throws InterruptedException {
    // First: it waits for nothing, and has no thread yet that would have to be ended.
    Optional<CertificateWatch> certificate =
        config.tls().map(files -> new CertificateWatch(files, Clock.systemUTC(), meters));
    return new Credentials(
        TokenKeys.open(config.auth(), config.startTimeout(), meters), certificate);
  }

  TokenKeys keys() {
    return keys;
  }

  /** The certificate of the clients' port; none, if that is plain. */
  Optional<ServerCertificate> certificate() {
    return certificate.map(CertificateWatch::certificate);
  }

  /** Hands over each new certificate from now on. */
  void watchCertificate(Consumer<ServerCertificate> use) {
    certificate.ifPresent(watch -> watch.start(use));
  }

  @Override
  public void close() {
    certificate.ifPresent(CertificateWatch::close);
    keys.close();
  }
}
