package io.lqrealtime.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.GatewayId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClosedEntriesTest {
  private static final long SECOND = 1_000_000_000L;

  private final ClosedEntries closed = new ClosedEntries();

  /** The last message that it covers is at 4: once 5 is the next to read, nobody asks for it. */
  @Test
  void entry_isForgottenOnceItsEndIsTheNextToRead() {
    Entry entry = endingAt(5);
    closed.add(entry);

    assertThat(closed.expired(0, OptionalLong.empty())).isEmpty();
    assertThat(closed.expired(0, OptionalLong.of(4))).isEmpty();
    assertThat(closed.expired(0, OptionalLong.of(5))).containsExactly(entry);
    assertThat(closed.expired(0, OptionalLong.of(6))).isEmpty();
  }

  @Test
  void entry_isForgottenAtOnce_ifItsEndIsCommittedAlready() {
    closed.add(endingAt(5));

    assertThat(closed.expired(0, OptionalLong.of(9))).hasSize(1);
  }

  @Test
  void withoutACommitThatIsKnown_fiveMinutesHaveToDo() {
    Entry entry = endingAt(5);
    closed.add(entry);
    long noted = 7 * SECOND;

    assertThat(closed.expired(noted, OptionalLong.empty())).isEmpty();
    assertThat(closed.expired(noted + 300 * SECOND - 1, OptionalLong.of(4))).isEmpty();
    assertThat(closed.expired(noted + 300 * SECOND, OptionalLong.empty())).containsExactly(entry);
  }

  /** They come in the order of their keys. */
  @Test
  void restored_areForgottenByTheirEnds() {
    List<Entry> restored = new ArrayList<>();
    for (int end = 1; end <= 1_000; end++) {
      restored.add(endingAt(end));
    }
    Collections.shuffle(restored, new Random(1));
    restored.forEach(closed::add);

    assertThat(closed.expired(0, OptionalLong.of(400)))
        .extracting(Entry::to)
        .hasSize(400)
        .allMatch(end -> end <= 400);
    assertThat(closed.expired(0, OptionalLong.of(1_000))).hasSize(600);
  }

  /** What is read again after a restoration ends before what the former life had seen end. */
  @Test
  void endBehindAGreaterOne_waitsForIt() {
    closed.add(endingAt(90));
    assertThat(closed.expired(0, OptionalLong.of(50))).isEmpty();
    closed.add(endingAt(60));

    assertThat(closed.expired(0, OptionalLong.of(89))).isEmpty();
    assertThat(closed.expired(0, OptionalLong.of(90)))
        .extracting(Entry::to)
        .containsExactly(90L, 60L);
  }

  @Test
  void manyAtOnce_areForgottenInTurns() {
    int first = ClosedEntries.AT_ONCE;
    int second = first + ClosedEntries.STEP;
    for (int i = 0; i < first + second + 1; i++) {
      closed.add(endingAt(5));
    }

    assertThat(closed.expired(0, OptionalLong.of(5))).hasSize(first);
    assertThat(closed.expired(0, OptionalLong.of(5))).hasSize(second);
    assertThat(closed.expired(0, OptionalLong.of(5))).hasSize(1);
    assertThat(closed.expired(0, OptionalLong.of(5))).isEmpty();
  }

  /** Commits are known three ticks late, and not at all at first. */
  @ParameterizedTest
  @ValueSource(ints = {3_000, 10_000, 20_000})
  void forgetting_keepsPaceWithClosing(int perTick) {
    int late = 3;
    int kept = 0;
    int before = ClosedEntries.AT_ONCE;
    for (int tick = 1; tick <= 60; tick++) {
      for (int i = 0; i < perTick; i++) {
        closed.add(endingAt(tick));
      }
      OptionalLong committed = tick < 10 ? OptionalLong.empty() : OptionalLong.of(tick - late);
      int forgotten = closed.expired(tick * SECOND, committed).size();
      assertThat(forgotten)
          .as("without a jump")
          .isLessThanOrEqualTo(Math.max(before, ClosedEntries.AT_ONCE) + ClosedEntries.STEP);
      before = forgotten;
      kept += perTick - forgotten;
    }

    assertThat(kept).as("no more than no commit is known of").isEqualTo(late * perTick);
  }

  private static Entry endingAt(long end) {
    return new Entry(
        new ChannelName(Log.ACME, new Channel("room")), new GatewayId("g"), end - 1, end);
  }
}
