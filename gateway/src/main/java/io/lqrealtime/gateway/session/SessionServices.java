package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.gateway.security.TokenVerifier;
import java.time.Clock;

/** What all sessions of a gateway share. */
public record SessionServices(
    Publisher publisher,
    ChannelPresence presence,
    History history,
    LogPositions positions,
    TokenVerifier tokens,
    SessionLimits limits,
    SessionMetrics metrics,
    Clock clock) {

  /** What a session counts. */
  public interface SessionMetrics {
    void frameReceived();

    void error(ErrorCode code);

    void acked(long nanos);
  }
}
