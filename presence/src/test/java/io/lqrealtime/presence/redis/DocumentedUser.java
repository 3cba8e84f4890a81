package io.lqrealtime.presence.redis;

import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The user {@code lq} of Redis, by the {@code ACL SETUSER} lines in docs/OPERATIONS.md. */
final class DocumentedUser {
  static final String NAME = "lq";
  static final String PASSWORD = "secret";
  private static final Pattern LINE = Pattern.compile("(?m)^ACL SETUSER lq (.*)$");

  private DocumentedUser() {}

  /** Makes it; with what only Cluster needs, or without. */
  static void make(RedisCommands<String, String> admin, boolean cluster) throws IOException {
    for (List<String> rules : cluster ? lines() : lines().subList(0, 1)) {
      CommandArgs<String, String> arguments =
          new CommandArgs<>(StringCodec.UTF8).add("SETUSER").add(NAME);
      rules.forEach(arguments::add);
      String answer =
          admin.dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), arguments);
      if (!answer.equals("OK")) {
        throw new AssertionError(rules + ": " + answer);
      }
    }
  }

  /** The commands that it may call, on one server. */
  static List<String> commands() throws IOException {
    return lines().getFirst().stream()
        .filter(rule -> rule.startsWith("+"))
        .map(rule -> rule.substring(1))
        .toList();
  }

  private static List<List<String>> lines() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isExecutable(root.resolve("lq"))) {
      root = root.getParent();
    }
    List<List<String>> lines =
        LINE.matcher(Files.readString(root.resolve("docs/OPERATIONS.md")))
            .results()
            .map(DocumentedUser::rules)
            .toList();
    if (lines.size() != 2) {
      throw new AssertionError("docs/OPERATIONS.md has two lines of ACL SETUSER, not " + lines);
    }
    return lines;
  }

  private static List<String> rules(MatchResult line) {
    return Stream.of(line.group(1).split(" ")).toList();
  }
}
