package io.lqrealtime.bench.command;

import picocli.CommandLine;

/** {@code lq bench} in a process of its own. */
public final class BenchMain {

  private BenchMain() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new BenchCommand()).execute(args));
  }
}
