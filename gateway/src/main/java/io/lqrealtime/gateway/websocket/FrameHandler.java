package io.lqrealtime.gateway.websocket;

/**
 * What a {@link FrameDecoder} found in a peer's bytes, in their order. Called on the thread that
 * decodes.
 *
 * <p>A slice is the handler's during the call only: the array is the transport's read buffer or the
 * decoder's own, and is written again afterwards. The handler may call {@link FrameDecoder#stop()};
 * it must neither call {@link FrameDecoder#decode} nor fill the read buffer again.
 */
public interface FrameHandler {

  /**
   * A whole message: well-formed UTF-8, not longer than {@link FrameLimits#maxMessageBytes}, maybe
   * empty.
   *
   * @param received the bytes of payload that it came in: as many, unless it was deflated
   */
  void onText(byte[] buffer, int offset, int length, int received);

  /**
   * A Ping with 0 to 125 bytes, to be answered with a Pong of the same bytes (RFC 6455 section
   * 5.5.3).
   */
  void onPing(byte[] buffer, int offset, int length);

  /** A Pong with 0 to 125 bytes, asked for or not. */
  void onPong(byte[] buffer, int offset, int length);

  /**
   * The peer closes; nothing else follows.
   *
   * @param code {@link CloseCode#NO_STATUS} if the frame had none, else one that is allowed on the
   *     wire
   * @param reason empty if there was none
   */
  void onClose(int code, String reason);

  /**
   * The peer broke a rule and the connection must be failed (RFC 6455 section 7.1.7); nothing else
   * follows.
   */
  void onViolation(Violation violation);
}
