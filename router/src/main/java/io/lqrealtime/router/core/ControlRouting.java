package io.lqrealtime.router.core;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ChannelDigest;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.MemberEvent;
import io.lqrealtime.router.core.Decision.ControlOutcome;
import io.lqrealtime.router.core.Decision.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Decides on control records: what opens and closes a gateway's entries, and what it is told.
 *
 * <p>A gateway's generation rises with each start, and orders everything: records of an older one
 * are ignored, any record of a newer one begins it (an {@code up} that was lost is no harm). Within
 * a generation the sequence orders. A generation that was declared down is not heard any more; the
 * answer is the {@code Down}, so that its gateway takes a new one. A record at or below the offset
 * of the last one applied is being read again: it changes nothing, and is answered from the state.
 *
 * <p>Entries are put before the gateway's own state, and both into one store: a crash between them
 * leaves a record that counts as not applied, and applying it again puts the same entries.
 */
final class ControlRouting {
  private final int partition;
  private final Directory directory;
  private final MemberRouting members;

  ControlRouting(int partition, Directory directory, MemberRouting members) {
    this.partition = partition;
    this.directory = directory;
    this.members = members;
  }

  private enum Standing {
    NEW_GENERATION,
    FRESH,
    REPLAYED,
    STALE,
    OLD_GENERATION,
    GENERATION_DOWN
  }

  Decision decide(InboundRecord record, Reading.Control control) {
    String type = control.type();
    long offset = record.offset();
    return switch (control.record()) {
      case ControlRecord.GatewayUp up -> up(type, up, offset);
      case ControlRecord.GatewayDown down -> down(type, down, offset, record.time());
      case ControlRecord.Subscribe subscribe -> subscribe(type, subscribe, offset);
      case ControlRecord.Unsubscribe unsubscribe -> unsubscribe(type, unsubscribe, offset);
      case ControlRecord.Roster roster -> roster(type, roster, offset);
      case ControlRecord.Join join -> join(type, join, record);
      case ControlRecord.Leave leave ->
          leave.confirmed().isPresent()
              ? sweptLeave(type, leave, record)
              : leave(type, leave, record);
    };
  }

  /**
   * A heartbeat as of what has been read; none while the state is ahead of that, since then it
   * could only say that it does not know.
   */
  Optional<Effect> beat(Gateway gateway) {
    if (gateway.state().isEmpty()) {
      return Optional.empty();
    }
    long read = directory.readUpTo();
    // Nothing read yet: only what its own chain vouches for may be called read, or the gateway
    // would pass over a message that is about to be routed again.
    long offset = read < 0 ? gateway.surelyReadUpTo() : read;
    return gateway.isAheadOf(offset, read < 0)
        ? Optional.empty()
        : Optional.of(beat(gateway, gateway.state().get(), offset));
  }

  private Standing standing(ControlRecord.Origin origin, long offset, Gateway gateway) {
    if (gateway.state().isEmpty()) {
      return Standing.NEW_GENERATION;
    }
    GatewayState state = gateway.state().get();
    if (origin.generation() != state.generation()) {
      return origin.generation() > state.generation()
          ? Standing.NEW_GENERATION
          : Standing.OLD_GENERATION;
    }
    if (offset <= state.controlOffset()) {
      return Standing.REPLAYED;
    }
    if (state.down()) {
      return Standing.GENERATION_DOWN;
    }
    return origin.sequence() > state.sequence() ? Standing.FRESH : Standing.STALE;
  }

  private Decision up(String type, ControlRecord.GatewayUp up, long offset) {
    ControlRecord.Origin origin = up.origin();
    Gateway gateway = directory.known(origin.gateway());
    Standing standing = standing(origin, offset, gateway);
    return switch (standing) {
      case NEW_GENERATION, FRESH -> {
        GatewayState state = begin(gateway, origin, offset);
        yield new Decision(
            verdict(type, standing),
            List.of(
                new Effect.Deliver(
                    origin.gateway(),
                    new GatewayRecord.Heartbeat(
                        partition,
                        state.generation(),
                        state.sequence(),
                        offset,
                        GatewayRecord.NOTHING,
                        ChannelDigest.EMPTY,
                        0))),
            List.of(new Change.PutGateway(origin.gateway(), state)));
      }
      case REPLAYED, STALE, OLD_GENERATION ->
          answer(
              type,
              standing,
              gateway.state().map(state -> beat(gateway, state, offset)).stream().toList());
      case GENERATION_DOWN -> answer(type, standing, List.of(downed(origin)));
    };
  }

  private Decision down(String type, ControlRecord.GatewayDown down, long offset, long time) {
    ControlRecord.Origin origin = down.origin();
    Gateway gateway = directory.known(origin.gateway());
    Optional<GatewayState> state = gateway.state();
    if (state.isPresent() && state.get().generation() > origin.generation()) {
      return answer(type, Standing.OLD_GENERATION, List.of());
    }
    if (state.isPresent()
        && state.get().generation() == origin.generation()
        && state.get().down()) {
      boolean again = offset <= state.get().controlOffset();
      return answer(
          type, again ? Standing.REPLAYED : Standing.GENERATION_DOWN, List.of(downed(origin)));
    }
    return new Decision(
        verdict(type, Standing.FRESH),
        List.of(downed(origin)),
        List.of(
            new Change.PutGateway(
                origin.gateway(),
                GatewayState.down(
                    boundaries(gateway), origin.generation(), origin.sequence(), offset, time))));
  }

