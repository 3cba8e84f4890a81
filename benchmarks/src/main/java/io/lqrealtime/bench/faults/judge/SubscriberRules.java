package io.lqrealtime.bench.faults.judge;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Holds what subscribers got to the {@link Rule rules}. */
final class SubscriberRules {
  private final CaseFile file;

  SubscriberRules(CaseFile file) {
    this.file = file;
  }

  void subscribed(Line line) {
    Subscriber subscriber = file.subscriber(line);
    boolean answer = line.is("answer");
    boolean recovered = line.is("recovered");
    if (answer && !subscriber.asked.isEmpty()) {
      file.figures.resumes++;
    }
    subscriber.subscribed = true;
    subscriber.paged = line.is("paged");
    subscriber.owedLive = answer && recovered && !subscriber.asked.isEmpty();
    subscriber.owedSinceLine = line.number();
    Optional<Position> position = file.position(line);
    if (position.isEmpty()) {
      // Found already; what was asked for may still say from where it is to get everything.
      if (subscriber.asked.equals("earliest")
          && subscriber.start instanceof Subscriber.Start.None) {
        begin(subscriber, new Subscriber.Start.Everything(), line);
      }
      return;
    }
    file.sameLog(subscriber.channel, position.get(), line);
    if (!recovered) {
      file.figures.notRecovered++;
      if (!file.options.lossMayBeTold()) {
        file.findings.add(
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

  /** What was asked for counts, and not from where the service says that it begins. */
  private static Subscriber.Start startOf(String asked, Position position) {
    if (asked.equals("earliest")) {
      return new Subscriber.Start.Everything();
    }
    try {
      return asked.contains(":")
          ? new Subscriber.Start.At(Instant.parse(asked).toEpochMilli())
          : new Subscriber.Start.After(Position.parse(asked).orElse(position));
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

  void live(Line line) {
    Subscriber subscriber = file.subscriber(line);
    if (!subscriber.owedLive) {
      file.findings.add(
          Rule.LIVE,
          line.client(),
          "a live that is not due, on " + subscriber.channel.name,
          line.number());
    }
    subscriber.owedLive = false;
    Optional<Position> position = file.position(line);
    if (position.isPresent()) {
      Position last = subscriber.last;
      if (last != null && position.get().offset() < last.offset()) {
        file.findings.add(
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

  void received(Line line) {
    file.figures.received++;
    file.figures.longestDeliveryGapMillis =
        Math.max(
            file.figures.longestDeliveryGapMillis,
            file.gap(file.lastReceived, file.client(line).tenant, line));
    CaseFile.Client client = file.client(line);
    Subscriber subscriber = file.subscriber(line);
    if (!subscriber.subscribed && !subscriber.paged) {
      file.findings.add(
          Rule.CHANNEL,
          line.client(),
          "a message of %s, which is not subscribed".formatted(subscriber.channel.name),
          line.number());
    }
    Optional<Position> position = file.position(line);
    position.ifPresent(p -> rises(subscriber, p, line));
    Message message =
        file.messages.get(
            new Message.Key(client.tenant, line.get("channel"), line.get("from"), line.get("id")));
    if (message == null || !message.digest.equals(line.get("digest"))) {
      misfit(message, line, client.tenant);
      return;
    }
    if (subscriber.received.get(message.index)) {
      file.findings.add(
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
    return file.healed != Message.NONE && subscriber.startTime > file.healed;
  }

  private void rises(Subscriber subscriber, Position position, Line line) {
    file.sameLog(subscriber.channel, position, line);
    Position last = subscriber.last;
    if (last != null && position.offset() <= last.offset()) {
      file.findings.add(
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

  /** Names what is wrong with a message that is not what its sender sent under this id. */
  private void misfit(@Nullable Message sameKey, Line line, String tenant) {
    String digest = line.get("digest");
    Optional<Message> origin =
        file.messages.values().stream().filter(m -> m.digest.equals(digest)).findAny();
    String said =
        "%s of %s on %s/%s"
            .formatted(line.get("id"), line.get("from"), tenant, line.get("channel"));
    if (origin.isPresent() && !origin.get().key.tenant().equals(tenant)) {
      file.findings.add(
          Rule.TENANT,
          line.client(),
          said + " is " + origin.get().key,
          origin.get().firstSendLine,
          line.number());
    } else if (origin.isPresent() && !origin.get().key.channel().equals(line.get("channel"))) {
      file.findings.add(
          Rule.CHANNEL,
          line.client(),
          said + " is " + origin.get().key,
          origin.get().firstSendLine,
          line.number());
    } else if (sameKey != null || origin.isPresent()) {
      long sent = sameKey != null ? sameKey.firstSendLine : origin.orElseThrow().firstSendLine;
      file.findings.add(
          Rule.PAYLOAD, line.client(), said + " is not as it was sent", sent, line.number());
    } else {
      file.findings.add(Rule.UNKNOWN, line.client(), said + " was never sent", line.number());
    }
  }

  private void place(Message message, Position position, Line line) {
    Position before = message.delivered;
    if (before == null) {
      message.delivered = position;
      message.deliveredLine = line.number();
      if (message.isRefused()) {
        file.findings.add(
            Rule.REFUSED,
            line.client(),
            message.key + " was refused, and delivered",
            message.refusedLine,
            line.number());
      }
    } else if (!before.equals(position)) {
      file.findings.add(
          Rule.POSITION,
          line.client(),
          "%s at %s, elsewhere at %s".formatted(message.key, position, before),
          message.deliveredLine,
          line.number());
    }
  }

  private void inTime(Subscriber subscriber, Message message, Line line) {
    if (file.healed == Message.NONE || !message.isAcked()) {
      return;
    }
    long due = Math.max(file.healed, Math.max(message.firstAckTime, subscriber.startTime));
    if (message.firstAckTime <= file.healed && subscriber.startTime <= file.healed) {
      file.figures.slowestHealMillis =
          Math.max(file.figures.slowestHealMillis, line.time() - file.healed);
    }
    if (line.time() - due > file.options.patience().toMillis()) {
      file.findings.add(
          Rule.LATE,
          line.client(),
          "%s came %d ms after it could have".formatted(message.key, line.time() - due),
          message.firstAckLine,
          line.number());
    }
  }

  /** Whether it has been subscribed at all; what else is wrong with how it stands is found too. */
  private boolean isServed(Subscriber subscriber) {
    if (subscriber.start instanceof Subscriber.Start.None) {
      file.findings.add(
          Rule.NOT_SERVED, subscriber.client, "never subscribed to " + subscriber.channel.name);
      return false;
    }
    if (!subscriber.subscribed && !subscriber.paged) {
      file.findings.add(
          Rule.NOT_SERVED,
          subscriber.client,
          "not subscribed to " + subscriber.channel.name + " at the end");
    }
    if (subscriber.owedLive) {
      file.findings.add(
          Rule.LIVE,
          subscriber.client,
          "no live to the end, on " + subscriber.channel.name,
          subscriber.owedSinceLine);
    }
    return true;
  }

  /** What a subscriber is still owed once all has been read. */
  void complete(Subscriber subscriber) {
    if (!subscriber.left && !isServed(subscriber)) {
      return;
    }
    for (Message message : subscriber.channel.messages) {
      if (subscriber.isOwed(message)
          && !subscriber.received.get(message.index)
          && !(subscriber.left && subscriber.mayHaveLeftBefore(message))) {
        file.findings.add(
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
