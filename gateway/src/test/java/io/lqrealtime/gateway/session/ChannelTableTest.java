package io.lqrealtime.gateway.session;

import static io.lqrealtime.gateway.session.Conversation.ALICE;
import static io.lqrealtime.gateway.session.Conversation.channel;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.id.ConnectionId;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChannelTableTest {
  private static final TenantChannel ROOM = channel("room.1");
  private static final TenantChannel LOBBY = channel("lobby");

  private final FakeInterests interests = new FakeInterests();
  private final ChannelTable table = new ChannelTable(interests, Conversation.PREFIX);
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
  void clientThatLagsInTheMiddleOfAFanOut_takesNobodysMessage() {
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
  void lostPartition_closesItsSubscribers_active_orPending_once() {
    subscribe(one, ROOM);
    activate(40, ROOM);
    subscribe(one, LOBBY);
    subscribe(two, LOBBY);
    Conversation idle = client("c3");

    table.deliver(new Delivery.PartitionLost(FakeInterests.PARTITION + 1));
    assertThat(one.closes).isEmpty();
    table.deliver(new Delivery.PartitionLost(FakeInterests.PARTITION));

    assertThat(one.closes).containsExactly(CloseReason.GAP);
    assertThat(two.closes).containsExactly(CloseReason.GAP);
    assertThat(idle.closes).isEmpty();
    assertThat(interests.held).isEmpty();
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
    return new Conversation(table, connection, Permissions.ofUser(ALICE));
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

  private int message(TenantChannel channel, long offset, String text) {
    byte[] frame = FrameEncoder.text(text.getBytes(UTF_8), 0, text.length());
    return table.deliver(
        new Delivery.Broadcast(channel, FakeInterests.PARTITION, offset, frame, 0));
  }
}
