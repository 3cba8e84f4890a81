package io.lqrealtime.bench.faults.judge;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Collects findings: all are counted, and of each rule the first {@link #KEPT} kept. */
final class Findings {
  static final int KEPT = 20;

  private final Map<Rule, Long> counts = new EnumMap<>(Rule.class);
  private final List<Finding> kept = new ArrayList<>();

  void add(Rule rule, String client, String what, Long... lines) {
    if (counts.merge(rule, 1L, Long::sum) <= KEPT) {
      kept.add(new Finding(rule, client, what, List.of(lines)));
    }
  }

  Map<Rule, Long> counts() {
    return counts;
  }

  List<Finding> kept() {
    return kept;
  }
}
