package io.lqrealtime.router.core;

import static io.lqrealtime.router.core.Log.down;
import static io.lqrealtime.router.core.Log.origin;
import static io.lqrealtime.router.core.Log.subscribe;
import static io.lqrealtime.router.core.Log.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.IndexRecord;
import io.lqrealtime.record.MemberEvent;
import io.lqrealtime.router.core.Decision.ControlOutcome;
import io.lqrealtime.router.core.Decision.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gateway "w" has the companion of a room, in which gateway "g" has members. */
class MemberRoutingTest {
  private static final Channel ROOM = new Channel("room");
  private static final long SECOND = 1_000_000_000L;

  private Partition partition = new Partition();

  @BeforeEach
  void watch() {
    partition.process(subscribe(1, "w", 1, 1, ROOM.members().value()));
    partition.process(up(2, "g", 7, 1));
  }

  @Test
  void joinAndLeave_areToldToThoseWhoHaveTheCompanion_asLinksOfTheirChain() {
    assertThat(told(join(10, 2, "c1"))).containsExactly("join c1 at 10 after -1");
    assertThat(told(join(11, 3, "c2"))).containsExactly("join c2 at 11 after 10");
    assertThat(told(leave(12, 4, "c1"))).containsExactly("leave c1 at 12 after 11");
    assertThat(partition.directory.memberCount()).isEqualTo(1);
  }

  @Test
  void joinAgain_andLeaveOfSomebodyElse_areNotTold() {
    told(join(10, 2, "c1"));

    assertThat(told(join(11, 3, "c1"))).isEmpty();
    assertThat(told(leave(12, 4, "c2"))).isEmpty();
    assertThat(told(leave(13, 5, "c1"))).hasSize(1);
    assertThat(told(leave(14, 6, "c1"))).isEmpty();
  }

  @Test
  void oldSequenceOrGeneration_changesNothing() {
    told(join(10, 5, "c1"));

    assertThat(told(leave(11, 5, "c1"))).isEmpty();
    assertThat(told(Log.control(12, joinRecord(origin("g", 6, 99), "c2", false)))).isEmpty();
    assertThat(partition.directory.memberCount()).isEqualTo(1);
  }

  @Test
  void joinUnderANewGeneration_isToldAlsoOfWhoIsThere_unlessItIsNoNews() {
    told(join(10, 2, "c1"));
    told(join(11, 3, "c2"));
    partition.process(up(12, "g", 9, 1));

    InboundRecord anew = Log.control(13, joinRecord(origin("g", 9, 2), "c1", false));
    assertThat(told(anew)).containsExactly("join c1 at 13 after 11");
    assertThat(told(Log.control(14, joinRecord(origin("g", 9, 3), "c2", true)))).isEmpty();
    assertThat(told(Log.control(15, joinRecord(origin("g", 9, 4), "c1", false)))).isEmpty();
    assertThat(partition.directory.memberCount()).isEqualTo(2);

    restart();
    assertThat(told(anew)).as("read again").containsExactly("join c1 at 13 after -2");
  }

  @Test
  void whatIsTold_isInTheIndex_underTheCompanion() {
    partition.index();
    told(join(10, 2, "c1"));
    told(join(11, 3, "c1"));
    told(leave(12, 4, "c1"));

    List<Long> listed = new ArrayList<>();
    for (IndexRecord record : partition.index()) {
      for (int i = 0; i < record.channels(); i++) {
        record.offsets(i).forEachRemaining((long offset) -> listed.add(offset));
      }
    }
    assertThat(listed).containsExactly(10L, 12L);
  }

  @Test
  void readAgainAfterACrash_isToldAgain_atItsOffset() {
    InboundRecord join = join(10, 2, "c1");
    InboundRecord leave = leave(11, 3, "c1");
    told(join);
    told(leave);
    restart();

    assertThat(told(join)).containsExactly("join c1 at 10 after -2");
    assertThat(told(leave)).hasSize(1);
    assertThat(partition.directory.memberCount()).isZero();
    assertThat(told(join(12, 4, "c2"))).hasSize(1);
  }

  @Test
  void crashBetweenMemberAndGateway_isAppliedAgain() {
    InboundRecord join = join(10, 2, "c1");
    Decision decision = partition.engine.decide(join);
    partition.apply(decision.changes().subList(0, 1));
    restart();

    assertThat(told(join)).containsExactly("join c1 at 10 after -1");
    assertThat(told(join(11, 3, "c1"))).isEmpty();
  }

  @Test
  void gatewayDown_itsMembersLeavesAreWritten_andToldOnceThoughWrittenTwice() {
    told(join(10, 2, "c1"));
    told(join(11, 3, "c2"));
    partition.process(down(12, "g", 7));

    List<ControlRecord.Leave> leaves = tick(0);
    assertThat(leaves).extracting(leave -> leave.connection().value()).containsOnly("c1", "c2");
    assertThat(tick(1)).as("on their way").isEmpty();
    List<ControlRecord.Leave> again = tick(20);
    assertThat(again).hasSize(2);

    List<String> told = new ArrayList<>();
    long offset = 13;
    for (ControlRecord.Leave leave : leaves) {
      told.addAll(told(Log.control(offset++, leave)));
    }
    for (ControlRecord.Leave leave : again) {
      Decision decision = partition.process(Log.control(offset++, leave));
      assertThat(decision.verdict())
          .isEqualTo(new Verdict.Controlled("leave", ControlOutcome.STALE));
      assertThat(decision.effects()).isEmpty();
    }
    assertThat(told).hasSize(2);
    assertThat(partition.directory.memberCount()).isZero();
    assertThat(tick(40)).isEmpty();
  }

