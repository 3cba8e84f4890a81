package io.lqrealtime.bench.faults.judge;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What has been read of a history, and what was found in it, for all who hold it to the rules. */
final class CaseFile {
  /** Who a client is, and on which of its connections. */
  static final class Client {
    String tenant = "";
    String user = "";
    long connection;
    final Map<String, Subscriber> subscribers = new HashMap<>();
  }

  final JudgeOptions options;
  final Findings findings = new Findings();
  final Figures figures = new Figures();
  final Map<Message.Key, Message> messages = new HashMap<>();
  final Map<ChannelHistory.Name, ChannelHistory> channels = new LinkedHashMap<>();
  final Map<String, Client> clients = new LinkedHashMap<>();
  long healed = Message.NONE;
  boolean ended;

  /** When somebody of a tenant was last acked, or received, something; at first when it sent. */
  final Map<String, Long> lastAcked = new HashMap<>();

  final Map<String, Long> lastReceived = new HashMap<>();

  CaseFile(JudgeOptions options) {
    this.options = options;
    this.ended = options.asIfEnded();
  }

  Client client(Line line) {
    return clients.computeIfAbsent(line.client(), _ -> new Client());
  }

  ChannelHistory channel(String tenant, String channel) {
    return channels.computeIfAbsent(new ChannelHistory.Name(tenant, channel), ChannelHistory::new);
  }

  Subscriber subscriber(Line line) {
    Client client = client(line);
    return client.subscribers.computeIfAbsent(
        line.get("channel"), name -> new Subscriber(line.client(), channel(client.tenant, name)));
  }

  Optional<Position> position(Line line) {
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

  void sameLog(ChannelHistory channel, Position position, Line line) {
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

  /** The time since the tenant's last such event; after healing nothing is expected any more. */
  long gap(Map<String, Long> lastOf, String tenant, Line line) {
    Long last = lastOf.put(tenant, line.time());
    return healed == Message.NONE && last != null ? line.time() - last : 0;
  }
}
