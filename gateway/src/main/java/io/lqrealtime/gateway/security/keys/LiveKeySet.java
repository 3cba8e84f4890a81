package io.lqrealtime.gateway.security.keys;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of a JWK Set as they were read last; none before the first reading. One that fails
 * leaves them as they are, with a line in the log; the same reason again is not worth another line.
 * Readings are for one thread at a time; the keys may be had from any.
 */
final class LiveKeySet {
  private static final Logger log = LoggerFactory.getLogger(LiveKeySet.class);

  private final JwksLocation location;
  private final JwksSource source;
  private final JwkSetReader reader;
  private final JwksMetrics metrics;

  private volatile KeySet keys = new KeySet(List.of());
  private byte @Nullable [] document;
  private Optional<String> failure = Optional.empty();

  LiveKeySet(JwksLocation location, JwksSource source, JwkSetReader reader, JwksMetrics metrics) {
    this.location = location;
    this.source = source;
    this.reader = reader;
    this.metrics = metrics;
  }

  /** An immutable snapshot. */
  KeySet keys() {
    return keys;
  }

  /** Why the last reading failed; empty if it didn't. */
  Optional<String> failure() {
    return failure;
  }

  /** Reads the set; tells whether that came to something. */
  boolean read(Duration within) throws InterruptedException {
    try {
      byte[] read = source.read(within);
      if (failure.isEmpty() && document != null && Arrays.equals(read, document)) {
        metrics.unchanged();
        return true;
      }
      return switch (reader.read(read)) {
        case JwkSetReader.Result.Usable usable -> taken(read, usable);
        case JwkSetReader.Result.Unusable(String reason) -> failed(reason);
      };
    } catch (IOException e) {
      return failed(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      // No foreign document may end the thread; what the exception says might quote it.
      return failed("it made the reader fail (" + e.getClass().getSimpleName() + ")");
    }
  }

  private boolean taken(byte[] read, JwkSetReader.Result.Usable usable) {
    boolean same = document != null && Arrays.equals(read, document);
    boolean recovered = failure.isPresent();
    failure = Optional.empty();
    if (same) {
      metrics.unchanged();
    } else {
      document = read;
      metrics.changed();
      usable
          .skipped()
          .ifPresent(
              skipped -> log.warn("Keys of {} (LQ_AUTH_JWKS) not used: {}", location, skipped));
    }
    if (recovered || !same) {
      log.info("Tokens are verified with {} of {} (LQ_AUTH_JWKS)", usable.keys(), location);
    }
    // Last: what tokens show has been said and counted.
    keys = usable.keys();
    return true;
  }

  private boolean failed(String reason) {
    metrics.failed();
    if (document != null && !failure.equals(Optional.of(reason))) {
      log.warn(
          "The keys of {} (LQ_AUTH_JWKS) can't be read again, and the former ones stay in use: {}",
          location,
          reason);
    }
    failure = Optional.of(reason);
    return false;
  }
}
