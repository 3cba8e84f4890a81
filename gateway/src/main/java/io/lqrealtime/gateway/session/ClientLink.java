package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.CloseReason;

/**
 * A session's way to its client: what the transport does for it. Confined to the connection's I/O
 * thread.
 */
public interface ClientLink {
  /**
   * Queues an encoded WebSocket frame, which may be shared with other connections and is not
   * changed. It goes out at the end of the I/O thread's current task. Ignored once the connection
   * is closing.
   */
  void send(byte[] frame);

  /** Sends a close frame after what is queued, and ends the connection within a bounded time. */
  void close(CloseReason reason);

  /** Stops reading from the client; what has been read already is still handled. */
  void pauseReads();

  void resumeReads();
}
