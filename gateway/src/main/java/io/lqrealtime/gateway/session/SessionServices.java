package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.security.TokenChecks;
import java.time.Clock;
import java.util.function.LongSupplier;

/**
 * What all sessions of a gateway share.
 *
 * @param nanos a clock that only rises
 */
public record SessionServices(
    Publisher publisher,
    ChannelPresence presence,
    History history,
    LogPositions positions,
    TokenChecks tokens,
    SessionLimits limits,
    SessionMetrics metrics,
    Clock clock,
    LongSupplier nanos) {

  /** What a session counts. */
  public interface SessionMetrics {
    void frameReceived();

    void error(ErrorCode code);

    void acked(long nanos);

    /** Something of a client's was turned away because of a limit. */
    void limited(Limit limit);
  }
}
