package io.lqrealtime.router.core;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ChannelFingerprint;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.MemberEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What follows from a join or leave record for who is in a channel, and who is told: those that
 * have the channel's {@linkplain Channel#members companion}, as if it were a message there, listed
 * in the index likewise. Somebody who is there already is not told to join again, nor to leave who
 * is not; but where a gateway joins its members anew under another generation, since its former one
 * may have counted as dead, they are told to join. In a {@linkplain Members#CROWD crowd} nobody is
 * told one by one.
 *
 * <p>A record that is read again is told again, for what it had led to may be lost; its offset lets
 * who has had it know.
 */
final class MemberRouting {
  private final Directory directory;
  private final FanOut fanOut;

  /** What to do, to which the caller adds what follows for the gateway. */
  record News(List<Effect> effects, List<Change> moves, List<Change> listings) {
    static final News NONE = new News(List.of(), List.of(), List.of());
  }

  MemberRouting(Directory directory, FanOut fanOut) {
    this.directory = directory;
    this.fanOut = fanOut;
  }

  /** A join that is to be applied. */
  News joined(ControlRecord.Join join, InboundRecord record) {
    ChannelName channel = new ChannelName(join.tenant(), join.channel());
    Optional<Member> present = directory.members().find(channel, join.connection());
    Member member =
        new Member(
            channel,
            join.connection(),
            join.user(),
            join.origin().gateway(),
            join.origin().generation(),
            record.offset());
    List<Change> moves = List.of(new Change.PutMember(member));
    // One that was put at this offset was put when the record was read first, and that went wrong.
    boolean isNew =
        present.isEmpty()
            || present.get().confirmedAt() == record.offset()
            || (!join.again() && present.get().generation() < join.origin().generation());
    int size = directory.members().size(channel) + (present.isEmpty() ? 1 : 0);
    return isNew && size <= Members.CROWD
        ? told(channel, MemberEvent.of(join), record, moves)
        : new News(List.of(), moves, List.of());
  }

  /** A leave that is to be applied. */
  News left(ControlRecord.Leave leave, InboundRecord record) {
    ChannelName channel = new ChannelName(leave.tenant(), leave.channel());
    Optional<Member> present = directory.members().find(channel, leave.connection());
    if (present.isEmpty()) {
      return News.NONE;
    }
    List<Change> moves =
        List.of(new Change.RemoveMember(channel, leave.connection(), record.offset()));
    return directory.members().size(channel) <= Members.CROWD
        ? told(channel, MemberEvent.of(leave), record, moves)
        : new News(List.of(), moves, List.of());
  }

  /** Whether a leave that a router has written holds: nobody has told otherwise since. */
  boolean holds(ControlRecord.Leave leave) {
    return directory
        .members()
        .find(new ChannelName(leave.tenant(), leave.channel()), leave.connection())
        .filter(member -> member.gateway().equals(leave.origin().gateway()))
        .filter(member -> leave.confirmed().orElse(-1) == member.confirmedAt())
        .isPresent();
  }

  /** A join or leave that was applied before. */
  News again(TenantId tenant, Channel channel, MemberEvent event, InboundRecord record) {
    ChannelName name = new ChannelName(tenant, channel);
    return directory.members().size(name) <= Members.CROWD
        ? told(name, event, record, List.of())
        : News.NONE;
  }

  private News told(
      ChannelName channel, MemberEvent event, InboundRecord record, List<Change> moves) {
    ChannelName companion = new ChannelName(channel.tenant(), channel.channel().members());
    // Also where nobody has the companion: who is about to have it reads from where it began.
    List<Effect> effects = new ArrayList<>();
    List<Change> listings = new ArrayList<>();
    listings.add(
        new Change.Listed(
            record.offset(), ChannelFingerprint.of(companion.tenant(), companion.channel())));
    fanOut.route(
        new FanOut.Item(
            companion,
            record.offset(),
            record.time(),
            Optional.empty(),
            Optional.empty(),
            event.encode()),
        effects,
        listings);
    return new News(effects, moves, listings);
  }
}