  @Test
  void restoredStateOfADownGateway_stillWritesItsLeaves() {
    told(join(10, 2, "c1"));
    partition.process(down(11, "g", 7));
    restart();

    assertThat(tick(0)).hasSize(1);
  }

  @Test
  void rosterToldAnew_thoseNotNamedAgainLeave_afterAWhile() {
    told(join(10, 2, "c1"));
    told(join(11, 3, "c2"));
    partition.process(Log.control(12, new ControlRecord.Roster(origin("g", 7, 4))));
    assertThat(tick(0)).isEmpty();
    told(join(13, 5, "newcomer"));
    assertThat(tick(5)).isEmpty();
    assertThat(told(Log.control(14, joinRecord(origin("g", 7, 6), "c2", true)))).isEmpty();

    assertThat(tick(8)).isEmpty();
    told(join(15, 7, "next"));
    assertThat(tick(17)).as("9 s after somebody was named again").isEmpty();
    assertThat(tick(18))
        .extracting(leave -> leave.connection().value() + " " + leave.confirmed())
        .containsExactly("c1 " + OptionalLong.of(10));
  }

  @Test
  void up_isARosterToldAnew_andWhoIsNamedTooLateIsNotSweptByALeaveOnItsWay() {
    told(join(10, 2, "c1"));
    partition.process(up(11, "g", 8, 1));
    tick(0);
    ControlRecord.Leave leave = tick(10).getFirst();

    assertThat(told(Log.control(12, joinRecord(origin("g", 8, 2), "c1", true)))).isEmpty();
    assertThat(told(Log.control(13, leave))).isEmpty();

    assertThat(partition.directory.memberCount()).isEqualTo(1);
    assertThat(tick(30)).isEmpty();
  }

  @Test
  void crowd_isNotToldOneByOne_butByItsCounts_atMostOnceATick() {
    for (int i = 1; i <= Members.CROWD; i++) {
      assertThat(told(join(100 + i, 1 + i, "c" + i))).hasSize(1);
    }
    assertThat(counts(0)).isEmpty();

    assertThat(told(join(400, 300, "one"))).isEmpty();
    assertThat(told(join(401, 301, "two"))).isEmpty();
    assertThat(counts(1)).containsExactly("joins at 401: 202 of 202");
    assertThat(counts(2)).isEmpty();
    assertThat(told(leave(402, 302, "c1"))).isEmpty();
    assertThat(counts(3)).containsExactly("leaves at 402: 201 of 201");
    assertThat(told(leave(403, 303, "c2"))).isEmpty();
    assertThat(told(leave(404, 304, "c3"))).containsExactly("leave c3 at 404 after 300");
  }

  @Test
  void crowd_isToldFromTimeToTime_thoughNothingChanges() {
    for (int i = 0; i <= Members.CROWD; i++) {
      told(join(100 + i, 2 + i, "c" + i));
    }
    List<String> told = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      told.addAll(counts(i));
    }

    assertThat(told).hasSizeBetween(3, 4).containsOnly("joins at 300: 201 of 201");
  }

  @Test
  void crowdThatIsNoneAnyMore_isToldOnceMore_atWhateverTick() {
    for (int i = 1; i <= Members.CROWD; i++) {
      told(join(100 + i, 1 + i, "c" + i));
    }
    for (int i = 0; i < 20; i++) {
      int offset = 1000 + 2 * i;
      told(join(offset, offset, "one"));
      told(leave(offset + 1, offset + 1, "one"));

      assertThat(counts(i))
          .as("tick %d", i)
          .containsExactly("leaves at %d: 200 of 200".formatted(offset + 1));
    }
  }

  private void restart() {
    partition = Partition.restored(Log.setting(0, 1), partition.writes);
  }

  private List<ControlRecord.Leave> tick(long seconds) {
    List<ControlRecord.Leave> leaves = new ArrayList<>();
    for (Effect effect : partition.engine.memberNews(seconds * SECOND)) {
      if (effect instanceof Effect.Write(ControlRecord.Leave leave)) {
        leaves.add(leave);
      }
    }
    return leaves;
  }

  private List<String> counts(long seconds) {
    return Partition.sent(partition.engine.memberNews(seconds * SECOND), "w").stream()
        .map(GatewayRecord.Counts.class::cast)
        .map(
            counts ->
                "%s at %d: %d of %d"
                    .formatted(
                        counts.joins() ? "joins" : "leaves",
                        counts.offset(),
                        counts.connections(),
                        counts.users()))
        .toList();
  }

  /** What gateway "w" is told because of a record. */
  private List<String> told(InboundRecord record) {
    return partition.sent(record, "w").stream()
        .map(GatewayRecord.Message.class::cast)
        .peek(message -> assertThat(message.channel()).isEqualTo(ROOM.members()))
        .map(
            message -> {
              MemberEvent event = MemberEvent.decode(message.payload());
              return "%s %s at %d after %d"
                  .formatted(
                      event.joins() ? "join" : "leave",
                      event.connection(),
                      message.offset(),
                      message.previous());
            })
        .toList();
  }

  private static InboundRecord join(long offset, long sequence, String connection) {
    return Log.control(offset, joinRecord(origin("g", 7, sequence), connection, false));
  }

  private static ControlRecord joinRecord(
      ControlRecord.Origin origin, String connection, boolean again) {
    return new ControlRecord.Join(
        origin,
        Log.ACME,
        ROOM,
        new UserId("user of " + connection),
        new ConnectionId(connection),
        again);
  }

  private static InboundRecord leave(long offset, long sequence, String connection) {
    return Log.control(
        offset,
        new ControlRecord.Leave(
            origin("g", 7, sequence),
            Log.ACME,
            ROOM,
            new UserId("user of " + connection),
            new ConnectionId(connection),
            OptionalLong.empty()));
  }
}
