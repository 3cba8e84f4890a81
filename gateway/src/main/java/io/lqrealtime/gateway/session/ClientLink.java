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
   * is closing. For answers: while more waits than the bound allows, nothing is read from the
   * client that could ask for more.
   */
  void send(byte[] frame);

  /**
   * Queues a frame as {@link #send} does, if there is room for it.
   *
   * @return false if there is not; {@link Session#onRoom} is called when there is again
   */
  boolean offer(byte[] frame);

  /**
   * Bytes that may be queued for a client that catches up: less than {@link #offer} takes, so that
   * live frames find room. 0 or less if there is none; {@link Session#onRoom} is called when there
   * is again.
   */
  int room();

  /** The turn of the client's tenant at the I/O thread. */
  Turn turn();

  /** No subscription of the client's is behind any more. */
  void hasSeenAll();

  /**
   * Whether an answer of so many bytes may be queued. It may, whatever waits, unless the tenant's
   * clients have used up their share of the memory that there is for all.
   */
  boolean mayAnswer(int bytes);

  /**
   * Sets bytes aside for an answer that comes later: {@code most}, or fewer while what waits for
   * all clients has used up its budget. To be given back by {@link #release}, whatever happens.
   *
   * @return how many the answer may have
   */
  int reserve(int most);

  /** Gives back what was set aside. */
  void release(int reserved);

  /** Sends a close frame after what is queued, and ends the connection within a bounded time. */
  void close(CloseReason reason);

  /** Stops reading from the client; what has been read already is still handled. */
  void pauseReads();

  void resumeReads();
}
