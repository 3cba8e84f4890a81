package io.lqrealtime.bench.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lqrealtime.bench.standin.StandInGateway;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** What became of a command. */
record Outcome(int code, String out, String err) {

  /** Of {@code lq bench} with these arguments. */
  static Outcome bench(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new BenchCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(args);
    return new Outcome(code, out.toString(), err.toString());
  }

  /** Of a subcommand that measures this gateway. */
  static Outcome bench(StandInGateway gateway, String command, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(command, "--url", gateway.url(), "--secret", StandInGateway.SECRET));
    args.addAll(List.of(more));
    return bench(args.toArray(String[]::new));
  }

  /** A report that a command has written. */
  static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }
}
