package io.lqrealtime.gateway.limit;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.local.SynchronizationStrategy;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Holds somebody to a {@link RateLimit}: two token buckets, one for messages and one for their
 * bytes, each refilled evenly and full after a second's rest, or after a rest of several where it
 * was made so. A message larger than the second bucket takes all of it, so that it passes once a
 * second.
 *
 * <p>About 0.5 KB. Never blocks.
 */
public final class Throttle {
  private final Bucket messages;
  private final Bucket bytes;
  private final int restSeconds;
  private volatile RateLimit limit;

  private Throttle(
      RateLimit limit, int restSeconds, LongSupplier nanos, SynchronizationStrategy strategy) {
    this.limit = limit;
    this.restSeconds = restSeconds;
    this.messages = bucket(limit.messagesPerSecond(), nanos, strategy);
    this.bytes = bucket(limit.bytesPerSecond(), nanos, strategy);
  }

  /**
   * For use by one thread.
   *
   * @param nanos a clock that only rises
   */
  public static Throttle ofOneThread(RateLimit limit, LongSupplier nanos) {
    return new Throttle(limit, 1, nanos, SynchronizationStrategy.NONE);
  }

  /**
   * For use by several threads.
   *
   * @param nanos a clock that only rises
   */
  public static Throttle shared(RateLimit limit, LongSupplier nanos) {
    return sharedAfterRest(limit, 1, nanos);
  }

  /**
   * For use by several threads.
   *
   * @param restSeconds of so many seconds' rest, as much as would have passed may pass at once
   * @param nanos a clock that only rises
   */
  public static Throttle sharedAfterRest(RateLimit limit, int restSeconds, LongSupplier nanos) {
    return new Throttle(limit, restSeconds, nanos, SynchronizationStrategy.LOCK_FREE);
  }

  /** Whether a message may pass. */
  public sealed interface Decision {
    Decision PASSES = new Passes();

    /** It may, and has been counted. */
    record Passes() implements Decision {}

    /**
     * It may not, and nothing has been counted.
     *
     * @param nanos until it might, if nothing else comes before it
     */
    record Waits(boolean forBytes, long nanos) implements Decision {}
  }

  /** Counts a message of so many bytes, if it may pass. */
  public Decision take(int size) {
    if (!messages.tryConsume(1)) {
      return new Decision.Waits(
          false, messages.estimateAbilityToConsume(1).getNanosToWaitForRefill());
    }
    long counted = Math.clamp(size, 1, limit.bytesPerSecond());
    if (!bytes.tryConsume(counted)) {
      messages.addTokens(1);
      return new Decision.Waits(
          true, bytes.estimateAbilityToConsume(counted).getNanosToWaitForRefill());
    }
    return Decision.PASSES;
  }

  /**
   * Counts what can't be refused any more, and so may owe for it: a message of so many bytes.
   *
   * @return what the next one would have to wait for until the debt is paid
   */
  public Decision charge(int size) {
    long forMessages = messages.consumeIgnoringRateLimits(1);
    long forBytes = bytes.consumeIgnoringRateLimits(Math.max(1, size));
    long nanos = Math.max(forMessages, forBytes);
    return nanos <= 0 ? Decision.PASSES : new Decision.Waits(forBytes >= forMessages, nanos);
  }

  /** Nanoseconds until what is owed for what was charged is paid; 0 where nothing is. */
  public long nanosOwed() {
    return Math.max(nanosOwed(messages), nanosOwed(bytes));
  }

  private static long nanosOwed(Bucket bucket) {
    return bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill();
  }

  /** Another limit from here on; what has been taken stays taken, and a debt is paid by the new. */
  public void use(RateLimit other) {
    limit = other;
    replace(messages, other.messagesPerSecond());
    replace(bytes, other.bytesPerSecond());
  }

  private void replace(Bucket bucket, long perSecond) {
    bucket.replaceConfiguration(
        configuration(perSecond),
        bucket.getAvailableTokens() < 0
            ? TokensInheritanceStrategy.AS_IS
            : TokensInheritanceStrategy.PROPORTIONALLY);
  }

  private BucketConfiguration configuration(long perSecond) {
    return BucketConfiguration.builder().addLimit(bandwidth(perSecond)).build();
  }

  private Bucket bucket(long perSecond, LongSupplier nanos, SynchronizationStrategy strategy) {
    return Bucket.builder()
        .addLimit(bandwidth(perSecond))
        .withCustomTimePrecision(new NanoMeter(nanos))
        .withSynchronizationStrategy(strategy)
        .build();
  }

  private Bandwidth bandwidth(long perSecond) {
    return Bandwidth.builder()
        .capacity(perSecond * restSeconds)
        .refillGreedy(perSecond, Duration.ofSeconds(1))
        .build();
  }
}
