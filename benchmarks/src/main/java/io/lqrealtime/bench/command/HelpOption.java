package io.lqrealtime.bench.command;

import picocli.CommandLine.Option;

/** {@code --help}; the version is the application's to tell. */
final class HelpOption {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help")
  boolean wanted;
}