  private Decision subscribe(String type, ControlRecord.Subscribe subscribe, long offset) {
    ControlRecord.Origin origin = subscribe.origin();
    Gateway gateway = directory.known(origin.gateway());
    Standing standing = standing(origin, offset, gateway);
    return switch (standing) {
      case NEW_GENERATION, FRESH -> {
        boolean begins = standing == Standing.NEW_GENERATION;
        List<Change> changes = new ArrayList<>();
        for (Channel channel : new LinkedHashSet<>(subscribe.channels())) {
          ChannelName name = new ChannelName(subscribe.tenant(), channel);
          Optional<Entry> present = gateway.entry(name);
          if (present.isEmpty() || begins && present.get().from() != offset) {
            changes.add(new Change.PutEntry(Entry.open(name, origin.gateway(), offset)));
          }
        }
        changes.add(put(gateway, origin, offset, begins));
        long routed = begins ? GatewayRecord.NOTHING : gateway.routedBefore(offset);
        yield new Decision(
            verdict(type, standing), List.of(subscribed(subscribe, offset, routed)), changes);
      }
      case REPLAYED ->
          answer(
              type,
              standing,
              hadAll(gateway, subscribe.tenant(), subscribe.channels(), offset)
                  ? List.of(subscribed(subscribe, offset, gateway.routedBefore(offset)))
                  : List.of());
      case STALE, OLD_GENERATION -> answer(type, standing, List.of());
      case GENERATION_DOWN -> answer(type, standing, List.of(downed(origin)));
    };
  }

  private Decision unsubscribe(String type, ControlRecord.Unsubscribe unsubscribe, long offset) {
    ControlRecord.Origin origin = unsubscribe.origin();
    Gateway gateway = directory.known(origin.gateway());
    Standing standing = standing(origin, offset, gateway);
    return switch (standing) {
      case NEW_GENERATION, FRESH -> {
        List<Change> changes = new ArrayList<>();
        for (Channel channel : new LinkedHashSet<>(unsubscribe.channels())) {
          gateway
              .entry(new ChannelName(unsubscribe.tenant(), channel))
              .ifPresent(entry -> changes.add(new Change.PutEntry(entry.closedAt(offset))));
        }
        changes.add(put(gateway, origin, offset, standing == Standing.NEW_GENERATION));
        yield new Decision(verdict(type, standing), List.of(), changes);
      }
      case REPLAYED, STALE, OLD_GENERATION -> answer(type, standing, List.of());
      case GENERATION_DOWN -> answer(type, standing, List.of(downed(origin)));
    };
  }

  private Decision roster(String type, ControlRecord.Roster roster, long offset) {
    ControlRecord.Origin origin = roster.origin();
    Gateway gateway = directory.known(origin.gateway());
    Standing standing = standing(origin, offset, gateway);
    return switch (standing) {
      case NEW_GENERATION, FRESH -> {
        GatewayState state =
            standing == Standing.NEW_GENERATION
                ? begin(gateway, origin, offset)
                : gateway.state().orElseThrow().roster(origin.sequence(), offset);
        yield new Decision(
            verdict(type, standing),
            List.of(),
            List.of(new Change.PutGateway(origin.gateway(), state)));
      }
      case REPLAYED, STALE, OLD_GENERATION -> answer(type, standing, List.of());
      case GENERATION_DOWN -> answer(type, standing, List.of(downed(origin)));
    };
  }

  private Decision join(String type, ControlRecord.Join join, InboundRecord record) {
    ControlRecord.Origin origin = join.origin();
    Gateway gateway = directory.known(origin.gateway());
    Standing standing = standing(origin, record.offset(), gateway);
    return switch (standing) {
      case NEW_GENERATION, FRESH ->
          decision(type, standing, members.joined(join, record), gateway, origin, record.offset());
      case REPLAYED ->
          join.again()
              ? answer(type, standing, List.of())
              : again(type, join.tenant(), join.channel(), MemberEvent.of(join), record);
      case STALE, OLD_GENERATION -> answer(type, standing, List.of());
      case GENERATION_DOWN -> answer(type, standing, List.of(downed(origin)));
    };
  }

  private Decision leave(String type, ControlRecord.Leave leave, InboundRecord record) {
    ControlRecord.Origin origin = leave.origin();
    Gateway gateway = directory.known(origin.gateway());
    Standing standing = standing(origin, record.offset(), gateway);
    return switch (standing) {
      case NEW_GENERATION, FRESH ->
          decision(type, standing, members.left(leave, record), gateway, origin, record.offset());
      case REPLAYED -> again(type, leave.tenant(), leave.channel(), MemberEvent.of(leave), record);
      case STALE, OLD_GENERATION -> answer(type, standing, List.of());
      case GENERATION_DOWN -> answer(type, standing, List.of(downed(origin)));
    };
  }

