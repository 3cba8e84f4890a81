package io.lqrealtime.router.core;

import static io.lqrealtime.router.core.Log.down;
import static io.lqrealtime.router.core.Log.message;
import static io.lqrealtime.router.core.Log.subscribe;
import static io.lqrealtime.router.core.Log.unsubscribe;
import static io.lqrealtime.router.core.Log.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.record.ChannelDigest;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.router.core.Decision.ControlOutcome;
import io.lqrealtime.router.core.Decision.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class ControlRoutingTest {
  private static final Channel ROOM = new Channel("room");

  private final Partition partition = new Partition();

  @Test
  void up_ofNewGeneration_isAnsweredWithEmptyHeartbeat() {
    assertThat(partition.sent(up(5, "g", 3, 1), "g"))
        .containsExactly(
            new GatewayRecord.Heartbeat(0, 3, 1, 5, GatewayRecord.NOTHING, ChannelDigest.EMPTY, 0));
  }

  @Test
  void up_ofOlderGeneration_changesNothingAndTellsTheKnownOne() {
    partition.process(up(5, "g", 3, 1));
    partition.process(subscribe(6, "g", 3, 2, "room"));

    assertThat(partition.sent(up(7, "g", 2, 1), "g"))
        .containsExactly(
            new GatewayRecord.Heartbeat(
                0,
                3,
                2,
                7,
                GatewayRecord.NOTHING,
                ChannelDigest.toggle(ChannelDigest.EMPTY, Log.ACME, ROOM),
                1));
    assertThat(partition.sent(message(8, "room", "1"), "g")).hasSize(1);
  }

  @Test
  void up_ofNewerGeneration_closesWhatWasOpen() {
    partition.process(subscribe(6, "g", 3, 2, "room"));
    partition.process(up(7, "g", 4, 1));

    assertThat(partition.sent(message(8, "room", "1"), "g")).isEmpty();
    assertThat(partition.directory.openEntries()).isZero();
  }

  @Test
  void up_ofSameGenerationAndNewerSequence_closesAndBeginsTheChainAnew() {
    partition.process(subscribe(1, "g", 3, 2, "room"));
    partition.process(message(2, "room", "1"));
    partition.process(up(3, "g", 3, 3));
    assertThat(partition.sent(message(4, "room", "1"), "g")).isEmpty();
    partition.process(subscribe(5, "g", 3, 4, "room"));

    assertThat(previousOf(message(6, "room", "1"))).isEqualTo(GatewayRecord.NOTHING);
  }

  @Test
  void up_ofSameGenerationAndOldSequence_isStale() {
    partition.process(subscribe(1, "g", 3, 2, "room"));

    assertThat(outcome(up(2, "g", 3, 2))).isEqualTo(ControlOutcome.STALE);
    assertThat(partition.sent(message(3, "room", "1"), "g")).hasSize(1);
  }

  @Test
  void subscribe_isAnsweredWithItsOffset_andEverythingPastItComes() {
    partition.process(message(9, "room", "1"));

    assertThat(partition.sent(subscribe(10, "g", 1, 1, "room", "hall"), "g"))
        .containsExactly(
            new GatewayRecord.Subscribed(
                0, 1, 1, 10, GatewayRecord.NOTHING, Log.ACME, List.of(ROOM, new Channel("hall"))));
    assertThat(partition.sent(message(11, "room", "1"), "g")).hasSize(1);
    assertThat(partition.sent(message(12, "hall", "1"), "g")).hasSize(1);
    assertThat(partition.sent(message(13, "lobby", "1"), "g")).isEmpty();
  }

  @Test
  void subscribe_again_isAnsweredWithItsOwnOffsetAndKeepsTheEntry() {
    partition.process(subscribe(10, "g", 1, 1, "room"));
    partition.process(message(11, "room", "1"));

    assertThat(partition.sent(subscribe(12, "g", 1, 2, "room"), "g"))
        .containsExactly(new GatewayRecord.Subscribed(0, 1, 2, 12, 11, Log.ACME, List.of(ROOM)));
    assertThat(partition.directory.openEntries()).isEqualTo(1);
    assertThat(partition.directory.closedEntries()).isZero();
    assertThat(partition.sent(message(13, "room", "1"), "g")).hasSize(1);
  }

  @Test
  void subscribe_thatNamesAChannelTwice_deliversOnce() {
    partition.process(subscribe(10, "g", 1, 1, "room", "room"));

    assertThat(partition.sent(message(11, "room", "1"), "g")).hasSize(1);
    assertThat(beats().getFirst().channels()).isEqualTo(1);
  }

  @Test
  void subscribe_withOldSequence_isStaleAndNotAnswered() {
    partition.process(subscribe(10, "g", 1, 5, "room"));

    Decision decision = partition.process(subscribe(11, "g", 1, 5, "hall"));

    assertThat(decision.verdict())
        .isEqualTo(new Verdict.Controlled("subscribe", ControlOutcome.STALE));
    assertThat(decision.effects()).isEmpty();
    assertThat(partition.sent(message(12, "hall", "1"), "g")).isEmpty();
  }

  @Test
  void subscribe_ofNewerGeneration_impliesAnUp() {
    partition.process(subscribe(10, "g", 1, 5, "room", "hall"));
    partition.process(message(11, "room", "1"));

    assertThat(partition.sent(subscribe(12, "g", 2, 1, "room"), "g"))
        .containsExactly(
            new GatewayRecord.Subscribed(
                0, 2, 1, 12, GatewayRecord.NOTHING, Log.ACME, List.of(ROOM)));
    assertThat(partition.sent(message(13, "hall", "1"), "g")).isEmpty();
    assertThat(previousOf(message(14, "room", "1"))).isEqualTo(GatewayRecord.NOTHING);
  }

  @Test
  void unsubscribe_endsTheEntryAtItsOffset() {
    partition.process(subscribe(10, "g", 1, 1, "room", "hall"));
    partition.process(unsubscribe(11, "g", 1, 2, "room"));

    assertThat(partition.sent(message(12, "room", "1"), "g")).isEmpty();
    assertThat(partition.sent(message(13, "hall", "1"), "g")).hasSize(1);
    assertThat(beats().getFirst().digest())
        .isEqualTo(ChannelDigest.toggle(ChannelDigest.EMPTY, Log.ACME, new Channel("hall")));
  }

  @Test
  void down_closesTheGenerationAndSaysSo() {
    partition.process(subscribe(10, "g", 2, 1, "room"));
    partition.process(subscribe(11, "h", 1, 1, "room"));

    assertThat(partition.sent(down(12, "g", 2), "g")).containsExactly(new GatewayRecord.Down(0, 2));
    Decision decision = partition.process(message(13, "room", "1"));
    assertThat(Partition.sent(decision.effects(), "g")).isEmpty();
    assertThat(Partition.sent(decision.effects(), "h")).hasSize(1);
  }

  @Test
  void down_ofOlderGeneration_isIgnored() {
    partition.process(subscribe(10, "g", 2, 1, "room"));

    assertThat(partition.process(down(11, "g", 1)).effects()).isEmpty();
    assertThat(partition.sent(message(12, "room", "1"), "g")).hasSize(1);
  }

  @Test
  void down_again_changesNothing() {
    partition.process(subscribe(10, "g", 2, 1, "room"));
    partition.process(down(11, "g", 2));

    Decision decision = partition.process(down(12, "g", 2));

    assertThat(decision.changes()).isEmpty();
    assertThat(Partition.sent(decision.effects(), "g"))
        .containsExactly(new GatewayRecord.Down(0, 2));
  }

  @Test
  void generationThatIsDown_isNotHeardAgain_alsoAfterARestoration() {
    partition.process(subscribe(10, "g", 2, 1, "room"));
    partition.process(down(11, "g", 2));
    Partition restored = Partition.restored(Log.setting(0, 1), partition.writes);

    for (InboundRecord late :
        List.of(
            subscribe(12, "g", 2, 7, "room"), up(13, "g", 2, 8), unsubscribe(14, "g", 2, 9, "x"))) {
      assertThat(restored.sent(late, "g")).containsExactly(new GatewayRecord.Down(0, 2));
    }
    assertThat(restored.sent(message(15, "room", "1"), "g")).isEmpty();

    restored.process(subscribe(16, "g", 3, 1, "room"));
    assertThat(restored.sent(message(17, "room", "1"), "g")).hasSize(1);
  }

  @Test
  void heartbeat_goesToGatewaysWithChannels_andSaysHowThingsStand() {
    partition.process(up(1, "idle", 1, 1));
    partition.process(subscribe(2, "g", 4, 9, "room"));
    partition.process(message(3, "room", "1"));
    partition.process(message(4, "hall", "1"));

    assertThat(partition.engine.heartbeats()).hasSize(1);
    assertThat(beats())
        .containsExactly(
            new GatewayRecord.Heartbeat(
                0, 4, 9, 4, 3, ChannelDigest.toggle(ChannelDigest.EMPTY, Log.ACME, ROOM), 1));
  }

  @Test
  void heartbeat_beforeAnythingWasReadAgain_vouchesOnlyForItsOwnChain() {
    partition.process(subscribe(2, "g", 4, 9, "room"));
    partition.process(message(3, "room", "1"));
    partition.process(message(8, "room", "1"));
    List<Partition.Write> committed = List.copyOf(partition.writes);
    Partition restored = Partition.restored(Log.setting(0, 1), committed);

    GatewayRecord.Heartbeat beat =
        (GatewayRecord.Heartbeat) Partition.sent(restored.engine.heartbeats(), "g").getFirst();
    assertThat(beat.offset()).isEqualTo(8);
    assertThat(beat.routed()).isEqualTo(8);
  }

  @Test
  void heartbeat_whileTheStateIsAhead_isNotSent() {
    partition.process(subscribe(2, "g", 4, 9, "room"));
    partition.process(message(3, "room", "1"));
    partition.process(message(8, "room", "1"));
    Partition restored = Partition.restored(Log.setting(0, 1), partition.writes);
    restored.process(message(3, "room", "1"));

    assertThat(restored.engine.heartbeats()).isEmpty();

    restored.process(message(8, "room", "1"));
    assertThat(restored.engine.heartbeats()).hasSize(1);
  }

  @Test
  void undecidedRecord_breaksTheChainsOfGatewaysWithChannels() {
    partition.process(subscribe(2, "g", 4, 9, "room"));
    partition.process(message(3, "room", "1"));
    partition.apply(partition.engine.undecided());
    partition.directory.readUpTo(4, 1_000);

    assertThat(beats().getFirst().routed()).isEqualTo(GatewayRecord.UNKNOWN);
    assertThat(previousOf(message(5, "room", "1"))).isEqualTo(GatewayRecord.UNKNOWN);
    assertThat(previousOf(message(6, "room", "1"))).isEqualTo(5);
  }

  private List<GatewayRecord.Heartbeat> beats() {
    return Partition.sent(partition.engine.heartbeats(), "g").stream()
        .map(GatewayRecord.Heartbeat.class::cast)
        .toList();
  }

  private long previousOf(InboundRecord message) {
    return ((GatewayRecord.Message) partition.sent(message, "g").getFirst()).previous();
  }

  private ControlOutcome outcome(InboundRecord record) {
    return ((Verdict.Controlled) partition.process(record).verdict()).outcome();
  }
}
