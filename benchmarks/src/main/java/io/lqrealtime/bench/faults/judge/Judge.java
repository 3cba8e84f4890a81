package io.lqrealtime.bench.faults.judge;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
  private static final Set<String> NOT_FINAL = Set.of("unavailable", "rate_limited", "internal");

  /** Who a client is, and on which of its connections. */
  private static final class Client {
    String tenant = "";
    String user = "";
    long connection;
    final Map<String, Subscriber> subscribers = new HashMap<>();
  }

  private final JudgeOptions options;
  private final Findings findings = new Findings();
  private final Figures figures = new Figures();
  private final Map<Message.Key, Message> messages = new HashMap<>();
  private final Map<ChannelHistory.Name, ChannelHistory> channels = new LinkedHashMap<>();
  private final Map<String, Client> clients = new LinkedHashMap<>();
  private long connections;
  private long healed = Message.NONE;
  private boolean ended;
  private final Map<String, Long> lastReceived = new HashMap<>();
  private final Map<String, Long> lastAcked = new HashMap<>();

  private Judge(JudgeOptions options) {
    this.options = options;
    this.ended = options.asIfEnded();
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
            judge.findings.add(Rule.MALFORMED, "", "not a line of a history: " + reason, number);
      }
    }
    return judge.finish();
  }

  private void accept(Line line) {
    switch (line.event()) {
      case "reads" -> reads(line);
      case "connect" -> connect(line);
      case "sent" -> sent(line);
      case "acked" -> acked(line);
      case "error" -> error(line);
      case "subscribe" -> subscriber(line).asked = line.get("since");
      case "subscribed" -> subscribed(line);
      case "live" -> live(line);
      case "unsubscribed" -> subscriber(line).disconnected();
      case "received" -> received(line);
      case "left" -> subscriber(line).left = true;
      case "closed" -> closed(line);
      case "fault" -> figures.faults++;
      case "healed" -> healed = line.time();
      case "end" -> ended = true;
      default -> {
        // Lines for people.
      }
    }
  }

  private Client client(Line line) {
    return clients.computeIfAbsent(line.client(), _ -> new Client());
  }

  private ChannelHistory channel(String tenant, String channel) {
    return channels.computeIfAbsent(new ChannelHistory.Name(tenant, channel), ChannelHistory::new);
  }

  private Subscriber subscriber(Line line) {
    Client client = client(line);
    return client.subscribers.computeIfAbsent(
        line.get("channel"), name -> new Subscriber(line.client(), channel(client.tenant, name)));
  }

  private Optional<Position> position(Line line) {
    boolean names = line.event().equals("received") || line.event().equals("acked");
    Optional<Position> position =
        Position.parse(line.get("position")).filter(parsed -> parsed.isMessage() || !names);
    if (position.isEmpty()) {
      findings.add(
          Rule.MALFORMED,
          line.client(),
          "'%s' is no position%s, in %s"
              .formatted(line.get("position"), names ? " of a message" : "", line.event()),
          line.number());
    }
    return position;
  }

  /**
   * A client that is to get the channel's messages has been made; nothing else is said of it yet.
   */
  private void reads(Line line) {
    client(line).tenant = line.get("tenant");
    subscriber(line);
  }

  private void connect(Line line) {
    Client client = client(line);
    client.tenant = line.get("tenant");
    client.user = line.get("user");
    client.connection = ++connections;
    client.subscribers.values().forEach(Subscriber::disconnected);
    figures.connects++;
  }

  private void closed(Line line) {
    client(line).subscribers.values().forEach(Subscriber::disconnected);
    int code = code(line);
    figures.closes.merge(code, 1L, Long::sum);
    if (!HARMLESS_CLOSES.contains(code)) {
      findings.add(
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

  // ---- publishers ----

  private Message.Key key(Line line) {
    Client client = client(line);
    return new Message.Key(client.tenant, line.get("channel"), client.user, line.get("id"));
  }

  private void sent(Line line) {
    Client client = client(line);
    Message.Key key = key(line);
    Message known = messages.get(key);
    figures.sends++;
    if (known != null) {
      known.sentAgain(line, client.connection);
      return;
    }
    ChannelHistory channel = channel(client.tenant, line.get("channel"));
    Message message = new Message(key, channel.messages.size(), line, client.connection);
    channel.messages.add(message);
    messages.put(key, message);
    lastAcked.putIfAbsent(client.tenant, line.time());
    lastReceived.putIfAbsent(client.tenant, line.time());
  }

  private void acked(Line line) {
    Message message = messages.get(key(line));
    if (message == null) {
      findings.add(
          Rule.ACK, line.client(), "an ack of %s, never sent".formatted(key(line)), line.number());
      return;
    }
    figures.longestAckGapMillis =
        Math.max(figures.longestAckGapMillis, gap(lastAcked, message.key.tenant(), line));
    if (++message.acks == 1) {
      message.firstAckLine = line.number();
      message.firstAckTime = line.time();
    }
    if (message.acks > message.sends) {
      findings.add(
          Rule.ACK,
          line.client(),
          "%d acks of %s, sent %d times".formatted(message.acks, message.key, message.sends),
          line.number());
    }
    if (message.isRefused()) {
      findings.add(
          Rule.REFUSED,
          line.client(),
          message.key + " was refused, and acked",
          message.refusedLine,
          line.number());
    }
    position(line)
        .ifPresent(
            position -> {
              if (message.lowestAck == null || position.offset() < message.lowestAck.offset()) {
                message.lowestAck = position;
              }
              sameLog(channel(message.key.tenant(), message.key.channel()), position, line);
            });
  }

  /** The time since the tenant's last such event; after healing nothing is expected any more. */
  private long gap(Map<String, Long> lastOf, String tenant, Line line) {
    Long last = lastOf.put(tenant, line.time());
    return healed == Message.NONE && last != null ? line.time() - last : 0;
  }

  private void error(Line line) {
    String code = line.get("code");
    if (line.get("of").equals("publish")) {
      Message message = messages.get(key(line));
      if (code.equals("unavailable")) {
        figures.unavailable++;
      }
      if (message != null && !NOT_FINAL.contains(code)) {
        message.refusedLine = line.number();
        if (message.isAcked()) {
          findings.add(
              Rule.REFUSED,
              line.client(),
              "%s was acked, and refused with %s".formatted(message.key, code),
              message.firstAckLine,
              line.number());
        }
      }
    } else if (!NOT_FINAL.contains(code)) {
      findings.add(
          Rule.NOT_SERVED,
          line.client(),
          "%s of %s was refused with %s".formatted(line.get("of"), line.get("channel"), code),
          line.number());
    }
  }

  // ---- subscribers ----

  private void subscribed(Line line) {
    Subscriber subscriber = subscriber(line);
    boolean answer = line.is("answer");
    boolean recovered = line.is("recovered");
    if (answer && !subscriber.asked.isEmpty()) {
      figures.resumes++;
    }
    subscriber.subscribed = true;
    subscriber.paged = line.is("paged");
    subscriber.owedLive = answer && recovered && !subscriber.asked.isEmpty();
    subscriber.owedSinceLine = line.number();
    Optional<Position> position = position(line);
    if (position.isEmpty()) {
      // Found already; what was asked for may still say from where it is to get everything.
      if (subscriber.asked.equals("earliest")
          && subscriber.start instanceof Subscriber.Start.None) {
        begin(subscriber, new Subscriber.Start.Everything(), line);
      }
      return;
    }
    sameLog(subscriber.channel, position.get(), line);
    if (!recovered) {
      figures.notRecovered++;
      if (!options.lossMayBeTold()) {
        findings.add(
            Rule.NOT_RECOVERED,
            line.client(),
            "%s since '%s' goes on at %s, oldest '%s'"
                .formatted(
                    subscriber.channel.name,
                    subscriber.asked,
                    line.get("position"),
                    line.get("oldest")),
            line.number());
      }
      begin(subscriber, new Subscriber.Start.After(position.get()), line);
      return;
    }
    if (subscriber.start instanceof Subscriber.Start.None) {
      begin(subscriber, startOf(subscriber.asked, position.get()), line);
    }
  }

  private static Subscriber.Start startOf(String asked, Position position) {
    if (asked.equals("earliest")) {
      return new Subscriber.Start.Everything();
    }
    try {
      return asked.contains(":")
          ? new Subscriber.Start.At(Instant.parse(asked).toEpochMilli())
          : new Subscriber.Start.After(position);
    } catch (DateTimeParseException e) {
      return new Subscriber.Start.After(position);
    }
  }

  private static void begin(Subscriber subscriber, Subscriber.Start start, Line line) {
    subscriber.start = start;
    subscriber.startLine = line.number();
    subscriber.startTime = line.time();
    if (start instanceof Subscriber.Start.After(Position position)) {
      Position last = subscriber.last;
      if (last == null || !last.log().equals(position.log()) || last.offset() < position.offset()) {
        subscriber.last = position;
        subscriber.lastLine = line.number();
      }
    }
  }

  private void live(Line line) {
    Subscriber subscriber = subscriber(line);
    if (!subscriber.owedLive) {
      findings.add(
          Rule.LIVE,
          line.client(),
          "a live that is not due, on " + subscriber.channel.name,
          line.number());
    }
    subscriber.owedLive = false;
    Optional<Position> position = position(line);
    if (position.isPresent()) {
      Position last = subscriber.last;
      if (last != null && position.get().offset() < last.offset()) {
        findings.add(
            Rule.POSITION,
            line.client(),
            "live at %s on %s, after %s".formatted(position.get(), subscriber.channel.name, last),
            subscriber.lastLine,
            line.number());
      } else {
        subscriber.last = position.get();
        subscriber.lastLine = line.number();
      }
    }
  }

  private void received(Line line) {
    figures.received++;
    figures.longestDeliveryGapMillis =
        Math.max(figures.longestDeliveryGapMillis, gap(lastReceived, client(line).tenant, line));
    Client client = client(line);
    Subscriber subscriber = subscriber(line);
    if (!subscriber.subscribed && !subscriber.paged) {
      findings.add(
          Rule.CHANNEL,
          line.client(),
          "a message of %s, which is not subscribed".formatted(subscriber.channel.name),
          line.number());
    }
    Optional<Position> position = position(line);
    position.ifPresent(p -> rises(subscriber, p, line));
    Message message =
        messages.get(
            new Message.Key(client.tenant, line.get("channel"), line.get("from"), line.get("id")));
    if (message == null || !message.digest.equals(line.get("digest"))) {
      misfit(message, line, client.tenant);
      return;
    }
    if (subscriber.received.get(message.index)) {
      findings.add(
          Rule.DOUBLED,
          line.client(),
          message.key + " came again at " + line.get("position"),
          message.deliveredLine,
          line.number());
    }
    subscriber.received.set(message.index);
    position.ifPresent(p -> place(message, p, line));
    inTime(subscriber, message, line);
    if (subscriber.paged || (subscriber.owedLive && isLatecomer(subscriber))) {
      // How long it takes is a matter of how much there is to read: what has a time is the step
      // from one message to the next.
      subscriber.startTime = line.time();
    }
  }

  /** It has begun after healing: what it catches up with is no backlog of the faults. */
  private boolean isLatecomer(Subscriber subscriber) {
    return healed != Message.NONE && subscriber.startTime > healed;
  }

  private void rises(Subscriber subscriber, Position position, Line line) {
    sameLog(subscriber.channel, position, line);
    Position last = subscriber.last;
    if (last != null && position.offset() <= last.offset()) {
      findings.add(
          Rule.POSITION,
          line.client(),
          "%s on %s, after %s".formatted(position, subscriber.channel.name, last),
          subscriber.lastLine,
          line.number());
      return;
    }
    subscriber.last = position;
    subscriber.lastLine = line.number();
  }

  private void sameLog(ChannelHistory channel, Position position, Line line) {
    if (channel.log == null) {
      channel.log = position.log();
    } else if (!channel.log.equals(position.log())) {
      findings.add(
          Rule.POSITION,
          line.client(),
          "%s of %s, which was in %s".formatted(position, channel.name, channel.log),
          line.number());
    }
  }

  /** Names what is wrong with a message that is not what its sender sent under this id. */
  private void misfit(@Nullable Message sameKey, Line line, String tenant) {
    String digest = line.get("digest");
    Optional<Message> origin =
        messages.values().stream().filter(m -> m.digest.equals(digest)).findAny();
    String said =
        "%s of %s on %s/%s"
            .formatted(line.get("id"), line.get("from"), tenant, line.get("channel"));
    if (origin.isPresent() && !origin.get().key.tenant().equals(tenant)) {
      findings.add(
          Rule.TENANT,
          line.client(),
          said + " is " + origin.get().key,
          origin.get().firstSendLine,
          line.number());
    } else if (origin.isPresent() && !origin.get().key.channel().equals(line.get("channel"))) {
      findings.add(
          Rule.CHANNEL,
          line.client(),
          said + " is " + origin.get().key,
          origin.get().firstSendLine,
          line.number());
    } else if (sameKey != null || origin.isPresent()) {
      long sent = sameKey != null ? sameKey.firstSendLine : origin.orElseThrow().firstSendLine;
      findings.add(
          Rule.PAYLOAD, line.client(), said + " is not as it was sent", sent, line.number());
    } else {
      findings.add(Rule.UNKNOWN, line.client(), said + " was never sent", line.number());
    }
  }

  private void place(Message message, Position position, Line line) {
    Position before = message.delivered;
    if (before == null) {
      message.delivered = position;
      message.deliveredLine = line.number();
      if (message.isRefused()) {
        findings.add(
            Rule.REFUSED,
            line.client(),
            message.key + " was refused, and delivered",
            message.refusedLine,
            line.number());
      }
    } else if (!before.equals(position)) {
      findings.add(
          Rule.POSITION,
          line.client(),
          "%s at %s, elsewhere at %s".formatted(message.key, position, before),
          message.deliveredLine,
          line.number());
    }
  }

  private void inTime(Subscriber subscriber, Message message, Line line) {
    if (healed == Message.NONE || !message.isAcked()) {
      return;
    }
    long due = Math.max(healed, Math.max(message.firstAckTime, subscriber.startTime));
    if (message.firstAckTime <= healed && subscriber.startTime <= healed) {
      figures.slowestHealMillis = Math.max(figures.slowestHealMillis, line.time() - healed);
    }
    if (line.time() - due > options.patience().toMillis()) {
      findings.add(
          Rule.LATE,
          line.client(),
          "%s came %d ms after it could have".formatted(message.key, line.time() - due),
          message.firstAckLine,
          line.number());
    }
  }

  // ---- at the end ----

  private Verdict finish() {
    channels.values().forEach(channel -> Ordering.check(channel, findings));
    messages.values().forEach(this::settle);
    if (ended) {
      clients.values().stream()
          .flatMap(client -> client.subscribers.values().stream())
          .filter(subscriber -> !subscriber.left)
          .forEach(this::complete);
      if (findings.counts().isEmpty() && (figures.acked == 0 || figures.received == 0)) {
        findings.add(
            Rule.UNPROVEN,
            "",
            "%d messages were acked, and %d received".formatted(figures.acked, figures.received));
      }
    }
    return new Verdict(findings.kept(), findings.counts(), figures, ended);
  }

  private void settle(Message message) {
    figures.messages++;
    if (message.isAcked()) {
      figures.acked++;
    } else if (message.isRefused()) {
      figures.refused++;
    } else {
      figures.unanswered++;
      if (message.marker && ended) {
        findings.add(
            Rule.NOT_SERVED,
            "",
            message.key + ", sent after healing, was not acked",
            message.firstSendLine);
      }
    }
    if (message.isRefused()
        && message.delivered != null
        && message.deliveredLine < message.refusedLine) {
      findings.add(
          Rule.REFUSED,
          "",
          message.key + " was delivered, and refused",
          message.deliveredLine,
          message.refusedLine);
    }
    Position delivered = message.delivered;
    Position ack = message.lowestAck;
    if (delivered != null && ack != null) {
      boolean possible =
          message.sends == 1 ? delivered.equals(ack) : delivered.offset() <= ack.offset();
      if (!possible) {
        findings.add(
            Rule.ACK,
            "",
            "%s, sent %d times, was acked at %s and delivered at %s"
                .formatted(message.key, message.sends, ack, delivered),
            message.firstAckLine,
            message.deliveredLine);
      }
    }
  }

  private void complete(Subscriber subscriber) {
    if (subscriber.start instanceof Subscriber.Start.None) {
      findings.add(
          Rule.NOT_SERVED, subscriber.client, "never subscribed to " + subscriber.channel.name);
      return;
    }
    if (!subscriber.subscribed && !subscriber.paged) {
      findings.add(
          Rule.NOT_SERVED,
          subscriber.client,
          "not subscribed to " + subscriber.channel.name + " at the end");
    }
    if (subscriber.owedLive) {
      findings.add(
          Rule.LIVE,
          subscriber.client,
          "no live to the end, on " + subscriber.channel.name,
          subscriber.owedSinceLine);
    }
    for (Message message : subscriber.channel.messages) {
      if (subscriber.isOwed(message) && !subscriber.received.get(message.index)) {
        findings.add(
            Rule.LOST,
            subscriber.client,
            "%s%s did not come"
                .formatted(
                    message.key,
                    message.isAcked()
                        ? ", acked at " + message.lowestAck
                        : ", delivered to others at " + message.delivered),
            message.isAcked() ? message.firstAckLine : message.deliveredLine);
      }
    }
  }
}
