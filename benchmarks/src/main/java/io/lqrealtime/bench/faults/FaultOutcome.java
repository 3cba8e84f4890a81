package io.lqrealtime.bench.faults;

import io.lqrealtime.bench.faults.judge.Verdict;
import java.util.List;
import java.util.Map;

/**
 * What came of a run.
 *
 * @param catchUps subscriptions that had to catch up, by cause
 * @param problems what the run itself saw go wrong, beside what the judge found
 */
public record FaultOutcome(Verdict verdict, Map<String, Long> catchUps, List<String> problems) {
  public FaultOutcome {
    catchUps = Map.copyOf(catchUps);
    problems = List.copyOf(problems);
  }

  /** Whether nothing was found, in a run that went to its end. */
  public boolean isClean() {
    return verdict.isClean() && problems.isEmpty() && verdict.complete();
  }
}
