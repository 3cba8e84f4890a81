package io.lqrealtime.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.session.ChannelTable.Member;
import io.lqrealtime.gateway.session.MemberCensus;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecord.Join;
import io.lqrealtime.record.ControlRecord.Leave;
import io.lqrealtime.record.ControlRecord.Roster;
import io.lqrealtime.topic.Placement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MemberLogTest {
  private static final TenantChannel ROOM =
      new TenantChannel(new TenantId("acme"), new Channel("room.1"));
  private static final UserId ALICE = new UserId("alice");

  private final List<ControlRecord> written = new ArrayList<>();
  private final Queue<CompletableFuture<Long>> answers = new ArrayDeque<>();
  private final List<String> there = new ArrayList<>();
  private final List<BitSet> censuses = new ArrayList<>();
  private final List<MemberCensus.Listener> listeners = new ArrayList<>();
  private int wakes;
  private final ChannelRegistry registry =
      new ChannelRegistry(
          new GatewayIdentity(new GatewayId("g1"), new Region("local"), "instance"),
          new Placement(1),
          7,
          tenant -> 300_000,
          System::nanoTime,
          () -> {});
  private final MemberLog log = new MemberLog(registry, 1, () -> wakes++);

  @Test
  void joinsAndLeaves_areWrittenInOrder_inTheSequenceOfThePartition() {
    var _ = registry.acquire(ROOM);
    join("c1");
    join("c2");
    leave("c1");
    drain();

    assertThat(wakes).isEqualTo(3);
    assertThat(texts()).containsExactly("GatewayUp 1", "Subscribe 2", "+c1 3", "+c2 4", "-c1 5");
    assertThat(log.pending()).isEqualTo(3);
    answer();
    assertThat(log.pending()).isZero();
    assertThat(censuses).isEmpty();
  }

  @Test
  void noMoreThanSomeAreOnTheirWay_andTheOthersFollow() {
    for (int i = 0; i < MemberLog.MAX_UNWRITTEN + 10; i++) {
      join("c" + i);
    }
    drain();
    assertThat(written).hasSize(MemberLog.MAX_UNWRITTEN);
    wakes = 0;

    answer();
    assertThat(wakes).isEqualTo(1);
    drain();

    assertThat(written).hasSize(MemberLog.MAX_UNWRITTEN + 10);
  }

  @Test
  void recordThatKafkaDidNotTake_hasTheRosterToldAnew_onceNothingIsOnItsWay() {
    join("c1");
    join("c2");
    drain();
    answers.remove().completeExceptionally(new IllegalStateException("away"));
    there.add("c1");
    there.add("c3");
    join("c3");
    log.tick();
    drain();
    assertThat(texts()).as("one is on its way").doesNotContain("Roster 3");
    assertThat(log.broken()).isEqualTo(1);
    written.clear();

    answer();
    log.tick();
    drain();

    assertThat(texts()).containsExactly("Roster 3");
    assertThat(censuses).as("nobody is asked before Kafka takes anything").isEmpty();
    wakes = 0;
    answer();
    assertThat(wakes).isEqualTo(1);
    drain();
    assertThat(texts()).containsExactly("Roster 3", "=c1 4", "=c3 5");
    assertThat(log.lost()).isEqualTo(2);
    assertThat(log.broken()).isZero();
    leave("c3");
    drain();
    assertThat(texts()).last().isEqualTo("-c3 6");
  }

  /** Else a busy gateway would never come to it. */
  @Test
  void partition_isToldAnew_thoughRecordsOfOthersAreOnTheirWay() {
    Placement two = new Placement(2);
    ChannelRegistry wide =
        new ChannelRegistry(
            new GatewayIdentity(new GatewayId("g1"), new Region("local"), "instance"),
            two,
            7,
            tenant -> 300_000,
            System::nanoTime,
            () -> {});
    MemberLog both = new MemberLog(wide, 2, () -> {});
    TenantChannel elsewhere =
        Stream.iterate(0, i -> i + 1)
            .map(i -> new TenantChannel(new TenantId("t" + i), new Channel("room.1")))
            .filter(name -> wide.partitionOf(name) != wide.partitionOf(ROOM))
            .findFirst()
            .orElseThrow();
    both.joined(elsewhere, ALICE, new ConnectionId("c1"));
    both.joined(ROOM, ALICE, new ConnectionId("c2"));
    both.drain(
        record -> {
          CompletableFuture<Long> answer = new CompletableFuture<>();
          if (record.origin().partition() == wide.partitionOf(ROOM)) {
            answer.completeExceptionally(new IllegalStateException("not taken"));
          }
          return answer;
        },
        this::census);

    both.tick();
    both.drain(record -> CompletableFuture.completedFuture(1L), this::census);
    both.drain(record -> CompletableFuture.completedFuture(1L), this::census);

    assertThat(censuses).containsExactly(BitSet.valueOf(new long[] {1L << wide.partitionOf(ROOM)}));
  }

  @Test
  void moreThanMayWait_areToldAnewToo() {
    for (int i = 0; i <= MemberLog.MAX_WAITING; i++) {
      join("c");
    }
    assertThat(log.pending()).isZero();
    assertThat(log.lost()).isEqualTo(MemberLog.MAX_WAITING + 1);

    log.tick();
    drain();

    assertThat(texts()).containsExactly("Roster 1");
  }

  /** Else those that alone are more than may wait would be told anew for ever. */
  @Test
  void census_hasHalfOfWhatMayWait_andTheOtherHalfIsForWhoComesAndGoes() {
    MemberCensus.Listener listener = startOver();
    int told = 0;
    while (listener.hasRoom()) {
      listener.tell(member("c" + told++));
    }
    assertThat(told).isEqualTo(MemberLog.MAX_WAITING / 2);

    leave("c1");
    drain();
    assertThat(listener.hasRoom()).isTrue();
    listener.tell(member("last"));
    while (log.pending() > 0) {
      drain();
      answer();
    }

    assertThat(log.lost()).isZero();
    assertThat(texts())
        .hasSize(4 + told + 2)
        .contains("-c1 " + (4 + told + 1))
        .last()
        .asString()
        .startsWith("=last ");
  }

  @Test
  void census_isOver_whenItsPartitionBreaks_andTheNextOneTellsAll() {
    MemberCensus.Listener listener = startOver();
    listener.tell(member("c1"));
    drain();
    answers.remove().completeExceptionally(new IllegalStateException("away"));
    assertThat(listener.isOver()).isTrue();
    written.clear();

    log.tick();
    drain();
    answer();
    drain();
    MemberCensus.Listener next = listeners.getLast();
    listener.tell(member("of-the-former"));
    next.tell(member("c1"));
    drain();

    assertThat(next.isOver()).isFalse();
    assertThat(texts()).containsExactly("Roster 6", "=c1 7");
  }

  @Test
  void partitionBegunAnew_tellsWhoIsThere_butNotAfterItsFirstUp() {
    var _ = registry.acquire(ROOM);
    drain();
    assertThat(censuses).isEmpty();
    there.add("c1");
    written.clear();

    registry.startOver(0);
    drain();

    assertThat(texts()).containsExactly("GatewayUp 3", "Subscribe 4", "=c1 5");
  }

  @Test
  void partitionBegunUnderAnotherGeneration_tellsWhoIsThereAsNews() {
    var _ = registry.acquire(ROOM);
    drain();
    there.add("c1");
    written.clear();

    registry.startOver(8L);
    drain();
    assertThat(texts()).containsExactly("GatewayUp 1", "Subscribe 2", "+c1 3");

    written.clear();
    registry.startOver(0);
    drain();
    assertThat(texts()).last().isEqualTo("=c1 6");
  }

  private void census(BitSet partitions, MemberCensus.Listener to) {
    censuses.add(partitions);
    listeners.add(to);
    there.forEach(connection -> to.tell(member(connection)));
  }

  /** Has the partition begun anew, and returns who is to be told. */
  private MemberCensus.Listener startOver() {
    var _ = registry.acquire(ROOM);
    drain();
    registry.startOver(0);
    drain();
    return listeners.getLast();
  }

  private static Member member(String connection) {
    return new Member(ROOM, new ConnectionId(connection), ALICE, 0);
  }

  private void join(String connection) {
    log.joined(ROOM, ALICE, new ConnectionId(connection));
  }

  private void leave(String connection) {
    log.left(ROOM, ALICE, new ConnectionId(connection));
  }

  private void drain() {
    registry.drain(
        record -> {
          written.add(record);
          return CompletableFuture.completedFuture(1L);
        });
    log.drain(
        record -> {
          written.add(record);
          CompletableFuture<Long> answer = new CompletableFuture<>();
          answers.add(answer);
          return answer;
        },
        this::census);
  }

  private void answer() {
    while (!answers.isEmpty()) {
      answers.remove().complete(1L);
    }
  }

  private List<String> texts() {
    return written.stream()
        .map(
            record ->
                switch (record) {
                      case Join join -> (join.again() ? "=" : "+") + join.connection();
                      case Leave leave -> "-" + leave.connection();
                      case Roster _ -> "Roster";
                      default -> record.getClass().getSimpleName();
                    }
                    + " "
                    + record.origin().sequence())
        .toList();
  }
}
