package io.lqrealtime.router.core;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.GatewayRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is due from time to time because of who is in channels. How many are in crowds goes to those
 * who have their companions. Of a gateway that is down, or has begun to tell anew who is in its
 * channels and has not named somebody again for a while, the leaves are written to the log; they
 * take effect when they are read there, in order with all else, and hold only for who has not been
 * confirmed since, so that one written twice, or too early, does nothing.
 *
 * <p>What it remembers is not part of the state, and begins anew with each process.
 */
final class MemberSweep {
  /**
   * How long a gateway that tells anew who is in its channels may pause: one that has very many
   * names them for minutes.
   */
  static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** A leave that has not been read by then is written again. */
  static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Writing is spread over ticks: ten thousand at once would delay traffic. */
  static final int LEAVES_PER_TICK = 2_000;

  /** Ticks until crowds are told although nothing has changed: somebody may have missed it. */
  private static final int ALL_CROWDS = 10;

  private final RoutingEngine.Setting setting;
  private final Directory directory;
  private final Map<GatewayId, Round> rounds = new HashMap<>();
  private int ticks;

  /** The leaves of one gateway, since it began to tell anew. */
  private static final class Round {
    final long rosterFrom;
    long confirmedAt = -1;
    long toldNanos;
    @Nullable Queue<Member> toWrite;
    long writtenNanos;
    boolean settled;

    Round(long rosterFrom, long nanos) {
      this.rosterFrom = rosterFrom;
      this.toldNanos = nanos;
    }
  }

  MemberSweep(RoutingEngine.Setting setting, Directory directory) {
    this.setting = setting;
    this.directory = directory;
  }

  List<Effect> tick(long nanos) {
    List<Effect> effects = new ArrayList<>();
    // Also the one that is none any more since its last leave.
    Set<Crowd> crowds = new LinkedHashSet<>(directory.members().changedCrowds());
    ticks = (ticks + 1) % ALL_CROWDS;
    if (ticks == 0) {
      crowds.addAll(directory.members().crowds());
    }
    crowds.forEach(crowd -> tell(crowd, effects));
    for (Gateway gateway : directory.gateways()) {
      Optional<GatewayState> state = gateway.state();
      if (state.isPresent() && directory.members().of(gateway.id()) > 0) {
        sweep(gateway.id(), state.get(), nanos, effects);
      } else {
        rounds.remove(gateway.id());
      }
    }
    return effects;
  }

  private void tell(Crowd crowd, List<Effect> effects) {
    ChannelName channel = crowd.channel();
    directory
        .subscribers(new ChannelName(channel.tenant(), channel.channel().members()))
        .ifPresent(
            subscribers -> {
              for (Entry entry : subscribers.open()) {
                effects.add(
                    new Effect.Deliver(
                        entry.gateway(),
                        new GatewayRecord.Counts(
                            channel.tenant(),
                            channel.channel(),
                            setting.region(),
                            setting.log(),
                            setting.partition(),
                            crowd.offset(),
                            crowd.joins(),
                            crowd.connections(),
                            crowd.users())));
              }
            });
  }

  private void sweep(GatewayId gateway, GatewayState state, long nanos, List<Effect> effects) {
    Round round = rounds.get(gateway);
    if (round == null || round.rosterFrom != state.rosterFrom()) {
      round = new Round(state.rosterFrom(), nanos);
      rounds.put(gateway, round);
    }
    if (round.settled) {
      return;
    }
    long confirmedAt = directory.members().confirmedAt(gateway);
    if (round.confirmedAt != confirmedAt) {
      round.confirmedAt = confirmedAt;
      round.toldNanos = nanos;
    }
    if (!state.down() && nanos - round.toldNanos < GRACE_NANOS) {
      return;
    }
    Queue<Member> toWrite = round.toWrite;
    if (toWrite == null || toWrite.isEmpty() && nanos - round.writtenNanos >= AGAIN_NANOS) {
      toWrite = directory.members().unconfirmed(gateway, state.rosterFrom());
      round.toWrite = toWrite;
      round.settled = toWrite.isEmpty();
    }
    for (int i = 0; i < LEAVES_PER_TICK && !toWrite.isEmpty(); i++) {
      effects.add(new Effect.Write(leave(toWrite.remove(), state)));
      round.writtenNanos = nanos;
    }
  }

  private ControlRecord.Leave leave(Member member, GatewayState state) {
    return new ControlRecord.Leave(
        new ControlRecord.Origin(
            member.gateway(),
            member.generation(),
            state.sequence(),
            setting.region(),
            setting.partition()),
        member.channel().tenant(),
        member.channel().channel(),
        member.user(),
        member.connection(),
        OptionalLong.of(member.confirmedAt()));
  }
}
