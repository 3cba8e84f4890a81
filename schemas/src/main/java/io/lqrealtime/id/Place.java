package io.lqrealtime.id;

/**
 * Where a connection can be in its tenant: in a {@link Channel} that it is subscribed to, and with
 * its {@link UserId user}, for as long as it is open.
 */
public sealed interface Place permits Channel, UserId {
  /** What the name of a user's place begins with; no channel's does. */
  char USER_MARK = '!';

  /** A name that no other place of the tenant has. */
  default String placeName() {
    return switch (this) {
      case Channel channel -> channel.value();
      case UserId user -> USER_MARK + user.value();
    };
  }

  /**
   * @throws IllegalArgumentException if no place is called so
   */
  static Place ofName(String name) {
    return name.indexOf(USER_MARK) == 0 ? new UserId(name.substring(1)) : new Channel(name);
  }
}
