package io.lqrealtime.gateway.tls;

import io.lqrealtime.config.ConfigurationException;
import java.time.Clock;

/** What the two files were at one look at them. */
sealed interface CertificateFiles {
  /** They hold this. */
  record Read(PemFile certificate, PemFile key) implements CertificateFiles {
    @Override
    public boolean isSameAs(CertificateFiles other) {
      return other instanceof Read read
          && certificate.holdsTheSameAs(read.certificate)
          && key.holdsTheSameAs(read.key);
    }

    @Override
    public ServerCertificate certificate(Clock clock) {
      return ServerCertificate.of(certificate, key, clock);
    }
  }

  /** One of them could not be read. */
  record Unreadable(ConfigurationException why) implements CertificateFiles {
    @Override
    public boolean isSameAs(CertificateFiles other) {
      return other instanceof Unreadable unreadable
          && String.valueOf(why.getMessage()).equals(unreadable.why.getMessage());
    }

    @Override
    public ServerCertificate certificate(Clock clock) {
      throw why;
    }
  }

  boolean isSameAs(CertificateFiles other);

  /**
   * @throws ConfigurationException that names the setting whose file can't be used, and why
   */
  ServerCertificate certificate(Clock clock);

  static CertificateFiles look(TlsConfig config) {
    try {
      return new Read(
          PemFile.read(TlsConfig.CERTIFICATE, config.certificate()),
          PemFile.read(TlsConfig.KEY, config.key()));
    } catch (ConfigurationException e) {
      return new Unreadable(e);
    }
  }
}
