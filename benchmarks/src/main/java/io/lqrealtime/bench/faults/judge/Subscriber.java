package io.lqrealtime.bench.faults.judge;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** One client on one channel, over all its connections. */
final class Subscriber {

  /** From where on it is to get everything. */
  sealed interface Start {
    /** Nothing was answered yet. */
    record None() implements Start {}

    record After(Position position) implements Start {}

    record Everything() implements Start {}

    /** What was appended from this moment on, in epoch milliseconds. */
    record At(long time) implements Start {}
  }

  final String client;
  final ChannelHistory channel;
  final BitSet received = new BitSet();

  Start start = new Start.None();
  long startLine = Message.NONE;

  /** When it began; of one that reads a history after healing, when the last message came. */
  long startTime = Message.NONE;

  /** Whether, on the present connection, the subscription has been answered. */
  boolean subscribed;

  /** It reads pages of history instead, for which nobody has to be subscribed. */
  boolean paged;

  /** A {@code live} is due on the present connection. */
  boolean owedLive;

  long owedSinceLine = Message.NONE;

  /** What the last request asked to start from; empty for live. */
  String asked = "";

  @Nullable Position last;
  long lastLine = Message.NONE;

  /** The client has left for good: what came after it need not reach it. */
  boolean left;

  Subscriber(String client, ChannelHistory channel) {
    this.client = client;
    this.channel = channel;
  }

  void disconnected() {
    subscribed = false;
    owedLive = false;
  }

  /** Of one that has left: whether the message may have come after all that it was there for. */
  boolean mayHaveLeftBefore(Message message) {
    Position place = message.place();
    return place == null
        || last == null
        || !place.log().equals(last.log())
        || place.offset() > last.offset();
  }

  /**
   * Whether the message has to come; where its place is not known, only if that is beyond doubt.
   */
  boolean isOwed(Message message) {
    if (message.isRefused() || !(message.isAcked() || message.delivered != null)) {
      return false;
    }
    return switch (start) {
      case Start.None() -> false;
      case Start.Everything() -> true;
      case Start.At(long time) -> message.firstSendTime >= time;
      case Start.After(Position position) -> {
        // What was sent after the answer lies past it, whatever the service says of its place.
        if (startLine < message.firstSendLine) {
          yield true;
        }
        Position place = message.place();
        yield place != null
            && (!place.log().equals(position.log()) || place.offset() > position.offset());
      }
    };
  }
}
