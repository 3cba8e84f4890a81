package io.lqrealtime.presence;

import java.util.List;

/**
 * Who is in a channel.
 *
 * @param connections all that are there, listed or not
 * @param users the distinct users among them
 * @param members as many as were asked for, in no order
 */
public record PresenceSnapshot(int connections, int users, List<Member> members) {
  public static final PresenceSnapshot EMPTY = new PresenceSnapshot(0, 0, List.of());

  public PresenceSnapshot {
    members = List.copyOf(members);
  }
}
