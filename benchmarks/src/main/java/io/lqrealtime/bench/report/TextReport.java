package io.lqrealtime.bench.report;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/** A report for people: a line a value, groups indented. */
public final class TextReport {

  private static final int NAME_WIDTH = 34;

  private final PrintWriter out;

  public TextReport(PrintWriter out) {
    this.out = out;
  }

  public void write(Report report) {
    out.println(report.title());
    group(report.findings(), 1);
    if (!report.notes().isEmpty()) {
      out.println("  notes");
      report.notes().forEach(note -> out.println("    " + note));
    }
    out.println("  checks");
    for (Report.Check check : report.checks()) {
      out.println(
          check.holds()
              ? "    ok      " + check.statement()
              : "    FAILED  " + check.statement() + ": " + check.found());
    }
    out.println(report.passed() ? "passed" : "FAILED");
    out.flush();
  }

  private void group(Value.Group group, int depth) {
    for (Map.Entry<String, Value> entry : group.entries()) {
      String name = "  ".repeat(depth) + entry.getKey().replace('_', ' ');
      switch (entry.getValue()) {
        case Value.Words(String text) -> line(name, text);
        case Value.Amount(double value, Unit unit) -> line(name, unit.format(value));
        case Value.Distribution d -> line(name, words(d));
        case Value.Table table -> {
          out.println(name);
          table(table, depth + 1);
        }
        case Value.Group inner -> {
          if (inner.entries().isEmpty()) {
            line(name, "none");
          } else {
            out.println(name);
            group(inner, depth + 1);
          }
        }
      }
    }
  }

  private void line(String name, String text) {
    out.println(name + " ".repeat(Math.max(2, NAME_WIDTH - name.length())) + text);
  }

  private static String words(Value.Distribution d) {
    if (d.count() == 0) {
      return "none";
    }
    Unit ms = Unit.MILLISECONDS;
    return "p50 "
        + ms.format(d.p50())
        + "  p90 "
        + ms.format(d.p90())
        + "  p99 "
        + ms.format(d.p99())
        + "  p99.9 "
        + ms.format(d.p999())
        + "  max "
        + ms.format(d.max())
        + "  ("
        + Unit.COUNT.format((double) d.count())
        + ")";
  }

  private void table(Value.Table table, int depth) {
    int columns = table.columns().size();
    int[] widths = new int[columns];
    for (int i = 0; i < columns; i++) {
      widths[i] = table.columns().get(i).length();
      for (List<Object> row : table.rows()) {
        widths[i] = Math.max(widths[i], row.get(i).toString().length());
      }
    }
    row(List.copyOf(table.columns()), widths, depth);
    table.rows().forEach(row -> row(row, widths, depth));
  }

  private void row(List<?> cells, int[] widths, int depth) {
    StringBuilder line = new StringBuilder("  ".repeat(depth));
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i).toString();
      String gap = " ".repeat(widths[i] - cell.length());
      line.append(cells.get(i) instanceof Number ? gap + cell : cell + gap).append("  ");
    }
    out.println(line.toString().stripTrailing());
  }
}
