package io.lqrealtime.presence;

import java.util.List;
import java.util.OptionalLong;

/**
 * Who is in a place.
 *
 * @param connections all that are there, listed or not
 * @param users the distinct users among them
 * @param members as many as were asked for, in no order
 * @param lastSeen in a user's place where nobody is: when its last connection went, in epoch
 *     milliseconds of the store's clock, if that is known still
 */
public record PresenceSnapshot(
    int connections, int users, List<Member> members, OptionalLong lastSeen) {
  public static final PresenceSnapshot EMPTY =
      new PresenceSnapshot(0, 0, List.of(), OptionalLong.empty());

  public PresenceSnapshot {
    members = List.copyOf(members);
  }
}
