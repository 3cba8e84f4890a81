package io.lqrealtime.frame;

import io.lqrealtime.id.Channel;
import java.util.Optional;

/** A frame from a client, as {@link ClientFrameParser} read it. */
public sealed interface ClientFrame {
  int MAX_ID_LENGTH = 128;

  /** What every frame may carry and gets back in its answer. */
  Optional<String> id();

  record Ping(Optional<String> id, Optional<byte[]> payload) implements ClientFrame {}

  record Subscribe(Optional<String> id, Channel channel, Optional<Since> since, boolean presence)
      implements ClientFrame {}

  record Unsubscribe(Optional<String> id, Channel channel) implements ClientFrame {}

  /**
   * @param payload the JSON text byte for byte as it stood in the frame; the frame's own copy
   */
  record Publish(Optional<String> id, Channel channel, byte[] payload) implements ClientFrame {}

  record Presence(Optional<String> id, Channel channel) implements ClientFrame {}

  record History(Optional<String> id, Channel channel, Optional<Since> since, int limit)
      implements ClientFrame {
    public static final int MAX_LIMIT = 1000;
    public static final int DEFAULT_LIMIT = 100;
  }

  record Refresh(Optional<String> id, String token) implements ClientFrame {}

  /** A frame that can't be obeyed, with what is known of it for the {@code error} that answers. */
  record Rejected(Optional<String> id, Optional<String> channel, ErrorCode code, String message)
      implements ClientFrame {}
}
