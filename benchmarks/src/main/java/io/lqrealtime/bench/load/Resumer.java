package io.lqrealtime.bench.load;

import io.lqrealtime.bench.client.Connection;
import io.lqrealtime.bench.client.FrameFields;

/**
 * A connection with one subscription that goes away, and comes back from where it was: the first
 * time it is ready when it is subscribed, the second time when it has caught up and got all that it
 * had missed. The one does not say the other: of a channel whose stream is itself behind, the rest
 * comes live.
 *
 * <p>Messages carry {@code {"n":0}}, {@code {"n":1}}, … in the order in which they were published.
 * Its counts are the selector thread's; read them when that has ended.
 */
final class Resumer extends LoadClient {
  private static final int NUMBER_AT = "{\"n\":".length();

  private final String channel;
  private final long missed;
  private volatile boolean leaving;
  private volatile boolean returning;
  private String position = "";
  private long received;
  private long outOfOrder;
  private boolean live;

  /**
   * @param missed messages that it will have missed
   */
  Resumer(RunStats stats, String tenant, String channel, int number, long missed) {
    super(stats, tenant, "resumer-" + number);
    this.channel = channel;
    this.missed = missed;
  }

  /** From now on its connection may end: that is the run's own doing. */
  void leaves() {
    leaving = true;
  }

  /** From now on it comes back. */
  void returns() {
    leaving = false;
    returning = true;
  }

  @Override
  boolean expectsEnd() {
    return leaving;
  }

  @Override
  void welcomed(Connection from) {
    live = false;
    String since = returning ? "\",\"since\":\"" + position : "";
    from.sendText("{\"type\":\"subscribe\",\"id\":\"s\",\"channel\":\"" + channel + since + "\"}");
  }

  @Override
  void subscribed(FrameFields fields) {
    if (!returning) {
      position = fields.position();
      ready();
    } else if (fields.notRecovered()) {
      stats.toldOfLoss.increment();
      ready();
    }
  }

  @Override
  void live() {
    live = true;
    readyIfWhole();
  }

  private void readyIfWhole() {
    if (live && received >= missed) {
      ready();
    }
  }

  @Override
  void message(Scratch scratch, byte[] bytes, int end) {
    long number = 0;
    int at = scratch.fields.payloadStart() + NUMBER_AT;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      number = number * 10 + bytes[at] - '0';
      at++;
    }
    if (number != received) {
      outOfOrder++;
    }
    position = scratch.fields.position();
    received++;
    stats.delivered.increment();
    readyIfWhole();
  }

  long received() {
    return received;
  }

  /** Messages that were not the next one. */
  long outOfOrder() {
    return outOfOrder;
  }
}
