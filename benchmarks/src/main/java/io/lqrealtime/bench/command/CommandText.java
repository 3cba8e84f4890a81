package io.lqrealtime.bench.command;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/**
 * The command that was given, to run it again; without secrets, since reports are kept and shared.
 */
final class CommandText {

  private static final List<String> SECRET = List.of("--secret", "--token");

  private CommandText() {}

  static String of(CommandLine command) {
    CommandLine root = command;
    while (root.getParent() != null) {
      root = root.getParent();
    }
    List<String> words = new ArrayList<>();
    words.add(root.getCommandName());
    CommandLine.ParseResult parsed = root.getParseResult();
    if (parsed != null) {
      words.addAll(redacted(parsed.originalArgs()));
    }
    return String.join(" ", words);
  }

  static List<String> redacted(List<String> args) {
    List<String> shown = new ArrayList<>();
    boolean hide = false;
    for (String arg : args) {
      int equals = arg.indexOf('=');
      if (hide) {
        shown.add("…");
        hide = false;
      } else if (equals > 0 && SECRET.contains(arg.substring(0, equals))) {
        shown.add(arg.substring(0, equals) + "=…");
      } else {
        shown.add(quoted(withoutQuery(arg)));
        hide = SECRET.contains(arg);
      }
    }
    return shown;
  }

  /** A URL's query may hold a token. */
  private static String withoutQuery(String arg) {
    int query = arg.startsWith("ws:") || arg.startsWith("--url=") ? arg.indexOf('?') : -1;
    return query < 0 ? arg : arg.substring(0, query) + "?…";
  }

  /** A URL as a report may show it. */
  static String shown(URI url) {
    return withoutQuery(url.toString());
  }

  private static String quoted(String arg) {
    return arg.matches("[A-Za-z0-9_./:=@,…?+-]+") ? arg : "'" + arg.replace("'", "'\\''") + "'";
  }
}
