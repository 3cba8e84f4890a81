package io.lqrealtime.gateway.session;

import io.lqrealtime.frame.ServerFrames.Member;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * A session's view of who is where. Never blocks; what it is told takes effect soon, not at once.
 */
public interface ChannelPresence {
  /**
   * Who is in a place; at most {@link #MAX_LISTED} are listed, the counts are whole.
   *
   * @param lastSeen of a user that is not there: when it was last, in epoch milliseconds, if known
   */
  record Snapshot(int connections, int users, List<Member> members, OptionalLong lastSeen) {
    public Snapshot {
      members = List.copyOf(members);
    }
  }

  int MAX_LISTED = 1000;

  /** A connection that is open. */
  record Connected(TenantId tenant, ConnectionId connection, UserId user, long sinceMillis) {}

  void connected(Connected who);

  void disconnected(Connected who);

  void joined(TenantChannel channel, ConnectionId connection, UserId user, long sinceMillis);

  void left(TenantChannel channel, ConnectionId connection, UserId user);

  /**
   * Asks who is in a channel, or which connections a user has; the answer comes on whatever thread,
   * empty if presence is unavailable.
   */
  void snapshot(TenantId tenant, Place place, Consumer<Optional<Snapshot>> answer);
}
