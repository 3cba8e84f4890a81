package io.lqrealtime.bench.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Everything that a run has to say: what was found, whether its own checks hold, and what a reader
 * must know.
 */
public final class Report {

  /** Something that a sound run shows. */
  public record Check(String statement, boolean holds, String found) {}

  private final String title;
  private final Value.Group findings = new Value.Group();
  private final List<Check> checks = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  public Report(String title) {
    this.title = title;
  }

  public String title() {
    return title;
  }

  public Value.Group findings() {
    return findings;
  }

  /** A check, with what was found instead if it does not hold. */
  public Report check(String statement, boolean holds, String found) {
    checks.add(new Check(statement, holds, found));
    return this;
  }

  public Report note(String text) {
    notes.add(text);
    return this;
  }

  public List<Check> checks() {
    return List.copyOf(checks);
  }

  public List<String> notes() {
    return List.copyOf(notes);
  }

  public boolean passed() {
    return checks.stream().allMatch(Check::holds);
  }
}
