package io.lqrealtime.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TokenCheckThreadsTest {
  private static final Outcome REFUSED = new Outcome.Refused("none is good");

  private final AtomicLong nanos = new AtomicLong();
  private final CountDownLatch mayVerify = new CountDownLatch(1);

  @Test
  void token_isVerifiedOnAnotherThread() throws Exception {
    CompletableFuture<Thread> by = new CompletableFuture<>();
    try (TokenCheckThreads checks =
        new TokenCheckThreads(
            token -> {
              by.complete(Thread.currentThread());
              return new Outcome.Refused(token);
            },
            1,
            nanos::get)) {
      assertThat(answer(checks, "t").get()).contains(new Outcome.Refused("t"));
      assertThat(by.get().getName()).startsWith("lq-gateway-tokens-");
      assertThat(by.get().isDaemon()).isTrue();
    }
  }

  @Test
  void verifierThatThrows_isAnswered_andTheThreadGoesOn() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (TokenCheckThreads checks =
        new TokenCheckThreads(
            token -> {
              if (calls.incrementAndGet() == 1) {
                throw new IllegalStateException("a bug");
              }
              return REFUSED;
            },
            1,
            nanos::get)) {
      assertThat(answer(checks, "1").get()).isEmpty();
      assertThat(answer(checks, "2").get()).contains(REFUSED);
    }
  }

  @Test
  void moreThanMayWait_areNotLookedAt_andTheOthersAre() throws Exception {
    try (TokenCheckThreads checks = blocked()) {
      CompletableFuture<Optional<Outcome>> first = answer(checks, "first");
      List<CompletableFuture<Optional<Outcome>>> waiting = new ArrayList<>();
      // One is being verified; whether it has left the queue yet is the thread's affair.
      while (waiting.isEmpty() || !waiting.getLast().isDone()) {
        waiting.add(answer(checks, "waits"));
      }

      assertThat(waiting)
          .hasSizeBetween(TokenCheckThreads.MAX_WAITING / 2, TokenCheckThreads.MAX_WAITING / 2 + 2);
      assertThat(waiting.removeLast().get()).isEmpty();
      mayVerify.countDown();
      assertThat(first.get()).contains(REFUSED);
      for (CompletableFuture<Optional<Outcome>> each : waiting) {
        assertThat(each.get()).contains(REFUSED);
      }
      assertThat(checks.waiting()).isZero();
    }
  }

  @Test
  void tokenThatHasWaitedTooLong_isNotLookedAt() throws Exception {
    try (TokenCheckThreads checks = blocked()) {
      CompletableFuture<Optional<Outcome>> first = answer(checks, "first");
      CompletableFuture<Optional<Outcome>> late = answer(checks, "late");
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(TokenCheckThreads.MAX_WAIT_SECONDS));
      CompletableFuture<Optional<Outcome>> fresh = answer(checks, "fresh");
      mayVerify.countDown();

      assertThat(late.get()).isEmpty();
      assertThat(fresh.get()).contains(REFUSED);
      assertThat(first).succeedsWithin(Duration.ofSeconds(30));
    }
  }

  private TokenCheckThreads blocked() {
    return new TokenCheckThreads(
        token -> {
          try {
            mayVerify.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return REFUSED;
        },
        1,
        nanos::get);
  }

  private static CompletableFuture<Optional<Outcome>> answer(TokenChecks checks, String token) {
    CompletableFuture<Optional<Outcome>> answer = new CompletableFuture<>();
    checks.verify(Asker.stranger(InetAddress.getLoopbackAddress()), token, answer::complete);
    return answer;
  }
}
