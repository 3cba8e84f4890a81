package io.lqrealtime.bench.faults.judge;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The order of each publisher's messages on a channel.
 *
 * <p>One message has to come before another if its ack came before the other was first sent, or if
 * both were only ever sent on one connection, the one for the last time before the other for the
 * first time. What else retries do to an order is the publisher's own doing; what is sent again
 * after somebody has received it does nothing. Since the positions of every subscription rise, the
 * order of the messages' positions is the order of all deliveries.
 *
 * <p>Goes from the last position to the first and remembers what the later ones have in common, so
 * that its time is linear: for any message, the earliest ack and the earliest last sending among
 * those that come after it.
 */
final class Ordering {
  private record Placed(Message message, Position position) {}

  private static final class Later {
    @Nullable Message firstAcked;
    final Map<Long, Message> firstSentByConnection = new HashMap<>();
  }

  private Ordering() {}

  static void check(ChannelHistory channel, Findings findings) {
    List<Placed> placed = new ArrayList<>();
    for (Message message : channel.messages) {
      Position position = message.delivered;
      if (position != null) {
        placed.add(new Placed(message, position));
      }
    }
    placed.sort(Comparator.comparingLong((Placed p) -> p.position.offset()).reversed());
    Map<String, Later> byUser = new HashMap<>();
    long above = Long.MAX_VALUE;
    for (Placed one : placed) {
      Message message = one.message;
      if (one.position.offset() == above) {
        findings.add(
            Rule.POSITION,
            "",
            "two messages at " + one.position + ", one of them " + message.key,
            message.deliveredLine);
      }
      above = one.position.offset();
      Later later = byUser.computeIfAbsent(message.key.user(), _ -> new Later());
      hold(message, later.firstAcked, true, findings);
      hold(message, later.firstSentByConnection.get(message.connection), false, findings);
      remember(message, later);
    }
  }

  private static void hold(
      Message message, @Nullable Message after, boolean acked, Findings findings) {
    if (after == null) {
      return;
    }
    long before = acked ? after.firstAckLine : after.lastSendLine;
    if (before < message.firstSendLine) {
      findings.add(
          Rule.ORDER,
          "",
          "%s at %s was %s before %s, which is at %s"
              .formatted(
                  after.key,
                  after.delivered,
                  acked ? "acked" : "sent on the same connection",
                  message.key,
                  message.delivered),
          before,
          message.firstSendLine);
    }
  }

  private static void remember(Message message, Later later) {
    if (message.isAcked()
        && (later.firstAcked == null || message.firstAckLine < later.firstAcked.firstAckLine)) {
      later.firstAcked = message;
    }
    if (message.connection != Message.NONE) {
      later.firstSentByConnection.merge(
          message.connection, message, (a, b) -> a.lastSendLine <= b.lastSendLine ? a : b);
    }
  }
}
