package io.lqrealtime.gateway.tls;

import io.lqrealtime.config.ConfigurationException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate in use, and a daemon thread that looks whether its files have changed and hands a
 * new one over.
 *
 * <p>A change is used once both files were the same twice in a row, so that a pair that is being
 * written one file after the other is not taken for one that does not match. What can't be used is
 * told once, in the log and in {@code lq_tls_reloads_total}, and the former certificate stays.
 */
public final class CertificateWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final TlsConfig config;
  private final Clock clock;
  private final Counter reloaded;
  private final Counter failed;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile ServerCertificate current;
  private volatile Optional<Thread> thread = Optional.empty();

  /** What the files were when something was last decided about them. */
  private CertificateFiles decided;

  private CertificateFiles seen;

  /**
   * Reads the certificate, which is not watched yet.
   *
   * @throws ConfigurationException that names the setting whose file can't be used, and why
   */
  public CertificateWatch(TlsConfig config, Clock clock, MeterRegistry meters) {
    this.config = config;
    this.clock = clock;
    this.seen = CertificateFiles.look(config);
    this.decided = seen;
    this.current = seen.certificate(clock);
    this.reloaded = counter(meters, "reloaded");
    this.failed = counter(meters, "failed");
    Gauge.builder(
            "lq.tls.certificate.expiry.timestamp.seconds",
            this,
            watch -> watch.current.expiry().getEpochSecond())
        .description("When the certificate of the clients' port expires, in epoch seconds")
        .strongReference(true)
        .register(meters);
  }

  private static Counter counter(MeterRegistry meters, String outcome) {
    return Counter.builder("lq.tls.reloads")
        .description("Changes of the certificate's files that were found")
        .tag("outcome", outcome)
        .register(meters);
  }

  /** The one in use. */
  public ServerCertificate certificate() {
    return current;
  }

  /**
   * Watches from now on.
   *
   * @param use takes each new certificate, on the watching thread
   */
  public void start(Consumer<ServerCertificate> use) {
    log.info("TLS with {}", current);
    thread =
        Optional.of(Thread.ofPlatform().daemon().name("lq-gateway-tls").start(() -> watch(use)));
  }

  private void watch(Consumer<ServerCertificate> use) {
    try {
      while (!closing.await(config.checkEvery().toNanos(), TimeUnit.NANOSECONDS)) {
        look(use);
      }
    } catch (InterruptedException e) {
      log.debug("Interrupted: the certificate is not watched any more", e);
    }
  }

  /** One look at the files. */
  void look(Consumer<ServerCertificate> use) {
    CertificateFiles now = CertificateFiles.look(config);
    boolean still = now.isSameAs(seen);
    seen = now;
    if (!still || now.isSameAs(decided)) {
      return;
    }
    decided = now;
    try {
      ServerCertificate renewed = now.certificate(clock);
      use.accept(renewed);
      current = renewed;
      reloaded.increment();
      log.info("TLS from now on with {}", renewed);
    } catch (ConfigurationException e) {
      failed.increment();
      log.warn(
          "The certificate was changed and can't be used, the former stays: {}", e.getMessage());
    } catch (RuntimeException e) {
      failed.increment();
      log.error("The certificate was changed and could not be put to use, the former stays", e);
    }
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      if (thread.isPresent() && !thread.get().join(CLOSE_WITHIN)) {
        log.warn("The look at the certificate did not end within {}", CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
