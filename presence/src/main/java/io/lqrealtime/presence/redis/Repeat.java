package io.lqrealtime.presence.redis;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A loop of asynchronous steps, one at a time. Holds one step, not a chain of all that have been,
 * and does not deepen the stack with steps that are done at once.
 */
final class Repeat {
  private final Supplier<CompletableFuture<Boolean>> step;
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  private Repeat(Supplier<CompletableFuture<Boolean>> step) {
    this.step = step;
  }

  /** Runs the step again as long as it answers true. */
  static CompletableFuture<Void> whileTrue(Supplier<CompletableFuture<Boolean>> step) {
    Repeat repeat = new Repeat(step);
    repeat.run();
    return repeat.end;
  }

  private void run() {
    while (true) {
      CompletableFuture<Boolean> answer = step.get();
      if (!answer.isDone()) {
        var _ =
            answer.whenComplete(
                (again, error) -> {
                  if (goesOn(answer)) {
                    run();
                  }
                });
        return;
      }
      if (!goesOn(answer)) {
        return;
      }
    }
  }

  private boolean goesOn(CompletableFuture<Boolean> answer) {
    if (answer.isCompletedExceptionally()) {
      end.completeExceptionally(answer.exceptionNow());
      return false;
    }
    if (answer.resultNow()) {
      return true;
    }
    end.complete(null);
    return false;
  }
}
