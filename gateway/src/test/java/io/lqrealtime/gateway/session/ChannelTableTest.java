package io.lqrealtime.gateway.session;

import static io.lqrealtime.gateway.session.Conversation.ALICE;
import static io.lqrealtime.gateway.session.Conversation.channel;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.session.ChannelMetrics.Behind;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.id.ConnectionId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChannelTableTest {
  private static final TenantChannel ROOM = channel("room.1");
  private static final TenantChannel LOBBY = channel("lobby");

  private final FakeInterests interests = new FakeInterests();
  private final Past past = new Past();
  private final Counts counts = new Counts();
  private final ChannelTable table =
      new ChannelTable(interests, Conversation.POSITIONS, past, past, counts);
  private final Conversation one = client("c1");
  private final Conversation two = client("c2");

  @Test
  void message_goesToEverySubscriberOfItsChannel_andNobodyElse() {
    subscribe(one, ROOM);
    subscribe(two, ROOM);
    Conversation elsewhere = client("c3");
    subscribe(elsewhere, LOBBY);
    activate(40, ROOM, LOBBY);
    hearAll(one, two, elsewhere);

    assertThat(message(ROOM, 41, "hello")).isEqualTo(2);

    assertThat(one.hears()).containsExactly("hello");
    assertThat(two.hears()).containsExactly("hello");
    assertThat(elsewhere.hears()).isEmpty();
  }

  @Test
  void message_upToTheOffsetSubscribedAt_isHistory() {
    subscribe(one, ROOM);
    activate(40, ROOM);
    hearAll(one);

    message(ROOM, 40, "before");
    message(ROOM, 41, "after");

    assertThat(one.hears()).containsExactly("after");
  }

  @Test
  void message_thatComesTwice_isDeliveredOnce() {
    subscribe(one, ROOM);
    activate(40, ROOM);
    hearAll(one);

    message(ROOM, 41, "hello");
    message(ROOM, 41, "hello");

    assertThat(one.hears()).containsExactly("hello");
  }

  @Test
  void pendingSubscription_getsNothing() {
    subscribe(one, ROOM);

    assertThat(message(ROOM, 41, "early")).isZero();
    assertThat(one.hears()).isEmpty();
  }

  @Test
  void furtherSubscription_startsWhereThePartitionHasCome_andCountsInOnce() {
    subscribe(one, ROOM);
    activate(40, ROOM);
    message(LOBBY, 57, "elsewhere in the partition");

    subscribe(two, ROOM);

    assertThat(two.hears()).singleElement().asString().contains("'local.qzs2bywm.4.57'");
    assertThat(interests.held).containsExactly(ROOM);
  }

  @Test
  void furtherSubscription_whereNothingOfThePartitionHasComeYet_startsWhereTheChannelDid() {
    interests.active.put(ROOM, 40L);
    subscribe(one, ROOM);

    subscribe(two, ROOM);
    subscribe(one, ROOM);

    assertThat(two.hears()).singleElement().asString().contains("'local.qzs2bywm.4.40'");
    assertThat(one.hears()).last().asString().contains("'local.qzs2bywm.4.40'");
  }

  @Test
  void channel_isGivenBackWithItsLastSubscription() {
    subscribe(one, ROOM);
    subscribe(two, ROOM);

    one.session.end();
    assertThat(interests.held).containsExactly(ROOM);
    two.session.end();
    assertThat(interests.held).isEmpty();
  }

  @Test
  void clientWithoutRoomInTheMiddleOfAFanOut_takesNobodysMessage_andLosesNone() {
    Conversation three = client("c3");
    for (Conversation client : List.of(one, two, three)) {
      subscribe(client, ROOM);
    }
    activate(40, ROOM);
    past.floor = 40;
    hearAll(one, two, three);
    two.room = 0;

    assertThat(message(ROOM, 41, "hello")).isEqualTo(2);
    message(ROOM, 42, "again");

    assertThat(two.hears()).isEmpty();
    assertThat(one.hears()).containsExactly("hello", "again");
    assertThat(three.hears()).containsExactly("hello", "again");
    assertThat(two.timesSeenAll).isZero();
    two.takes(1_000);
    assertThat(two.hears()).containsExactly("hello", "again");
    assertThat(two.timesSeenAll).isEqualTo(1);
    message(ROOM, 43, "live");
    assertThat(two.hears()).containsExactly("live");
    assertThat(counts.behind()).containsOnly(Map.entry(Behind.SLOW, 1));
    assertThat(counts.delivered()).isEqualTo(9);
    assertThat(two.closes).isEmpty();
  }

  @Test
  void tenantWithMoreMessagesThanItsShare_getsTheRestInItsTurn_onceAndInOrder() {
    FakeTurn turn = new FakeTurn();
    for (Conversation client : List.of(one, two)) {
      client.turn = turn;
      subscribe(client, ROOM);
    }
    activate(40, ROOM);
    past.floor = 40;
    hearAll(one, two);
    turn.frames = 3;
    turn.left = 0;

    message(ROOM, 41, "a");
    message(ROOM, 42, "b");
    assertThat(turn.frames).as("a message is delivered to all or none").isEqualTo(-1);
    assertThat(message(ROOM, 43, "c")).isZero();
    message(ROOM, 44, "d");

    assertThat(one.hears()).containsExactly("a", "b");
    assertThat(turn.waiting()).isEqualTo(2);
    assertThat(counts.behind()).containsOnly(Map.entry(Behind.TURN, 2));
    turn.comes(1);
    assertThat(one.hears()).containsExactly("c", "d");
    assertThat(two.hears()).containsExactly("a", "b", "c", "d");
    assertThat(turn.waiting()).isZero();
    turn.frames = 2;
    assertThat(message(ROOM, 45, "live")).isEqualTo(2);
  }

  @Test
  void clientThatCatchesUp_stopsWhenItsTenantsTurnIsOver_andGoesOnInTheNext() {
    FakeTurn turn = new FakeTurn();
    one.turn = turn;
    subscribe(one, ROOM);
    subscribe(one, LOBBY);
    activate(40, ROOM, LOBBY);
    past.floor = 40;
    one.hears();
    one.room = 0;
    message(ROOM, 41, "a");
    message(LOBBY, 42, "b");
    turn.left = 1;

    one.takes(1_000);
    assertThat(one.hears()).containsExactly("b");
    assertThat(one.session.isBehind()).isTrue();
    assertThat(turn.waiting()).isEqualTo(1);
    turn.comes(1);
    assertThat(one.hears()).containsExactly("a");
    assertThat(one.session.isBehind()).isFalse();
  }

  @Test
  void clientThatEnds_waitsForNoTurn() {
    FakeTurn turn = new FakeTurn();
    one.turn = turn;
    subscribe(one, ROOM);
    activate(40, ROOM);
    turn.frames = 0;
    message(ROOM, 41, "a");
    assertThat(turn.waiting()).isEqualTo(1);

    one.session.end();

    assertThat(turn.waiting()).isZero();
  }

  @Test
  void clientThatEndsInTheMiddleOfAFanOut_takesNobodysMessage() {
    Conversation three = client("c3");
    for (Conversation client : List.of(one, two, three)) {
      subscribe(client, ROOM);
    }
    activate(40, ROOM);
    hearAll(one, two, three);
    two.lagging = true;

    message(ROOM, 41, "hello");

    assertThat(two.closes).containsExactly(CloseReason.LAGGING);
    assertThat(one.hears()).containsExactly("hello");
    assertThat(three.hears()).containsExactly("hello");
  }

  @Test
  void refusal_concernsOnlyThoseWhoWait() {
    subscribe(one, ROOM);
    activate(40, ROOM);
    hearAll(one);

    table.deliver(new Delivery.Refused(List.of(ROOM, LOBBY)));

    assertThat(one.hears()).isEmpty();
    assertThat(interests.held).containsExactly(ROOM);
  }

  @Test
  void gap_isMendedFromTheLog_beforeWhatComesAfterIt() {
    subscribe(one, ROOM);
    activate(40, ROOM);
    past.floor = 40;
    message(ROOM, 41, "before");
    one.hears();

    past.floor = 43;
    table.deliver(new Delivery.Gap(FakeInterests.PARTITION, 41, 43));
    message(ROOM, 44, "after");

    assertThat(one.hears()).isEmpty();
    Past.Asked asked = past.pages.remove();
    assertThat(asked.request().after()).isEqualTo(41);
    assertThat(asked.request().upTo()).isEqualTo(43);
    asked.answer().accept(page(43, true, 42, "missed"));
    one.ioThreadRuns();
    assertThat(one.hears()).containsExactly("missed", "after");
    assertThat(counts.behind()).containsOnly(Map.entry(Behind.GAP, 1));
    message(ROOM, 45, "live");
    assertThat(one.hears()).containsExactly("live");
    assertThat(past.pages).isEmpty();
    assertThat(one.closes).isEmpty();
  }

  @Test
  void gap_ofAnotherPartition_isNobodysHere() {
    subscribe(one, ROOM);
    activate(40, ROOM);
    hearAll(one);

    table.deliver(new Delivery.Gap(FakeInterests.PARTITION + 1, 41, 43));
    message(ROOM, 41, "hello");

    assertThat(one.hears()).containsExactly("hello");
    assertThat(past.pages).isEmpty();
  }

  @Test
  void whoSubscribesAfterAGap_startsPastIt() {
    subscribe(one, ROOM);
    activate(40, ROOM);
    past.floor = 43;
    table.deliver(new Delivery.Gap(FakeInterests.PARTITION, 41, 43));

    subscribe(two, ROOM);

    assertThat(two.hears()).singleElement().asString().contains("'local.qzs2bywm.4.43'");
  }

  @Test
  void suspendedChannel_goesOnWhenItIsActiveAgain_withWhatWasMissed() {
    subscribe(one, ROOM);
    activate(40, ROOM);
    message(ROOM, 41, "before");
    one.hears();

    past.floor = Long.MAX_VALUE;
    table.deliver(new Delivery.Suspended(FakeInterests.PARTITION, 41));
    assertThat(past.pages).isEmpty();
    activate(50, ROOM);
    past.floor = 50;
    past.pages.remove().answer().accept(page(50, true, 45, "missed"));
    one.ioThreadRuns();
    message(ROOM, 51, "live");

    assertThat(one.hears()).containsExactly("missed", "live");
    assertThat(counts.behind()).containsOnly(Map.entry(Behind.GAP, 1));
    assertThat(counts.delivered()).isEqualTo(3);
    assertThat(one.closes).isEmpty();
  }

  @Test
  void members_areThoseWhoseSubscriptionIsActive() {
    subscribe(one, ROOM);
    activate(40, ROOM);
    subscribe(two, LOBBY);

    assertThat(table.members())
        .containsExactly(
            new ChannelTable.Member(ROOM, new ConnectionId("c1"), ALICE, Conversation.NOW));
  }

  private Conversation client(String connection) {
    return new Conversation(table, past, connection, Permissions.ofUser(ALICE));
  }

  private static void subscribe(Conversation client, TenantChannel channel) {
    client.says("{'type':'subscribe','channel':'" + channel.channel() + "'}");
  }

  private static void hearAll(Conversation... clients) {
    for (Conversation client : clients) {
      assertThat(client.hears()).hasSize(1);
    }
  }

  private void activate(long offset, TenantChannel... channels) {
    table.deliver(new Delivery.Activated(List.of(channels), FakeInterests.PARTITION, offset));
  }

  private static History.Page page(long cursor, boolean complete, long offset, String text) {
    return new History.Page.Messages(
        List.of(new History.Stored(offset, frame(text))), cursor, complete);
  }

  private static byte[] frame(String text) {
    return FrameEncoder.text(text.getBytes(UTF_8), 0, text.length());
  }

  private int message(TenantChannel channel, long offset, String text) {
    byte[] frame = frame(text);
    past.remember(channel, offset, frame);
    return table.deliver(
        new Delivery.Broadcast(channel, FakeInterests.PARTITION, offset, frame, 0));
  }
}
