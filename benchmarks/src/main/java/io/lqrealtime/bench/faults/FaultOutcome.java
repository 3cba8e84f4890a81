package io.lqrealtime.bench.faults;

import io.lqrealtime.bench.faults.judge.Verdict;
import java.util.List;

/**
 * What came of a run.
 *
 * @param problems what the run itself saw go wrong, beside what the judge found
 */
public record FaultOutcome(Verdict verdict, List<String> problems) {
  public FaultOutcome {
    problems = List.copyOf(problems);
  }

  /** Whether nothing was found, in a run that went to its end. */
  public boolean isClean() {
    return verdict.isClean() && problems.isEmpty() && verdict.complete();
  }
}
