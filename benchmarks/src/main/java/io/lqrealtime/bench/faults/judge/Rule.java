package io.lqrealtime.bench.faults.judge;

/** What a history is held to. */
public enum Rule {
  /** Acked, or delivered to another, and not come to a subscription that was to get it. */
  LOST,
  /**
   * Come later than the patience after healing allows; to who begins to read only then, later than
   * that after the message before it.
   */
  LATE,
  /** The same message twice on a subscription. */
  DOUBLED,
  /** Positions of a subscription do not rise, or the one channel is in two logs. */
  POSITION,
  /** A publisher's messages on a channel are delivered in another order than it sent them. */
  ORDER,
  /** A message of another tenant. */
  TENANT,
  /** A message of a channel that was not subscribed at that moment. */
  CHANNEL,
  /** A payload, or a sender, that is not as sent. */
  PAYLOAD,
  /** A message that nobody sent. */
  UNKNOWN,
  /** Delivered, or acked, though it was refused. */
  REFUSED,
  /** An ack of what was not sent, or at a position that the message can't have. */
  ACK,
  /** Loss was told where nothing was old enough to be lost. */
  NOT_RECOVERED,
  /**
   * A {@code live} that nothing asked for, a second one, or none on the last connection. Of a
   * connection that ended before its {@code live} nothing is said, nor of what may come after one:
   * a gateway or router that lags delivers the rest live.
   */
  LIVE,
  /** Not served after healing: a message without an ack, a request refused for good. */
  NOT_SERVED,
  /** A connection that ended in a way that a well-behaved client never brings about. */
  CLOSED,
  /** A history to its end in which nothing is wrong, because nobody was acked or got anything. */
  UNPROVEN,
  /** A history, or a part of the protocol in it, that can't be read. */
  MALFORMED
}
