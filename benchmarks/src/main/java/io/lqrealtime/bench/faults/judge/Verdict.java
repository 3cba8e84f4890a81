package io.lqrealtime.bench.faults.judge;

import java.util.List;
import java.util.Map;

/**
 * What came of a history.
 *
 * @param findings the first few of each rule
 * @param counts how many there are of each rule
 * @param complete whether the history goes to the end of its run; otherwise nobody can say that
 *     anything was lost
 */
public record Verdict(
    List<Finding> findings, Map<Rule, Long> counts, Figures figures, boolean complete) {
  public Verdict {
    findings = List.copyOf(findings);
    counts = Map.copyOf(counts);
  }

  public boolean isClean() {
    return findings.isEmpty();
  }
}
