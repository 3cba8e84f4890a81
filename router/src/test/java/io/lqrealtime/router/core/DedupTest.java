package io.lqrealtime.router.core;

import static io.lqrealtime.router.core.Log.message;
import static io.lqrealtime.router.core.Log.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.record.GatewayRecord;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Messages that their publishers sent again. */
class DedupTest {
  private static final long WINDOW = Partition.WINDOW.toMillis();
  private static final long T = 1_790_000_000_000L;

  private final Partition partition = new Partition();

  @Test
  void repeat_isNotRouted_andTheChainPassesItOver() {
    partition.process(subscribe(1, "g", 1, 1, "room"));
    assertThat(partition.sent(message(2, T, "room", "alice", "m1"), "g")).hasSize(1);
    Decision repeat = partition.process(message(3, T + 5, "room", "alice", "m1"));

    assertThat(repeat.verdict()).isEqualTo(Decision.DUPLICATE);
    assertThat(repeat.effects()).isEmpty();
    GatewayRecord.Message next =
        (GatewayRecord.Message)
            partition.sent(message(4, T + 6, "room", "alice", "m2"), "g").getFirst();
    assertThat(next.previous()).isEqualTo(2);
  }

  @Test
  void sameId_ofAnotherSenderChannelOrTenant_isAnother() {
    partition.process(message(1, T, "room", "alice", "m1"));

    assertRouted(message(2, T, "room", "bob", "m1"));
    assertRouted(message(3, T, "hall", "alice", "m1"));
    assertRouted(message(4, "other", "1", "channel", "room", "from", "alice", "id", "m1"));
    assertRouted(message(5, "acme", "1", "channel", "room", "id", "m1"));
  }

  /** Parts that join alike must not be taken for one another. */
  @Test
  void idsThatJoinAlike_areOthers() {
    partition.process(message(1, T, "room", "ab", "c"));

    assertRouted(message(2, T, "room", "a", "bc"));
    assertRouted(message(3, T, "rooma", "b", "c"));
  }

  @Test
  void cloudEventsNames_sayTheSameId() {
    partition.process(message(1, T, "room", "alice", "m1"));

    assertDuplicate(
        new InboundRecord(
            2,
            T,
            Log.bytes("acme"),
            Log.headers("ce_subject", "room", "ce_source", "alice", "ce_id", "m1"),
            Log.bytes("1")));
  }

  @Test
  void messagesWithoutId_areNeverRepeats() {
    assertRouted(message(1, "room", "1"));
    assertRouted(message(2, "room", "1"));
    assertRouted(message(3, T, "room", "alice", ""));
    assertRouted(message(4, T, "room", "alice", ""));
  }

  @Test
  void window_goesByTheLogsTime_fromTheFirstOne() {
    partition.process(message(1, T, "room", "alice", "m1"));

    assertDuplicate(message(2, T + WINDOW, "room", "alice", "m1"));
    assertRouted(message(3, T + WINDOW + 1, "room", "alice", "m1"));
    assertDuplicate(message(4, T + WINDOW + 2, "room", "alice", "m1"));
    assertDuplicate(message(5, T + 2 * WINDOW + 1, "room", "alice", "m1"));
  }

  @Test
  void logTimeThatStepsBack_changesNothing() {
    partition.process(message(1, T, "room", "alice", "m1"));

    assertRouted(message(2, T - 40_000, "room", "alice", "m2"));
    assertDuplicate(message(3, T - 39_000, "room", "alice", "m1"));
    assertDuplicate(message(4, T + 1, "room", "alice", "m2"));
    assertRouted(message(5, T - WINDOW - 1, "room", "alice", "m1"));
  }

  @Test
  void recordsReadAgain_withAStateThatIsAhead_areDecidedAsBefore() {
    List<InboundRecord> log =
        List.of(
            message(1, T, "room", "alice", "m1"),
            message(2, T + 1, "room", "alice", "m1"),
            message(3, T + WINDOW + 1, "room", "alice", "m1"),
            message(4, T + WINDOW + 2, "room", "alice", "m1"));
    List<Decision.Verdict> before = log.stream().map(r -> partition.process(r).verdict()).toList();
    partition.save();
    Partition after = Partition.restored(Log.setting(0, 1), partition.writes);

    assertThat(log.stream().map(r -> after.process(r).verdict()).toList()).isEqualTo(before);
    assertThat(log.stream().map(r -> partition.process(r).verdict()).toList()).isEqualTo(before);
    assertThat(before)
        .containsExactly(Decision.ROUTED, Decision.DUPLICATE, Decision.ROUTED, Decision.DUPLICATE);
  }

  @Test
  void repeatOfAMessageThatCameFromAnotherPartition_isFoundAtHome() {
    int home =
        new io.lqrealtime.topic.Placement(3).home(Log.ACME, new io.lqrealtime.id.Channel("room"));
    Partition away = new Partition(Log.setting((home + 1) % 3, 3));
    Partition at = new Partition(Log.setting(home, 3));
    InboundRecord stray = message(7, T, "room", "alice", "m1");
    Effect.Forward forward = (Effect.Forward) away.process(stray).effects().getFirst();
    assertThat(at.process(message(1, T, "room", "alice", "m1")).verdict())
        .isEqualTo(Decision.ROUTED);

    InboundRecord copy =
        new InboundRecord(
            2,
            T + 1,
            Log.bytes("acme"),
            Log.headers(
                "channel",
                "room",
                "from",
                "alice",
                "id",
                "m1",
                "origin",
                forward.origin(),
                "mac",
                forward.mac()),
            Log.bytes("1"));
    assertThat(at.process(copy).verdict()).isEqualTo(Decision.DUPLICATE);
    assertThat(away.directory.ids().isRepeat(new IdFingerprint(0, 0), 9, T)).isFalse();
    assertThat(at.directory.origins().take(new Origins.Forwarded((home + 1) % 3, 7, 3)))
        .as("it was taken")
        .isEmpty();
  }

  @Test
  void withoutAWindow_nothingIsARepeat() {
    Partition off =
        new Partition(Log.setting(0, 1), new Directory(Duration.ZERO, new IdBudget(10)));
    off.process(message(1, T, "room", "alice", "m1"));

    assertThat(off.process(message(2, T, "room", "alice", "m1")).verdict())
        .isEqualTo(Decision.ROUTED);
  }

  private void assertRouted(InboundRecord record) {
    assertThat(partition.process(record).verdict()).isEqualTo(Decision.ROUTED);
  }

  private void assertDuplicate(InboundRecord record) {
    assertThat(partition.process(record).verdict()).isEqualTo(Decision.DUPLICATE);
  }
}
