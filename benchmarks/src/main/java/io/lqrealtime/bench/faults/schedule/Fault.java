package io.lqrealtime.bench.faults.schedule;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What can go wrong. Of most there are two possible targets. */
public enum Fault {
  KILL_GATEWAY(Part.GATEWAY, 1, 8),
  KILL_ROUTER(Part.ROUTER, 1, 8),
  KILL_BROKER(Part.BROKER, 1, 6),
  /** It comes back empty. */
  KILL_REDIS(Part.REDIS, 1, 12),
  PAUSE_GATEWAY(Part.GATEWAY, 2, 20),
  PAUSE_ROUTER(Part.ROUTER, 2, 20),
  PAUSE_BROKER(Part.BROKER, 1, 10),
  PAUSE_REDIS(Part.REDIS, 1, 20),
  FLUSH_REDIS(Part.REDIS, 0, 0),
  /** In order, with SIGTERM. */
  RESTART_BROKER(Part.BROKER, 0, 3),
  DELETE_GATEWAY_TOPIC(Part.GATEWAY, 0, 0),
  /** SIGTERM: it drains. */
  STOP_GATEWAY(Part.GATEWAY, 0, 4),
  STOP_ROUTER(Part.ROUTER, 0, 4),
  /** A client stops reading, while large messages come for it. */
  SLOW_READER(Part.CLIENTS, 8, 20),
  /** Connections whose other side is gone without a word. */
  HALF_OPEN(Part.NETWORK, 5, 20),
  /** A second process under the gateway's id. */
  TWIN_GATEWAY(Part.GATEWAY, 2, 8),
  /** Every gateway and router in turn, in order. */
  ROLLING_RESTART(Part.ALL, 0, 0),
  /** The same, and what is started again writes the other version of the formats. */
  ROLLING_UPGRADE(Part.ALL, 0, 0);

  /** What a fault is done to; two of one part are not done at once. */
  enum Part {
    GATEWAY,
    ROUTER,
    BROKER,
    REDIS,
    CLIENTS,
    NETWORK,
    ALL
  }

  final Part part;
  final int leastSeconds;
  final int mostSeconds;

  Fault(Part part, int leastSeconds, int mostSeconds) {
    this.part = part;
    this.leastSeconds = leastSeconds;
    this.mostSeconds = mostSeconds;
  }

  /** As people write it: {@code kill-gateway}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public static Optional<Fault> parse(String text) {
    return Arrays.stream(values()).filter(fault -> fault.text().equals(text)).findFirst();
  }

  @Override
  public String toString() {
    return text();
  }
}
