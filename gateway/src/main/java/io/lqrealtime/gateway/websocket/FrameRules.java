package io.lqrealtime.gateway.websocket;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link FrameDecoder} goes by. One object serves all connections of an I/O thread that
 * agreed on the same, so that none of them pays for a field of its own.
 *
 * @param inflater for clients that negotiated permessage-deflate; without, a message that says that
 *     it is deflated breaks a rule. It makes the rules fit for one thread only
 */
public record FrameRules(FrameLimits limits, @Nullable MessageInflater inflater) {

  /** Of clients without permessage-deflate; for any thread. */
  public static FrameRules plain(FrameLimits limits) {
    return new FrameRules(limits, null);
  }
}
