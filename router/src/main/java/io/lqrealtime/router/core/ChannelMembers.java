package io.lqrealtime.router.core;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.UserId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who is in one channel. Mutable, and only {@link Members} does. */
final class ChannelMembers {
  private final ChannelName name;
  private final Map<ConnectionId, Member> members = new HashMap<>(4);

  /** Connections of each user, while there are too many to count when somebody asks. */
  private @Nullable Map<UserId, Integer> users;

  private long changedAt = -1;
  private boolean joined;

  ChannelMembers(ChannelName name) {
    this.name = name;
  }

  ChannelName name() {
    return name;
  }

  @Nullable Member get(ConnectionId connection) {
    return members.get(connection);
  }

  Collection<Member> all() {
    return members.values();
  }

  int size() {
    return members.size();
  }

  boolean isCrowd() {
    return members.size() > Members.CROWD;
  }

  /** Returns who was there by that connection. */
  @Nullable Member put(Member member) {
    Member before = members.put(member.connection(), member);
    if (before == null) {
      count(member.user(), 1);
      changed(member.confirmedAt(), true);
    }
    return before;
  }

  @Nullable Member remove(ConnectionId connection, long offset) {
    Member before = members.remove(connection);
    if (before != null) {
      count(before.user(), -1);
      changed(offset, false);
    }
    return before;
  }

  Crowd crowd() {
    return new Crowd(name, changedAt, joined, members.size(), users());
  }

  private int users() {
    if (users != null) {
      return users.size();
    }
    HashSet<UserId> distinct = new HashSet<>();
    for (Member member : members.values()) {
      distinct.add(member.user());
    }
    return distinct.size();
  }

  private void changed(long offset, boolean joins) {
    changedAt = offset;
    joined = joins;
  }

  private void count(UserId user, int change) {
    if (!isCrowd()) {
      users = null;
    } else if (users == null) {
      Map<UserId, Integer> all = new HashMap<>();
      for (Member member : members.values()) {
        all.merge(member.user(), 1, Integer::sum);
      }
      users = all;
    } else {
      users.merge(user, change, (present, by) -> present + by == 0 ? null : present + by);
    }
  }
}
