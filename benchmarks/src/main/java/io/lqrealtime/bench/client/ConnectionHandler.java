package io.lqrealtime.bench.client;

/**
 * What becomes of one connection. Every method is called on the connection's selector thread, never
 * two at once, and must not block: it holds up every other connection of that thread. One handler
 * may serve many connections of one thread.
 *
 * <p>The order is {@link #opened}, then any number of {@link #text}, {@link #pong} and {@link
 * #readComplete}, then {@link #ended}, which comes exactly once for each connection, also for one
 * that was never opened. A handler that throws has its connection dropped; the others go on.
 */
public interface ConnectionHandler {

  /** The server accepted the upgrade. */
  default void opened(Connection connection, HandshakeResponse response) {}

  /**
   * A whole text message. The bytes are those of a buffer that the next read overwrites: copy what
   * has to stay. They are not checked to be valid UTF-8.
   */
  void text(Connection connection, byte[] bytes, int offset, int length);

  /** The server answered a ping that was sent with {@link OutgoingFrames#ping}. */
  default void pong(Connection connection, byte[] bytes, int offset, int length) {}

  /**
   * All messages that one read of the socket brought have been handed over: a place to answer them
   * in one write.
   */
  default void readComplete(Connection connection) {}

  default void ended(Connection connection, Ending ending) {}
}
