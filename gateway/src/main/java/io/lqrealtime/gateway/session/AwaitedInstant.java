package io.lqrealtime.gateway.session;

/**
 * The instant that a subscription is to start at, and what the live stream has shown of it while
 * the log is being asked whether anything has been appended since. Confined to its I/O thread.
 *
 * <p>Neither the stream nor the log alone can say: the log's answer is of a moment ago, and the
 * stream has gaps. Together they can: what the log did not hold yet when it was asked comes in the
 * stream afterwards, or with a gap, after which the log is asked again.
 */
final class AwaitedInstant {
  static final long NOTHING = -1;

  final History.From.At from;
  private final long epochMillis;
  private long first = NOTHING;
  private boolean missed;

  AwaitedInstant(History.From.At from) {
    this.from = from;
    this.epochMillis = from.epochMillis();
  }

  /** The log is asked now: what the stream shows from here on counts. */
  void ask() {
    first = NOTHING;
    missed = false;
  }

  /** Whether a message that was appended then is not before the instant. */
  boolean hasCome(long appendedAt) {
    return appendedAt >= epochMillis;
  }

  void sees(long offset, long appendedAt) {
    if (first == NOTHING && hasCome(appendedAt)) {
      first = offset;
    }
  }

  /** The stream has a gap. */
  void misses() {
    missed = true;
  }

  boolean hasMissed() {
    return missed;
  }

  /** The first message of the channel since the instant that the stream has shown, or none. */
  long first() {
    return first;
  }
}
