package io.lqrealtime.gateway.websocket;

/**
 * What a {@link FrameDecoder} holds for one peer at most (RFC 6455 section 10.4).
 *
 * @param maxMessageBytes the longest message, whole or as the sum of its fragments; 1 to {@value
 *     #HIGHEST_MAX_MESSAGE_BYTES}. A longer one is refused with 1009 as soon as a header announces
 *     it. It also bounds the decoder's buffer, which grows with what has arrived, not with what was
 *     announced.
 * @param maxFragmentsPerMessage the most frames of one message, from 1; one more is refused with
 *     1008. Frames may be empty: without this bound a message could go on for ever below any number
 *     of bytes.
 */
public record FrameLimits(int maxMessageBytes, int maxFragmentsPerMessage) {

  /** Used where nothing else is configured. */
  public static final int DEFAULT_MAX_MESSAGE_BYTES = 64 * 1024;

  /** Used where nothing else is configured. */
  public static final int DEFAULT_MAX_FRAGMENTS_PER_MESSAGE = 1024;

  /** Keeps every sum of lengths within an int. */
  public static final int HIGHEST_MAX_MESSAGE_BYTES = 1 << 30;

  private static final FrameLimits DEFAULTS =
      new FrameLimits(DEFAULT_MAX_MESSAGE_BYTES, DEFAULT_MAX_FRAGMENTS_PER_MESSAGE);

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public FrameLimits {
    if (maxMessageBytes < 1 || maxMessageBytes > HIGHEST_MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException(
          "maxMessageBytes must be from 1 to "
              + HIGHEST_MAX_MESSAGE_BYTES
              + ", and is "
              + maxMessageBytes);
    }
    if (maxFragmentsPerMessage < 1) {
      throw new IllegalArgumentException(
          "maxFragmentsPerMessage must be at least 1, and is " + maxFragmentsPerMessage);
    }
  }

  public static FrameLimits defaults() {
    return DEFAULTS;
  }

  public FrameLimits withMaxMessageBytes(int bytes) {
    return new FrameLimits(bytes, maxFragmentsPerMessage);
  }

  public FrameLimits withMaxFragmentsPerMessage(int fragments) {
    return new FrameLimits(maxMessageBytes, fragments);
  }
}