  /** A leave that a router has written: no sequence orders it, but what it knew of the member. */
  private Decision sweptLeave(String type, ControlRecord.Leave leave, InboundRecord record) {
    Gateway gateway = directory.known(leave.origin().gateway());
    Optional<GatewayState> state = gateway.state();
    if (state.isPresent() && record.offset() <= state.get().controlOffset()) {
      return again(type, leave.tenant(), leave.channel(), MemberEvent.of(leave), record);
    }
    if (state.isEmpty() || !members.holds(leave)) {
      return answer(type, Standing.STALE, List.of());
    }
    MemberRouting.News news = members.left(leave, record);
    GatewayState next = state.get().applied(state.get().sequence(), record.offset());
    return decision(type, Standing.FRESH, news, new Change.PutGateway(gateway.id(), next));
  }

  private Decision again(
      String type, TenantId tenant, Channel channel, MemberEvent event, InboundRecord record) {
    MemberRouting.News news = members.again(tenant, channel, event, record);
    return new Decision(verdict(type, Standing.REPLAYED), news.effects(), news.listings());
  }

  private Decision decision(
      String type,
      Standing standing,
      MemberRouting.News news,
      Gateway gateway,
      ControlRecord.Origin origin,
      long offset) {
    return decision(
        type, standing, news, put(gateway, origin, offset, standing == Standing.NEW_GENERATION));
  }

  /** The member before its gateway's state, as entries are. */
  private static Decision decision(
      String type, Standing standing, MemberRouting.News news, Change gateway) {
    List<Change> changes = new ArrayList<>(news.moves());
    changes.add(gateway);
    changes.addAll(news.listings());
    return new Decision(verdict(type, standing), news.effects(), changes);
  }

  private Change put(Gateway gateway, ControlRecord.Origin origin, long offset, boolean begins) {
    GatewayState state =
        begins
            ? begin(gateway, origin, offset)
            : gateway.state().orElseThrow().applied(origin.sequence(), offset);
    return new Change.PutGateway(origin.gateway(), state);
  }

  private static GatewayState begin(Gateway gateway, ControlRecord.Origin origin, long offset) {
    return GatewayState.started(
        boundaries(gateway), origin.generation(), origin.sequence(), offset);
  }

  private static List<Long> boundaries(Gateway gateway) {
    return gateway.state().map(GatewayState::boundaries).orElse(List.of());
  }

  /** Whether the gateway got each of the channels from {@code offset} on, whatever came later. */
  private boolean hadAll(Gateway gateway, TenantId tenant, List<Channel> channels, long offset) {
    for (Channel channel : channels) {
      if (!had(gateway, new ChannelName(tenant, channel), offset)) {
        return false;
      }
    }
    return true;
  }

  private boolean had(Gateway gateway, ChannelName name, long offset) {
    Optional<Entry> open = gateway.entry(name);
    if (open.isPresent() && open.get().from() <= offset) {
      return true;
    }
    return directory.subscribers(name).stream()
        .flatMap(subscribers -> subscribers.closedPast(offset).stream())
        .anyMatch(
            entry ->
                entry.gateway().equals(gateway.id())
                    && entry.from() <= offset
                    && offset < entry.to());
  }

  private Effect beat(Gateway gateway, GatewayState state, long offset) {
    return new Effect.Deliver(
        gateway.id(),
        new GatewayRecord.Heartbeat(
            partition,
            state.generation(),
            state.sequence(),
            offset,
            gateway.routedBefore(offset + 1),
            gateway.digest(),
            gateway.channels()));
  }

  private Effect subscribed(ControlRecord.Subscribe subscribe, long offset, long routed) {
    ControlRecord.Origin origin = subscribe.origin();
    return new Effect.Deliver(
        origin.gateway(),
        new GatewayRecord.Subscribed(
            partition,
            origin.generation(),
            origin.sequence(),
            offset,
            routed,
            subscribe.tenant(),
            subscribe.channels()));
  }

  private Effect downed(ControlRecord.Origin origin) {
    return new Effect.Deliver(
        origin.gateway(), new GatewayRecord.Down(partition, origin.generation()));
  }

  private static Decision answer(String type, Standing standing, List<Effect> effects) {
    return new Decision(verdict(type, standing), effects, List.of());
  }

  private static Verdict verdict(String type, Standing standing) {
    ControlOutcome outcome =
        switch (standing) {
          case NEW_GENERATION, FRESH -> ControlOutcome.APPLIED;
          case REPLAYED -> ControlOutcome.REPLAYED;
          case STALE -> ControlOutcome.STALE;
          case OLD_GENERATION -> ControlOutcome.OLD_GENERATION;
          case GENERATION_DOWN -> ControlOutcome.GENERATION_DOWN;
        };
    return new Verdict.Controlled(type, outcome);
  }
}
