package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.id.Channel;
import io.lqrealtime.record.MemberEvent;

/** What lies in a channel's companion, as clients get it. */
public final class MemberFrames {
  private MemberFrames() {}

  /** The {@code join} or {@code leave} of the companion's channel. */
  public static byte[] json(Channel companion, String position, MemberEvent event) {
    Channel channel = companion.audience();
    return event.joins()
        ? ServerFrames.join(channel, position, event.user(), event.connection())
        : ServerFrames.leave(channel, position, event.user(), event.connection());
  }
}
