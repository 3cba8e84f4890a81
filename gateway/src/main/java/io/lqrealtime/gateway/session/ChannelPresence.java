package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ServerFrames.Member;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.UserId;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A session's view of who is where. Never blocks; what it is told takes effect soon, not at once.
 */
public interface ChannelPresence {
  /** Who is in a channel; at most {@link #MAX_LISTED} are listed, the counts are whole. */
  record Snapshot(int connections, int users, List<Member> members) {
    public Snapshot {
      members = List.copyOf(members);
    }
  }

  int MAX_LISTED = 1000;

  void joined(TenantChannel channel, ConnectionId connection, UserId user, long sinceMillis);

  void left(TenantChannel channel, ConnectionId connection, UserId user);

  /**
   * Asks who is in a channel; the answer comes on whatever thread, empty if presence is
   * unavailable.
   */
  void snapshot(TenantChannel channel, Consumer<Optional<Snapshot>> answer);
}
