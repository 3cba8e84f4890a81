package io.lqrealtime.gateway.security;

import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies tokens on threads of its own, for each asker in turn: a storm of handshakes, or a flood
 * of bad tokens, takes these threads and no others.
 *
 * <p>Bounds: {@value #MAX_WAITING} tokens wait, and none for longer than {@value #MAX_WAIT_SECONDS}
 * s; what is beyond is not looked at.
 *
 * @see TokenQueue
 */
public final class TokenCheckThreads implements TokenChecks, AutoCloseable {
  static final int MAX_WAITING = 16_384;
  static final int MAX_WAIT_SECONDS = 5;
  private static final Logger log = LoggerFactory.getLogger(TokenCheckThreads.class);

  private final TokenVerifier verifier;
  private final LongSupplier nanos;
  private final TokenQueue<Check> queue = new TokenQueue<>(MAX_WAITING);

  /** Each of its tasks takes one from the queue: it never has more than that. */
  private final ThreadPoolExecutor threads;

  /**
   * @param count of threads
   * @param nanos a clock that only rises
   */
  public TokenCheckThreads(TokenVerifier verifier, int count, LongSupplier nanos) {
    this.verifier = verifier;
    this.nanos = nanos;
    AtomicInteger number = new AtomicInteger();
    this.threads =
        new ThreadPoolExecutor(
            count,
            count,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task ->
                Thread.ofPlatform()
                    .daemon()
                    .name("lq-gateway-tokens-" + number.incrementAndGet())
                    .unstarted(task));
  }

  @Override
  public void verify(Asker asker, String token, Consumer<Optional<Outcome>> answer) {
    Check check = new Check(token, answer, nanos.getAsLong());
    if (!queue.offer(asker, check)) {
      check.tooMany();
      return;
    }
    try {
      threads.execute(() -> queue.poll().ifPresent(Check::run));
    } catch (RejectedExecutionException e) {
      // Closed: the connection that asks is about to be so too.
      log.debug("A token came too late to be verified", e);
    }
  }

  /** How many tokens wait. */
  public int waiting() {
    return queue.size();
  }

  /** Verifies no more; what waits is not looked at, and gets no answer. */
  @Override
  public void close() {
    threads.shutdownNow();
  }

  private final class Check {
    private final String token;
    private final Consumer<Optional<Outcome>> answer;
    private final long since;

    Check(String token, Consumer<Optional<Outcome>> answer, long since) {
      this.token = token;
      this.answer = answer;
      this.since = since;
    }

    void run() {
      Duration waited = Duration.ofNanos(nanos.getAsLong() - since);
      if (waited.toSeconds() >= MAX_WAIT_SECONDS) {
        tooMany();
        return;
      }
      try {
        answer.accept(Optional.of(verifier.verify(token)));
      } catch (RuntimeException e) {
        // Whoever asks needs an answer all the same. The exception may quote the token.
        log.error("A token could not be verified: {}", e.getClass().getName());
        tooMany();
      }
    }

    private void tooMany() {
      answer.accept(Optional.empty());
    }
  }
}
