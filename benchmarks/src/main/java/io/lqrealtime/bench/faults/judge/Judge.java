package io.lqrealtime.bench.faults.judge;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Holds a history to the {@link Rule rules}. It goes over the lines once, so that a history may be
 * longer than memory; what it keeps is some hundred bytes for each message, and a bit for each
 * message and subscription.
 *
 * <p>The history's order has to be causal: a client writes that it sends before it does, and that
 * it received after it has. For one thread.
 */
public final class Judge {
  private static final Set<Integer> HARMLESS_CLOSES =
      Set.of(1000, 1001, 1006, 1012, 1013, 4408, 4413);

  /** Answers after which what was asked for may be done or not. */
  private static final Set<String> NOT_FINAL = Set.of("unavailable", "rate_limited", "internal");

  private final CaseFile file;
  private final PublisherRules publishers;
  private final SubscriberRules subscribers;
  private long connections;

  private Judge(JudgeOptions options) {
    this.file = new CaseFile(options);
    this.publishers = new PublisherRules(file);
    this.subscribers = new SubscriberRules(file);
  }

  public static Verdict judge(Path history, JudgeOptions options) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(history, StandardCharsets.UTF_8)) {
      return judge(lines, options);
    }
  }

  public static Verdict judge(BufferedReader lines, JudgeOptions options) throws IOException {
    Judge judge = new Judge(options);
    HistoryReader reader = new HistoryReader(lines);
    for (Optional<HistoryReader.Read> read = reader.next();
        read.isPresent();
        read = reader.next()) {
      switch (read.get()) {
        case HistoryReader.Read.Good(Line line) -> judge.accept(line);
        case HistoryReader.Read.Bad(long number, String reason) ->
            judge.file.findings.add(
                Rule.MALFORMED, "", "not a line of a history: " + reason, number);
      }
    }
    return judge.finish();
  }

  private void accept(Line line) {
    switch (line.event()) {
      case "reads" -> reads(line);
      case "connect" -> connect(line);
      case "sent" -> publishers.sent(line);
      case "acked" -> publishers.acked(line);
      case "error" -> error(line);
      case "subscribe" -> file.subscriber(line).asked = line.get("since");
      case "subscribed" -> subscribers.subscribed(line);
      case "live" -> subscribers.live(line);
      case "unsubscribed" -> file.subscriber(line).disconnected();
      case "received" -> subscribers.received(line);
      case "left" -> file.subscriber(line).left = true;
      case "closed" -> closed(line);
      case "fault" -> file.figures.faults++;
      case "healed" -> file.healed = line.time();
      case "end" -> file.ended = true;
      default -> {
        // Lines for people.
      }
    }
  }

  /**
   * A client that is to get the channel's messages has been made; nothing else is said of it yet.
   */
  private void reads(Line line) {
    file.client(line).tenant = line.get("tenant");
    file.subscriber(line);
  }

  private void connect(Line line) {
    CaseFile.Client client = file.client(line);
    client.tenant = line.get("tenant");
    client.user = line.get("user");
    client.connection = ++connections;
    client.subscribers.values().forEach(Subscriber::disconnected);
    file.figures.connects++;
  }

  private void closed(Line line) {
    file.client(line).subscribers.values().forEach(Subscriber::disconnected);
    int code = code(line);
    file.figures.closes.merge(code, 1L, Long::sum);
    if (!HARMLESS_CLOSES.contains(code)) {
      file.findings.add(
          Rule.CLOSED,
          line.client(),
          "closed with %d %s".formatted(code, line.get("reason")),
          line.number());
    }
  }

  private static int code(Line line) {
    try {
      return Integer.parseInt(line.get("code"));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private void error(Line line) {
    String code = line.get("code");
    boolean isFinal = !NOT_FINAL.contains(code);
    if (line.get("of").equals("publish")) {
      publishers.error(line, isFinal);
    } else if (isFinal) {
      file.findings.add(
          Rule.NOT_SERVED,
          line.client(),
          "%s of %s was refused with %s".formatted(line.get("of"), line.get("channel"), code),
          line.number());
    }
  }

  private Verdict finish() {
    file.channels.values().forEach(channel -> Ordering.check(channel, file.findings));
    file.messages.values().forEach(publishers::settle);
    if (file.ended) {
      file.clients.values().stream()
          .flatMap(client -> client.subscribers.values().stream())
          .forEach(subscribers::complete);
      if (file.findings.counts().isEmpty()
          && (file.figures.acked == 0 || file.figures.received == 0)) {
        file.findings.add(
            Rule.UNPROVEN,
            "",
            "%d messages were acked, and %d received"
                .formatted(file.figures.acked, file.figures.received));
      }
    }
    return new Verdict(file.findings.kept(), file.findings.counts(), file.figures, file.ended);
  }
}
