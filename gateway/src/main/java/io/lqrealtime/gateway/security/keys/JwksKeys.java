package io.lqrealtime.gateway.security.keys;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import io.lqrealtime.config.ConfigurationException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of a JWK Set, which is read again while the service runs: a file every 2 seconds, a URL
 * at an interval and, when a token names a key that is not known, sooner, though not within 10
 * seconds of the last time. Verification reads an immutable snapshot; a background thread, which
 * ends with {@link #close}, makes new ones. What can't be read leaves the former keys in use.
 *
 * <p>Bounds: a document of 256 KiB with 100 keys, 10 seconds for a fetch.
 */
public final class JwksKeys implements KeySelector, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(JwksKeys.class);
  private static final String SETTING = "LQ_AUTH_JWKS";
  private static final Duration READING = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofMillis(500);

  private final LiveKeySet live;
  private final RefreshLoop loop;

  private JwksKeys(LiveKeySet live, RefreshLoop loop) {
    this.live = live;
    this.loop = loop;
  }

  /**
   * Reads the keys, and keeps them up to date. A file has to be there, a server to answer within
   * the time for the start.
   *
   * @param refresh how often a URL is fetched
   * @throws ConfigurationException if there is no usable key in the file
   * @throws IllegalStateException if none came from the URL in time
   */
  public static JwksKeys open(
      JwksLocation location, Duration refresh, Duration startTimeout, MeterRegistry meters)
      throws InterruptedException {
    RefreshPlan.Times times =
        switch (location) {
          case JwksLocation.File _ -> RefreshPlan.Times.ofFile();
          case JwksLocation.Url _ -> RefreshPlan.Times.ofUrl(refresh);
        };
    return open(location, times, startTimeout, meters);
  }

  static JwksKeys open(
      JwksLocation location, RefreshPlan.Times times, Duration startTimeout, MeterRegistry meters)
      throws InterruptedException {
    JwksMetrics metrics = new JwksMetrics(meters);
    LiveKeySet live =
        switch (location) {
          case JwksLocation.File(var path) -> {
            LiveKeySet file =
                new LiveKeySet(location, new JwksFile(path), new JwkSetReader(true), metrics);
            readOnce(file, location);
            yield file;
          }
          case JwksLocation.Url(var uri) -> {
            // Secrets that a server hands out are none.
            LiveKeySet url =
                new LiveKeySet(location, new JwksUrl(uri), new JwkSetReader(false), metrics);
            await(url, location, startTimeout);
            yield url;
          }
        };
    metrics.watch(() -> live.keys().size());
    return new JwksKeys(live, RefreshLoop.start(() -> live.read(READING), times));
  }

  private static void readOnce(LiveKeySet live, JwksLocation location) throws InterruptedException {
    if (!live.read(READING)) {
      throw new ConfigurationException(
          SETTING, "no keys can be had of the file " + location + ": " + live.failure().orElse(""));
    }
  }

  private static void await(LiveKeySet live, JwksLocation location, Duration startTimeout)
      throws InterruptedException {
    long deadline = System.nanoTime() + startTimeout.toNanos();
    String told = "";
    while (true) {
      long left = Math.max(deadline - System.nanoTime(), TimeUnit.MILLISECONDS.toNanos(1));
      if (live.read(Duration.ofNanos(Math.min(left, READING.toNanos())))) {
        return;
      }
      String reason = live.failure().orElse("");
      if (System.nanoTime() - deadline + RETRY.toNanos() > 0) {
        throw new IllegalStateException(
            SETTING
                + ": no keys came from "
                + location
                + " within "
                + startTimeout.toSeconds()
                + " s: "
                + reason);
      }
      if (!reason.equals(told)) {
        log.warn("No keys from {} ({}) yet: {}", location, SETTING, reason);
        told = reason;
      }
      TimeUnit.NANOSECONDS.sleep(RETRY.toNanos());
    }
  }

  @Override
  public List<JWSVerifier> select(JWSAlgorithm algorithm, Optional<String> keyId) {
    List<JWSVerifier> found = live.keys().select(algorithm, keyId);
    if (found.isEmpty() && keyId.isPresent() && isOfAPublicKey(algorithm)) {
      loop.soon();
    }
    return found;
  }

  /** Whether a key of the set is named so, of whatever algorithm. */
  public boolean hasName(String keyId) {
    return live.keys().hasName(keyId);
  }

  /** Others are in no set that would be worth reading again for them. */
  private static boolean isOfAPublicKey(JWSAlgorithm algorithm) {
    return algorithm.equals(JWSAlgorithm.RS256) || algorithm.equals(JWSAlgorithm.ES256);
  }

  @Override
  public void close() {
    loop.close();
  }
}
