package io.lqrealtime.presence;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.UserId;

/**
 * What happens to one connection in one place of its tenant: it joins a channel or leaves it; or it
 * is opened and closed, which joins and leaves the place of its user. Each is absolute, not a
 * difference: to apply it twice is to apply it once.
 */
public sealed interface PresenceChange {
  Place place();

  ConnectionId connection();

  /**
   * The connection is in the place.
   *
   * @param since epoch milliseconds
   */
  record Joined(Place place, ConnectionId connection, UserId user, long since)
      implements PresenceChange {}

  /** The connection is not in the place, if it was this owner that put it there. */
  record Left(Place place, ConnectionId connection) implements PresenceChange {}
}
