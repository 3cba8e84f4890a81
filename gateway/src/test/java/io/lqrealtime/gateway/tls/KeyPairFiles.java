package io.lqrealtime.gateway.tls;

import io.lqrealtime.embedded.SelfSignedCertificate;
import io.lqrealtime.embedded.SelfSignedCertificate.Algorithm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import javax.net.ssl.SSLContext;

/** A certificate and its key as texts, to be written as they are or changed. */
public record KeyPairFiles(SelfSignedCertificate made, String certificatePem, String keyPem) {

  public static KeyPairFiles make(Path directory, Algorithm algorithm, String name)
      throws Exception {
    return make(directory, algorithm, name, 10);
  }

  static KeyPairFiles make(Path directory, Algorithm algorithm, String name, int daysValid)
      throws Exception {
    SelfSignedCertificate made = SelfSignedCertificate.make(directory, name, algorithm, daysValid);
    return new KeyPairFiles(
        made, Files.readString(made.certificateFile()), Files.readString(made.keyFile()));
  }

  X509Certificate certificate() {
    return made.certificate();
  }

  /** Writes both, and says where. */
  public TlsConfig writeTo(Path directory) throws IOException {
    TlsConfig config =
        new TlsConfig(
            directory.resolve("tls.crt"), directory.resolve("tls.key"), Duration.ofMillis(100));
    Files.writeString(config.certificate(), certificatePem);
    Files.writeString(config.key(), keyPem);
    return config;
  }

  /** What a gateway makes of it. */
  public ServerCertificate load(Path directory) throws IOException {
    return CertificateFiles.look(writeTo(directory)).certificate(Clock.systemUTC());
  }

  /** For a client that trusts this certificate alone. */
  public SSLContext trusting() throws IOException, GeneralSecurityException {
    return SelfSignedCertificate.trusting(made);
  }
}
