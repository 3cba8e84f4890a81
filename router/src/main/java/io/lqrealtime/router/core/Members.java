package io.lqrealtime.router.core;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * Who is in the channels of one partition, as the gateways' join and leave records say.
 *
 * <p>Memory: an object for each connection and channel it is in, with the names of the user and the
 * connection; those of channels and gateways are shared. Part of the {@link Directory}: it moves by
 * {@link Change}s alone. Not safe for several threads.
 */
final class Members {
  /** In a channel of more members nobody is told who comes and goes, but how many there are. */
  static final int CROWD = 200;

  private final Map<ChannelName, ChannelMembers> channels = new HashMap<>();
  private final Map<GatewayId, Tally> byGateway = new HashMap<>();
  private final Set<ChannelName> crowds = new HashSet<>();
  private final Set<ChannelName> changedCrowds = new LinkedHashSet<>();
  private int size;

  private static final class Tally {
    final GatewayId gateway;
    int members;
    long confirmedAt = -1;

    Tally(GatewayId gateway) {
      this.gateway = gateway;
    }
  }

  Optional<Member> find(ChannelName channel, ConnectionId connection) {
    ChannelMembers members = channels.get(channel);
    return members == null ? Optional.empty() : Optional.ofNullable(members.get(connection));
  }

  int size(ChannelName channel) {
    ChannelMembers members = channels.get(channel);
    return members == null ? 0 : members.size();
  }

  int size() {
    return size;
  }

  int of(GatewayId gateway) {
    Tally tally = byGateway.get(gateway);
    return tally == null ? 0 : tally.members;
  }

  /** The offset at which the gateway last named somebody again, or -1. Not part of the state. */
  long confirmedAt(GatewayId gateway) {
    Tally tally = byGateway.get(gateway);
    return tally == null ? -1 : tally.confirmedAt;
  }

  /** Those of the gateway that were last confirmed before the offset. */
  Queue<Member> unconfirmed(GatewayId gateway, long before) {
    Queue<Member> found = new ArrayDeque<>();
    for (ChannelMembers members : channels.values()) {
      for (Member member : members.all()) {
        if (member.confirmedAt() < before && member.gateway().equals(gateway)) {
          found.add(member);
        }
      }
    }
    return found;
  }

  /** The crowds that have changed since this was last called. */
  List<Crowd> changedCrowds() {
    List<Crowd> changed = crowds(changedCrowds);
    changedCrowds.clear();
    return changed;
  }

  List<Crowd> crowds() {
    return crowds(crowds);
  }

  private List<Crowd> crowds(Set<ChannelName> names) {
    List<Crowd> found = new ArrayList<>(names.size());
    for (ChannelName name : names) {
      ChannelMembers members = channels.get(name);
      if (members != null) {
        found.add(members.crowd());
      }
    }
    return found;
  }

  void put(Member member) {
    ChannelMembers members = channels.computeIfAbsent(member.channel(), ChannelMembers::new);
    Tally tally = byGateway.computeIfAbsent(member.gateway(), Tally::new);
    Member before = members.put(member.with(members.name(), tally.gateway));
    tally.members++;
    size++;
    if (before != null) {
      tally.confirmedAt = member.confirmedAt();
      discount(before.gateway());
    }
    noteCrowd(member.channel(), members.isCrowd());
  }

  void remove(ChannelName channel, ConnectionId connection, long offset) {
    ChannelMembers members = channels.get(channel);
    if (members == null) {
      return;
    }
    boolean crowd = members.isCrowd();
    Member before = members.remove(connection, offset);
    if (before != null) {
      discount(before.gateway());
      noteCrowd(channel, crowd);
      if (!members.isCrowd()) {
        crowds.remove(channel);
      }
      if (members.size() == 0) {
        channels.remove(channel);
      }
    }
  }

  private void noteCrowd(ChannelName channel, boolean crowd) {
    if (crowd) {
      crowds.add(channel);
      changedCrowds.add(channel);
    }
  }

  private void discount(GatewayId gateway) {
    size--;
    Tally tally = byGateway.get(gateway);
    if (tally != null && --tally.members == 0) {
      byGateway.remove(gateway);
    }
  }
}
