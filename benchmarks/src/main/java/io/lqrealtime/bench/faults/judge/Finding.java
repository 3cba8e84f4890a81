package io.lqrealtime.bench.faults.judge;

import java.util.List;

/**
 * One breach.
 *
 * @param client whose view shows it; empty where it is nobody's alone
 * @param lines the numbers of the history's lines that show it, from 1
 */
public record Finding(Rule rule, String client, String what, List<Long> lines) {
  public Finding {
    lines = List.copyOf(lines);
  }

  @Override
  public String toString() {
    return rule
        + (client.isEmpty() ? "" : " at " + client)
        + ": "
        + what
        + (lines.isEmpty() ? "" : " " + lines);
  }
}
