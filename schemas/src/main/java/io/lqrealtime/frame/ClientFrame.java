package io.lqrealtime.frame;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.Place;
import java.util.Optional;

/** A frame from a client, as {@link ClientFrameParser} read it. */
public sealed interface ClientFrame {
  /** Characters (Unicode code points) of an {@code id}, at the most. */
  int MAX_ID_LENGTH = 128;

  /**
   * Whether a text can be a message's or a frame's {@code id}: 1 to {@value #MAX_ID_LENGTH}
   * characters, each with a UTF-8 form (which half of a surrogate pair has not).
   */
  static boolean isValidId(String text) {
    int characters = 0;
    for (int i = 0; i < text.length(); characters++) {
      int c = text.codePointAt(i);
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        return false;
      }
      i += Character.charCount(c);
    }
    return characters >= 1 && characters <= MAX_ID_LENGTH;
  }

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

  /**
   * @param of who is in a channel, or whether a user is there
   */
  record Presence(Optional<String> id, Place of) implements ClientFrame {}

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
