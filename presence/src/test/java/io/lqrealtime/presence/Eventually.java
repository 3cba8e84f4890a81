package io.lqrealtime.presence;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for things with a deadline. */
public final class Eventually {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(5);

  private Eventually() {}

  /** An assertion that may also throw what a future throws. */
  @FunctionalInterface
  public interface Assertion {
    void run() throws Exception;
  }

  /** Runs the assertion until it holds. */
  public static void eventually(Assertion assertion) {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (true) {
      try {
        assertion.run();
        return;
      } catch (AssertionError | Exception e) {
        if (System.nanoTime() > deadline) {
          throw new AssertionError("not within " + DEADLINE, e);
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The stage's value. */
  public static <T> T get(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("failed", e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Asserts that the stage fails as unavailable within the time. */
  public static void assertUnavailableWithin(Duration time, CompletionStage<?> stage) {
    assertThatThrownBy(
            () -> stage.toCompletableFuture().get(time.toMillis(), TimeUnit.MILLISECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(PresenceUnavailableException.class);
  }
}
