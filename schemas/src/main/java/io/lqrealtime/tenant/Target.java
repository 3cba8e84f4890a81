package io.lqrealtime.tenant;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.UserId;

/** Whom of a tenant an order is about. */
public sealed interface Target {
  /** Everybody. */
  record Everyone() implements Target {}

  record User(UserId user) implements Target {}

  record Connection(ConnectionId connection) implements Target {}

  /** Whether this connection of this user is meant. */
  default boolean includes(UserId user, ConnectionId connection) {
    return switch (this) {
      case Everyone _ -> true;
      case User(UserId only) -> only.equals(user);
      case Connection(ConnectionId only) -> only.equals(connection);
    };
  }
}
