package io.lqrealtime.bench.faults.judge;

import org.jspecify.annotations.Nullable;

/** What a history says of one message: everything under one id of one publisher on one channel. */
final class Message {
  static final long NONE = -1;

  /** What makes it one message: retries share it. */
  record Key(String tenant, String channel, String user, String id) {
    @Override
    public String toString() {
      return "%s of %s on %s/%s".formatted(id, user, tenant, channel);
    }
  }

  final Key key;

  /** Its place among the messages of its channel, in the order of their first sending. */
  final int index;

  final String digest;
  final boolean marker;
  final long firstSendLine;
  final long firstSendTime;

  int sends;

  /** The last sending that may have given it its place: once it has one, retries change nothing. */
  long lastSendLine;

  /** The connection of all sendings that may have given it its place; {@link #NONE} if several. */
  long connection;

  long firstAckLine = NONE;
  long firstAckTime = NONE;
  int acks;
  @Nullable Position lowestAck;

  long refusedLine = NONE;

  @Nullable Position delivered;
  long deliveredLine = NONE;

  Message(Key key, int index, Line sent, long connection) {
    this.key = key;
    this.index = index;
    this.digest = sent.get("digest");
    this.marker = sent.is("marker");
    this.firstSendLine = sent.number();
    this.firstSendTime = sent.time();
    this.lastSendLine = sent.number();
    this.connection = connection;
    this.sends = 1;
  }

  void sentAgain(Line line, long onConnection) {
    sends++;
    if (delivered != null) {
      return;
    }
    lastSendLine = line.number();
    if (onConnection != connection) {
      connection = NONE;
    }
  }

  boolean isAcked() {
    return acks > 0;
  }

  boolean isRefused() {
    return refusedLine != NONE;
  }

  /** Where it is in the log, as far as that can be told: the first of several copies counts. */
  @Nullable Position place() {
    return delivered != null ? delivered : sends == 1 ? lowestAck : null;
  }
}
