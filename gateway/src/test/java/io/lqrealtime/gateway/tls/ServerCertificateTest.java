package io.lqrealtime.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import io.lqrealtime.embedded.SelfSignedCertificate;
import io.lqrealtime.embedded.SelfSignedCertificate.Algorithm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerCertificateTest {
  private static final Clock CLOCK = Clock.systemUTC();
  @TempDir private static Path keys;
  private static KeyPairFiles rsa;
  private static KeyPairFiles ec;
  @TempDir private Path directory;

  @BeforeAll
  static void make() throws Exception {
    rsa = KeyPairFiles.make(keys, Algorithm.RSA, "one");
    ec = KeyPairFiles.make(keys, Algorithm.EC, "two");
  }

  private ServerCertificate load(String certificate, String key) throws Exception {
    TlsConfig config = rsa.writeTo(directory);
    Files.writeString(config.certificate(), certificate);
    Files.writeString(config.key(), key);
    return CertificateFiles.look(config).certificate(CLOCK);
  }

  private void assertRefused(String certificate, String key, String... saying) {
    assertThatThrownBy(() -> load(certificate, key))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContainingAll(saying)
        .hasNoCause()
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .doesNotContain(rsa.keyPem().substring(40, 80))
                    .doesNotContain(ec.keyPem().substring(40, 80)));
  }

  @Test
  void rsaAndEc_areTaken_withTextAround() throws Exception {
    assertThat(load("subject=one\n" + rsa.certificatePem(), rsa.keyPem()).expiry())
        .isEqualTo(rsa.certificate().getNotAfter().toInstant());
    assertThat(load(ec.certificatePem(), "\r\n" + ec.keyPem().replace("\n", "\r\n")).toString())
        .contains("CN=two")
        .doesNotContain("PRIVATE");
    assertThat(load(ec.certificatePem() + ec.keyPem(), ec.certificatePem() + ec.keyPem()).context())
        .isNotNull();
  }

  @Test
  void keyOfAnother_isRefused() {
    assertRefused(rsa.certificatePem(), ec.keyPem(), "LQ_TLS_KEY", "RSA");
    assertRefused(ec.certificatePem(), rsa.keyPem(), "LQ_TLS_KEY", "EC");
  }

  @Test
  void keyOfTheSameKindButAnother_isRefused() throws Exception {
    KeyPairFiles other = KeyPairFiles.make(directory, Algorithm.EC, "other");

    assertRefused(ec.certificatePem(), other.keyPem(), "LQ_TLS_KEY", "LQ_TLS_CERTIFICATE");
  }

  @Test
  void keyInAnotherForm_isRefusedWithAdvice() {
    assertRefused(
        rsa.certificatePem(),
        rsa.keyPem().replace("PRIVATE", "RSA PRIVATE"),
        "LQ_TLS_KEY",
        "openssl pkcs8");
    assertRefused(
        rsa.certificatePem(),
        rsa.keyPem().replace("PRIVATE", "ENCRYPTED PRIVATE"),
        "LQ_TLS_KEY",
        "encrypted");
  }

  @Test
  void whatIsNoPem_isRefused() {
    assertRefused("nothing", rsa.keyPem(), "LQ_TLS_CERTIFICATE", "no certificate");
    assertRefused(rsa.certificatePem(), "nothing", "LQ_TLS_KEY", "no private key");
    assertRefused(
        SelfSignedCertificate.pem("CERTIFICATE", new byte[64]), rsa.keyPem(), "LQ_TLS_CERTIFICATE");
    assertRefused(
        rsa.certificatePem(), SelfSignedCertificate.pem("PRIVATE KEY", new byte[64]), "LQ_TLS_KEY");
    assertRefused("x".repeat(PemFile.MAX_BYTES + 1), rsa.keyPem(), "LQ_TLS_CERTIFICATE");
  }

  @Test
  void certificatesThatAreNoChain_areRefused() {
    assertRefused(
        rsa.certificatePem() + ec.certificatePem(), rsa.keyPem(), "LQ_TLS_CERTIFICATE", "no chain");
  }

  @Test
  void fileThatIsNotThere_isRefused() throws Exception {
    TlsConfig config = rsa.writeTo(directory);
    Files.delete(config.key());

    assertThatThrownBy(() -> CertificateFiles.look(config).certificate(CLOCK))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContainingAll("LQ_TLS_KEY", "there is no file");
  }

  @Test
  void certificateThatIsOver_isRefused() throws Exception {
    TlsConfig config = rsa.writeTo(directory);
    Clock later = Clock.fixed(Instant.now().plus(Duration.ofDays(11)), ZoneOffset.UTC);

    assertThatThrownBy(() -> CertificateFiles.look(config).certificate(later))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContainingAll("LQ_TLS_CERTIFICATE", "expired");
  }

  @Test
  void settings_areBothOrNone() {
    assertThat(TlsConfig.from(new Environment(Map.of()))).isEmpty();
    assertThat(
            TlsConfig.from(new Environment(Map.of("LQ_TLS_CERTIFICATE", "/c", "LQ_TLS_KEY", "/k"))))
        .contains(new TlsConfig(Path.of("/c"), Path.of("/k"), Duration.ofSeconds(5)));
    assertThatThrownBy(() -> TlsConfig.from(new Environment(Map.of("LQ_TLS_CERTIFICATE", "/c"))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("LQ_TLS_KEY");
    assertThatThrownBy(() -> TlsConfig.from(new Environment(Map.of("LQ_TLS_KEY", "/k"))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("LQ_TLS_CERTIFICATE");
  }
}
