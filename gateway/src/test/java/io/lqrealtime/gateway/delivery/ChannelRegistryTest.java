package io.lqrealtime.gateway.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.delivery.ChannelRegistry.Standing;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ChannelDigest;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecord.GatewayUp;
import io.lqrealtime.record.ControlRecord.Subscribe;
import io.lqrealtime.record.ControlRecord.Unsubscribe;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.GatewayRecord.Heartbeat;
import io.lqrealtime.record.GatewayRecord.Subscribed;
import io.lqrealtime.topic.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ChannelRegistryTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantChannel ROOM = new TenantChannel(ACME, new Channel("room.1"));

  private final AtomicLong nanos = new AtomicLong(1);
  private final List<ControlRecord> written = new ArrayList<>();
  private int maxChannels = 100_000;
  private final ChannelRegistry registry =
      new ChannelRegistry(
          new GatewayIdentity(new GatewayId("g1"), new Region("local"), "instance"),
          new Placement(1),
          7,
          tenant -> maxChannels,
          nanos::get,
          () -> {});

  @Test
  void firstInterest_writesUpAndSubscribeOnce() {
    assertThat(registry.acquire(ROOM)).isEmpty();
    assertThat(registry.acquire(ROOM)).isEmpty();
    drain();

    assertThat(written).hasSize(2);
    assertThat(written.get(0)).isInstanceOf(GatewayUp.class);
    assertThat(((Subscribe) written.get(1)).channels()).containsExactly(ROOM.channel());
    assertThat(written).extracting(r -> r.origin().sequence()).containsExactly(1L, 2L);
  }

  @Test
  void tenantWithAsManyChannelsAsItMayHave_hasRoomForThoseOnly_untilOneIsLeft() {
    maxChannels = 2;
    activate(ROOM, 40);
    TenantChannel second = new TenantChannel(ACME, new Channel("second"));
    TenantChannel third = new TenantChannel(ACME, new Channel("third"));
    assertThat(registry.hasRoomFor(second)).isTrue();
    registry.acquire(second);

    assertThat(registry.hasRoomFor(third)).isFalse();
    assertThat(registry.hasRoomFor(ROOM)).isTrue();
    assertThat(registry.hasRoomFor(new TenantChannel(new TenantId("other"), ROOM.channel())))
        .isTrue();

    registry.release(ROOM);
    assertThat(registry.hasRoomFor(third)).isTrue();
    registry.acquire(third);
    assertThat(registry.hasRoomFor(ROOM)).as("lingers, and may not come back").isFalse();
    registry.release(second);
    assertThat(registry.hasRoomFor(ROOM)).isTrue();
    assertThat(registry.acquire(ROOM)).hasValue(40);
    assertThat(registry.hasRoomFor(second)).isFalse();
  }

  @Test
  void companions_areNoFurtherChannelsOfTheirTenant() {
    maxChannels = 2;
    for (String name : List.of("first", "second")) {
      Channel channel = new Channel(name);
      assertThat(registry.hasRoomFor(new TenantChannel(ACME, channel))).isTrue();
      registry.acquire(new TenantChannel(ACME, channel));
      registry.acquire(new TenantChannel(ACME, channel.members()));
    }
    TenantChannel third = new TenantChannel(ACME, new Channel("third"));
    assertThat(registry.hasRoomFor(third)).isFalse();

    registry.release(new TenantChannel(ACME, new Channel("first").members()));
    assertThat(registry.hasRoomFor(third)).isFalse();
    registry.release(new TenantChannel(ACME, new Channel("first")));
    assertThat(registry.hasRoomFor(third)).isTrue();
  }

  @Test
  void moreLingeringChannelsThanTheTenantMayHave_areUnsubscribedAtOnce_theOldestFirst() {
    maxChannels = 2;
    TenantChannel other = new TenantChannel(new TenantId("other"), ROOM.channel());
    activate(other, 39);
    registry.release(other);
    List<TenantChannel> left = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      TenantChannel channel = new TenantChannel(ACME, new Channel("c" + i));
      activate(channel, 40 + i);
      left.add(channel);
      registry.release(channel);
      drain();
      assertThat(registry.channels()).isLessThanOrEqualTo(1 + maxChannels);
    }

    assertThat(left.stream().filter(registry::isKnown)).containsExactly(left.get(3), left.get(4));
    assertThat(registry.isKnown(other)).isTrue();
    assertThat(((Unsubscribe) written.getLast()).channels()).containsExactly(left.get(2).channel());
    registry.acquire(left.get(3));
    registry.acquire(left.get(0));
    drain();
    assertThat(((Subscribe) written.getLast()).channels()).containsExactly(left.get(0).channel());
  }

  @Test
  void channelsThatAreLeftBeforeTheyAreAnswered_areBoundedToo_andTheDigestIsWhatIsAskedFor() {
    maxChannels = 1;
    TenantChannel second = new TenantChannel(ACME, new Channel("second"));
    registry.acquire(ROOM);
    registry.acquire(second);
    drain();
    long asked = lastSequence();
    nanos.addAndGet(ChannelRegistry.RETRY.toNanos() + 1);
    registry.tick();
    registry.release(ROOM);
    registry.release(second);
    drain();

    assertThat(((Unsubscribe) written.get(2)).channels()).containsExactly(ROOM.channel());
    assertThat(((Subscribe) written.get(3)).channels()).containsExactly(second.channel());
    assertThat(written).hasSize(4);
    assertThat(registry.subscribed(answer(asked, 40, ROOM))).isEmpty();
    long digest = ChannelDigest.toggle(ChannelDigest.EMPTY, ACME, second.channel());
    assertThat(registry.heartbeat(heartbeat(7, lastSequence(), digest, 1)))
        .isEqualTo(Standing.AS_ASKED);

    registry.startOver(0);
    assertThat(registry.channels()).isZero();
  }

  @Test
  void furtherInterest_whenActive_costsNoRecordAndStartsAtTheOffset() {
    activate(ROOM, 40);

    assertThat(registry.acquire(ROOM)).hasValue(40);
    drain();

    assertThat(written).isEmpty();
  }

  @Test
  void manyChannels_shareOneRecord() {
    for (int i = 0; i < ControlRecord.MAX_CHANNELS + 1; i++) {
      registry.acquire(new TenantChannel(ACME, new Channel("c" + i)));
    }
    drain();

    assertThat(written)
        .filteredOn(Subscribe.class::isInstance)
        .extracting(r -> ((Subscribe) r).channels().size())
        .containsExactly(ControlRecord.MAX_CHANNELS, 1);
  }

  @Test
  void lastInterestGone_unsubscribesOnlyAfterLingering() {
    activate(ROOM, 40);
    registry.release(ROOM);
    pass(ChannelRegistry.LINGER.minusSeconds(1));
    assertThat(written).isEmpty();

    pass(Duration.ofSeconds(2));

    assertThat(written).singleElement().isInstanceOf(Unsubscribe.class);
    assertThat(registry.isKnown(ROOM)).isFalse();
  }

  @Test
  void interestThatComesBackWhileLingering_isActiveAtOnce() {
    activate(ROOM, 40);
    registry.release(ROOM);

    assertThat(registry.acquire(ROOM)).hasValue(40);
    pass(ChannelRegistry.LINGER.plusSeconds(5));

    assertThat(written).isEmpty();
  }

  @Test
  void answerToAnOlderRecord_doesNotActivateWhatWasLeftAndAskedForAgain() {
    activate(ROOM, 40);
    long oldSequence = 2;
    registry.release(ROOM);
    pass(ChannelRegistry.LINGER.plusSeconds(1));
    registry.acquire(ROOM);
    drain();

    assertThat(registry.subscribed(answer(oldSequence, 40, ROOM))).isEmpty();
    assertThat(registry.subscribed(answer(lastSequence(), 60, ROOM))).containsExactly(ROOM);
    assertThat(registry.acquire(ROOM)).hasValue(60);
  }

  @Test
  void unansweredSubscribe_isWrittenAgainAndRefusedInTheEnd() {
    registry.acquire(ROOM);
    drain();
    written.clear();

    pass(ChannelRegistry.RETRY.plusMillis(1));
    assertThat(written).singleElement().isInstanceOf(Subscribe.class);

    nanos.addAndGet(ChannelRegistry.GIVE_UP.toNanos());
    assertThat(registry.tick()).containsExactly(ROOM);
  }

  @Test
  void heartbeatWithAnotherDigest_differs() {
    activate(ROOM, 40);
    long digest = ChannelDigest.toggle(ChannelDigest.EMPTY, ACME, ROOM.channel());

    assertThat(registry.heartbeat(heartbeat(7, 2, digest, 1))).isEqualTo(Standing.AS_ASKED);
    assertThat(registry.heartbeat(heartbeat(7, 2, digest + 1, 1))).isEqualTo(Standing.DIFFERS);
    assertThat(registry.heartbeat(heartbeat(7, 2, digest, 2))).isEqualTo(Standing.DIFFERS);
  }

  @Test
  void heartbeatThatStaysBehindTheSequence_differsAfterAWhile() {
    activate(ROOM, 40);

    assertThat(registry.heartbeat(heartbeat(7, 1, 0, 0))).isEqualTo(Standing.UNSETTLED);
    nanos.addAndGet(ChannelRegistry.GIVE_UP.toNanos() + 1);
    assertThat(registry.heartbeat(heartbeat(7, 1, 0, 0))).isEqualTo(Standing.DIFFERS);
  }

  @Test
  void recordsOfMembers_thatTheRouterHasNotReadYet_hideNoDigestAndAreNotMissed() {
    activate(ROOM, 40);
    long digest = ChannelDigest.toggle(ChannelDigest.EMPTY, ACME, ROOM.channel());
    for (int i = 0; i < 60; i++) {
      long before = registry.nextOrigin(0).sequence();
      var _ = registry.nextOrigin(0);
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());

      assertThat(registry.heartbeat(heartbeat(7, before, digest, 1))).isEqualTo(Standing.AS_ASKED);
      assertThat(registry.heartbeat(heartbeat(7, before, digest + 1, 1)))
          .isEqualTo(Standing.DIFFERS);
    }
  }

  @Test
  void recordsOfMembers_thatTheRouterDoesNotComeTo_areMissedAfterAWhile() {
    activate(ROOM, 40);
    long digest = ChannelDigest.toggle(ChannelDigest.EMPTY, ACME, ROOM.channel());
    var _ = registry.nextOrigin(0);

    assertThat(registry.heartbeat(heartbeat(7, 2, digest, 1))).isEqualTo(Standing.AS_ASKED);
    nanos.addAndGet(ChannelRegistry.GIVE_UP.toNanos() + 1);
    assertThat(registry.heartbeat(heartbeat(7, 2, digest, 1))).isEqualTo(Standing.DIFFERS);
  }

  @Test
  void heartbeatBetweenLettingAChannelGoAndWritingIt_saysNothing() {
    activate(ROOM, 40);
    long digest = ChannelDigest.toggle(ChannelDigest.EMPTY, ACME, ROOM.channel());
    registry.release(ROOM);
    nanos.addAndGet(ChannelRegistry.LINGER.toNanos() + 1);
    registry.tick();

    assertThat(registry.heartbeat(heartbeat(7, 2, digest, 1))).isEqualTo(Standing.UNSETTLED);
    drain();
    assertThat(registry.heartbeat(heartbeat(7, 2, digest, 1))).isEqualTo(Standing.UNSETTLED);
    assertThat(registry.heartbeat(heartbeat(7, 3, 0, 0))).isEqualTo(Standing.AS_ASKED);
  }

  @Test
  void heartbeatOfANewerGeneration_supersedes() {
    assertThat(registry.heartbeat(heartbeat(8, 0, 0, 0))).isEqualTo(Standing.SUPERSEDED);
    assertThat(registry.heartbeat(heartbeat(6, 0, 0, 0))).isEqualTo(Standing.UNSETTLED);
  }

  @Test
  void startingOver_asksForEverythingNeededAfterANewUp() {
    activate(ROOM, 40);
    registry.startOver(0);
    drain();

    assertThat(written.get(0)).isInstanceOf(GatewayUp.class);
    assertThat(written.get(1)).isInstanceOf(Subscribe.class);
    assertThat(written).extracting(r -> r.origin().sequence()).containsExactly(3L, 4L);
  }

  @Test
  void newGeneration_startsItsSequencesAnew() {
    activate(ROOM, 40);
    registry.startOver(9L);
    drain();

    assertThat(written).extracting(r -> r.origin().generation()).containsOnly(9L);
    assertThat(written).extracting(r -> r.origin().sequence()).containsExactly(1L, 2L);
    assertThat(registry.subscribed(answer(2, 50, ROOM))).isEmpty();
  }

  @Test
  void silentRouter_isNoticedOnlyWhereThereAreChannels() {
    assertThat(registry.silentPartitions(Duration.ofSeconds(5))).isEmpty();
    activate(ROOM, 40);
    assertThat(registry.silentPartitions(Duration.ofSeconds(5))).isEmpty();
    nanos.addAndGet(Duration.ofSeconds(6).toNanos());
    assertThat(registry.silentPartitions(Duration.ofSeconds(5))).containsExactly(0);
  }

  private void activate(TenantChannel channel, long offset) {
    registry.acquire(channel);
    drain();
    assertThat(registry.subscribed(answer(lastSequence(), offset, channel)))
        .containsExactly(channel);
    written.clear();
  }

  private long lastSequence() {
    return written.getLast().origin().sequence();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    registry.tick();
    drain();
  }

  private void drain() {
    registry.drain(
        record -> {
          written.add(record);
          return CompletableFuture.completedFuture(0L);
        });
  }

  private static Subscribed answer(long sequence, long offset, TenantChannel channel) {
    return new Subscribed(
        0,
        7,
        sequence,
        offset,
        GatewayRecord.NOTHING,
        channel.tenant(),
        List.of(channel.channel()));
  }

  private static Heartbeat heartbeat(long generation, long sequence, long digest, int channels) {
    return new Heartbeat(0, generation, sequence, 0, GatewayRecord.NOTHING, digest, channels);
  }
}
