package io.lqrealtime.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProcessLifetimeTest {
  private final CompletableFuture<Integer> halted = new CompletableFuture<>();
  private final ProcessLifetime lifetime =
      new ProcessLifetime(Duration.ofSeconds(30), halted::complete);
  private final List<String> closed = Collections.synchronizedList(new ArrayList<>());

  @Test
  void signal_interruptsAStart_asOftenAsItTakes_whoseRestIsNotOpened_andNotTheClosing()
      throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    FutureTask<Integer> process =
        run(
            starting -> {
              starting.startInterruptibly();
              starting.open(() -> closed.add("first"));
              starting.open(() -> closed.add("second, interrupted: " + Thread.interrupted()));
              begun.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                closed.add("swallowed");
              }
              new CountDownLatch(1).await();
              starting.open(() -> closed.add("never"));
            });
    begun.await();

    end();

    assertThat(process.get()).isZero();
    assertThat(closed).containsExactly("swallowed", "second, interrupted: false", "first");
    assertThat(halted).isNotDone();
  }

  @Test
  void signal_beforeAStartMayBeInterrupted_isHeardThere() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    FutureTask<Integer> process =
        run(
            starting -> {
              begun.countDown();
              ended.await();
              while (!starting.isEnding()) {
                Thread.onSpinWait();
              }
              starting.open(() -> closed.add("files"));
              starting.startInterruptibly();
              starting.open(() -> closed.add("never"));
            });
    begun.await();

    end();
    assertThat(process).isNotDone();
    ended.countDown();

    assertThat(process.get()).isZero();
    assertThat(closed).containsExactly("files");
  }

  @Test
  void startThatFails_isAFailure_andWhatItOpenedIsClosed() {
    FutureTask<Integer> process =
        run(
            starting -> {
              starting.startInterruptibly();
              starting.open(() -> closed.add("first"));
              throw new IllegalStateException("no");
            });

    assertThatThrownBy(process::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("no");
    assertThat(closed).containsExactly("first");
  }

  @Test
  void partThatFails_endsIt_withCode1() throws Exception {
    FutureTask<Integer> process =
        run(starting -> starting.open(() -> closed.add("one that fails to close")));

    lifetime.fail("by order");

    assertThat(process.get()).isEqualTo(1);
    assertThat(closed).hasSize(1);
  }

  @Test
  void partThatDoesNotClose_isNotWaitedForForEver() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (ProcessLifetime short_ = new ProcessLifetime(Duration.ofMillis(10), halted::complete)) {
      short_.open(
          () -> {
            halted.join();
            never.countDown();
          });
      short_.extendClosing(Duration.ofMillis(10));
    }

    assertThat(halted).isCompletedWithValue(1);
    assertThat(never.getCount()).isZero();
  }

  /** As a signal does, on a thread of the JVM's. */
  private void end() {
    Thread.ofPlatform().daemon().start(lifetime::endByASignal);
  }

  private FutureTask<Integer> run(ProcessLifetime.Start start) {
    FutureTask<Integer> process =
        new FutureTask<>(
            () -> {
              try (lifetime) {
                return lifetime.runUntilItEnds(start);
              }
            });
    Thread.ofPlatform().daemon().start(process);
    return process;
  }
}
