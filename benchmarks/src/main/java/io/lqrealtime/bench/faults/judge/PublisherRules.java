package io.lqrealtime.bench.faults.judge;

/** Holds what publishers were told to the {@link Rule rules}. */
final class PublisherRules {
  private final CaseFile file;

  PublisherRules(CaseFile file) {
    this.file = file;
  }

  private Message.Key key(Line line) {
    CaseFile.Client client = file.client(line);
    return new Message.Key(client.tenant, line.get("channel"), client.user, line.get("id"));
  }

  void sent(Line line) {
    CaseFile.Client client = file.client(line);
    Message.Key key = key(line);
    Message known = file.messages.get(key);
    file.figures.sends++;
    if (known != null) {
      known.sentAgain(line, client.connection);
      return;
    }
    ChannelHistory channel = file.channel(client.tenant, line.get("channel"));
    Message message = new Message(key, channel.messages.size(), line, client.connection);
    channel.messages.add(message);
    file.messages.put(key, message);
    file.lastAcked.putIfAbsent(client.tenant, line.time());
    file.lastReceived.putIfAbsent(client.tenant, line.time());
  }

  void acked(Line line) {
    Message message = file.messages.get(key(line));
    if (message == null) {
      file.findings.add(
          Rule.ACK, line.client(), "an ack of %s, never sent".formatted(key(line)), line.number());
      return;
    }
    file.figures.longestAckGapMillis =
        Math.max(
            file.figures.longestAckGapMillis, file.gap(file.lastAcked, message.key.tenant(), line));
    if (++message.acks == 1) {
      message.firstAckLine = line.number();
      message.firstAckTime = line.time();
    }
    if (message.acks > message.sends) {
      file.findings.add(
          Rule.ACK,
          line.client(),
          "%d acks of %s, sent %d times".formatted(message.acks, message.key, message.sends),
          line.number());
    }
    if (message.isRefused()) {
      file.findings.add(
          Rule.REFUSED,
          line.client(),
          message.key + " was refused, and acked",
          message.refusedLine,
          line.number());
    }
    file.position(line)
        .ifPresent(
            position -> {
              if (message.lowestAck == null || position.offset() < message.lowestAck.offset()) {
                message.lowestAck = position;
              }
              file.sameLog(
                  file.channel(message.key.tenant(), message.key.channel()), position, line);
            });
  }

  /**
   * A publish was answered with an error.
   *
   * @param isFinal whether the message is then not to be delivered
   */
  void error(Line line, boolean isFinal) {
    Message message = file.messages.get(key(line));
    if (line.get("code").equals("unavailable")) {
      file.figures.unavailable++;
    }
    if (message != null && isFinal) {
      message.refusedLine = line.number();
      if (message.isAcked()) {
        file.findings.add(
            Rule.REFUSED,
            line.client(),
            "%s was acked, and refused with %s".formatted(message.key, line.get("code")),
            message.firstAckLine,
            line.number());
      }
    }
  }

  /** What can be said of a message once all has been read. */
  void settle(Message message) {
    file.figures.messages++;
    if (message.isAcked()) {
      file.figures.acked++;
    } else if (message.isRefused()) {
      file.figures.refused++;
    } else {
      file.figures.unanswered++;
      if (message.marker && file.ended) {
        file.findings.add(
            Rule.NOT_SERVED,
            "",
            message.key + ", sent after healing, was not acked",
            message.firstSendLine);
      }
    }
    if (message.isRefused()
        && message.delivered != null
        && message.deliveredLine < message.refusedLine) {
      file.findings.add(
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
        file.findings.add(
            Rule.ACK,
            "",
            "%s, sent %d times, was acked at %s and delivered at %s"
                .formatted(message.key, message.sends, ack, delivered),
            message.firstAckLine,
            message.deliveredLine);
      }
    }
  }
}
