package io.lqrealtime.gateway.transport;

import io.lqrealtime.gateway.websocket.FrameRules;

/**
 * What all WebSocket connections of a gateway share.
 *
 * @param rules by which a client is read from that negotiated no extension
 * @param maxOutboundBytes that wait for one client's socket before it counts as behind
 * @param maxLagSeconds how long a socket may have more waiting for it than it takes
 * @param heartbeatSeconds between pings; a client of which nothing comes from one to the next is
 *     gone
 * @param maxControlFramesPerSecond pings and pongs of a client; it is closed with 1008 past that
 */
public record ConnectionSettings(
    FrameRules rules,
    int maxOutboundBytes,
    int maxLagSeconds,
    int heartbeatSeconds,
    int maxControlFramesPerSecond) {
  public ConnectionSettings {
    if (maxOutboundBytes < 1024
        || maxLagSeconds < 1
        || heartbeatSeconds < 1
        || maxControlFramesPerSecond < 1) {
      throw new IllegalArgumentException(
          "an outbound bound is 1024 bytes or more, all else of a connection 1 or more");
    }
  }
}
