package io.lqrealtime.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.embedded.SelfSignedCertificate.Algorithm;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateWatchTest {
  @TempDir private static Path keys;
  private static KeyPairFiles first;
  private static KeyPairFiles second;
  @TempDir private Path directory;
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final List<ServerCertificate> used = new ArrayList<>();
  private TlsConfig config;
  private CertificateWatch watch;

  @BeforeAll
  static void make() throws Exception {
    first = KeyPairFiles.make(keys, Algorithm.EC, "first");
    second = KeyPairFiles.make(keys, Algorithm.RSA, "second", 20);
  }

  @BeforeEach
  void open() throws Exception {
    config = first.writeTo(directory);
    watch = new CertificateWatch(config, Clock.systemUTC(), meters);
  }

  private double reloads(String outcome) {
    return meters.get("lq.tls.reloads").tag("outcome", outcome).counter().count();
  }

  private double expiry() {
    return meters.get("lq.tls.certificate.expiry.timestamp.seconds").gauge().value();
  }

  private void looks(int times) {
    for (int i = 0; i < times; i++) {
      watch.look(used::add);
    }
  }

  @Test
  void filesThatStay_areNotUsedAgain() throws Exception {
    looks(3);
    var _ = first.writeTo(directory);
    looks(3);

    assertThat(used).isEmpty();
    assertThat(expiry())
        .isEqualTo((double) first.certificate().getNotAfter().toInstant().getEpochSecond());
  }

  @Test
  void changedPair_isUsedOnceItStays() throws Exception {
    var _ = second.writeTo(directory);

    looks(1);
    assertThat(used).isEmpty();
    looks(3);
    assertThat(used).hasSize(1);
    assertThat(watch.certificate().toString()).contains("CN=second");
    assertThat(reloads("reloaded")).isEqualTo(1);
    assertThat(expiry())
        .isEqualTo((double) second.certificate().getNotAfter().toInstant().getEpochSecond());
  }

  @Test
  void pairInTheWriting_isNotTakenForOneThatDoesNotMatch() throws Exception {
    Files.writeString(config.certificate(), second.certificatePem());
    looks(1);
    Files.writeString(config.key(), second.keyPem());
    looks(2);

    assertThat(used).hasSize(1);
    assertThat(reloads("failed")).isZero();
  }

  @Test
  void pairThatDoesNotMatch_keepsTheFormer_andIsToldOnce() throws Exception {
    Files.writeString(config.certificate(), second.certificatePem());
    looks(5);

    assertThat(used).isEmpty();
    assertThat(watch.certificate().toString()).contains("CN=first");
    assertThat(reloads("failed")).isEqualTo(1);

    Files.writeString(config.key(), second.keyPem());
    looks(2);
    assertThat(watch.certificate().toString()).contains("CN=second");
  }

  @Test
  void fileThatIsGone_keepsTheFormer_andIsToldOnce() throws Exception {
    Files.delete(config.key());
    looks(5);

    assertThat(used).isEmpty();
    assertThat(reloads("failed")).isEqualTo(1);
  }

  @Test
  void started_looksByItself_untilItIsClosed() throws Exception {
    BlockingQueue<ServerCertificate> taken = new LinkedBlockingQueue<>();
    watch.start(taken::add);
    var _ = second.writeTo(directory);

    assertThat(taken.poll(20, TimeUnit.SECONDS).toString()).contains("CN=second");

    watch.close();
    assertThat(watch.certificate().toString()).contains("CN=second");
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("lq-gateway-tls");
  }
}
