package io.lqrealtime.gateway.session;

import static io.lqrealtime.gateway.session.Conversation.ALICE;
import static io.lqrealtime.gateway.session.Conversation.channel;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.security.ChannelPattern;
import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.security.Permissions.Action;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a subscription with {@code presence: true} brings, beside messages. */
class SessionMembersTest {
  private static final TenantChannel ROOM = channel("room.1");
  private static final TenantChannel MEMBERS =
      new TenantChannel(ROOM.tenant(), ROOM.channel().members());
  private static final String WATCH =
      "{'type':'subscribe','id':'s1','channel':'room.1','presence':true}";
  private static final String SUBSCRIBED =
      "{'type':'subscribed','id':'s1','channel':'room.1',"
          + "'position':'local.qzs2bywm.4.40','recovered':true}";

  private final FakeInterests interests = new FakeInterests();
  private final Past past = new Past();
  private final Counts counts = new Counts();
  private final ChannelTable table =
      new ChannelTable(interests, Conversation.POSITIONS, past, past, counts);
  private final Conversation client = new Conversation(table, past);

  @Test
  void subscribe_withPresence_isAnsweredOnce_andHasTheCompanionFromThere() {
    interests.active.put(ROOM, 40L);
    past.floor = 40;

    client.says(WATCH);

    assertThat(client.hears()).containsExactly(SUBSCRIBED);
    assertThat(interests.held).containsExactlyInAnyOrder(ROOM, MEMBERS);
    activate(MEMBERS, 44);
    History.Request page = past.pages.remove().request();
    assertThat(page.channel()).isEqualTo(MEMBERS);
    assertThat(page.after()).isEqualTo(40);
    assertThat(page.upTo()).isEqualTo(44);
    assertThat(counts.behind()).isEmpty();
  }

  @Test
  void joinsBetweenTheAnswerAndTheCompanion_comeFromTheLog_thenLive() {
    interests.active.put(ROOM, 40L);
    past.floor = 44;
    client.says(WATCH);
    client.hears();
    activate(MEMBERS, 44);

    past.pages
        .remove()
        .answer()
        .accept(
            new History.Page.Messages(
                List.of(new History.Stored(42, frame("missed join"))), 44, true));
    client.ioThreadRuns();
    event(45, "live join");

    assertThat(client.hears()).containsExactly("missed join", "live join");
    assertThat(client.session.isBehind()).isFalse();
  }

  @Test
  void counts_goToWhoIsLive_andAreNoMatterOfOffsets() {
    watchLive();

    table.deliver(new Delivery.Notice(MEMBERS, frame("counts")));
    table.deliver(new Delivery.Notice(MEMBERS, frame("counts")));
    table.deliver(new Delivery.Notice(ROOM, frame("of the channel itself")));
    assertThat(client.hears()).containsExactly("counts", "counts", "of the channel itself");
    client.room = 0;
    table.deliver(new Delivery.Notice(MEMBERS, frame("without room")));

    assertThat(client.hears()).isEmpty();
    assertThat(client.session.isBehind()).isFalse();
  }

  @Test
  void unsubscribing_orSubscribingWithoutPresence_givesTheCompanionBack() {
    watchLive();
    client.says("{'type':'subscribe','channel':'room.1'}");
    assertThat(interests.held).containsExactly(ROOM);
    event(46, "join");
    assertThat(client.hears()).noneMatch(frame -> frame.contains("join"));

    client.says(WATCH);
    assertThat(interests.held).hasSize(2);
    client.says("{'type':'unsubscribe','channel':'room.1'}");
    assertThat(interests.held).isEmpty();
  }

  @Test
  void end_givesBackBoth() {
    watchLive();

    client.session.end();

    assertThat(interests.held).isEmpty();
    assertThat(client.presence).hasSize(2).last().asString().contains("left room.1");
  }

  @Test
  void companion_isNoSubscriptionThatCounts_norAMemberOfAnything() {
    for (String room : List.of("a", "b", "c")) {
      interests.active.put(channel(room), 40L);
      client.says(WATCH.replace("room.1", room));
    }
    assertThat(client.hears()).hasSize(3).allMatch(frame -> frame.contains("'subscribed'"));
    assertThat(table.members()).hasSize(3).noneMatch(m -> m.channel().channel().isMembers());

    client.says("{'type':'subscribe','id':'s9','channel':'d'}");
    assertThat(client.hears()).singleElement().asString().contains("'limit_exceeded'");
  }

  @Test
  void subscribe_withPresence_takesThePermission_alsoLater() {
    Map<Action, List<ChannelPattern>> some =
        Map.of(Action.SUBSCRIBE, List.of(new ChannelPattern("*")));
    Permissions without = Permissions.granted(ALICE, some);
    Conversation stranger = new Conversation(table, past, "c2", without);
    stranger.says(WATCH);
    assertThat(stranger.hears()).singleElement().asString().contains("'s1'", "'forbidden'");
    assertThat(interests.held).isEmpty();

    watchLive();
    client.verdict = Optional.of(new Outcome.Accepted(Conversation.principal(2000, without)));
    client.says("{'type':'refresh','payload':{'token':'t'}}");
    client.ioThreadRuns();
    assertThat(client.hears()).hasSize(2).last().asString().contains("'forbidden'", "'room.1'");
    assertThat(interests.held).containsExactly(ROOM);
  }

  @Test
  void tokensThatAllowLess_neverCloseTheClient() {
    Permissions all = Permissions.ofUser(ALICE);
    Permissions without =
        Permissions.granted(ALICE, Map.of(Action.SUBSCRIBE, List.of(new ChannelPattern("*"))));
    for (int i = 0; i < 10; i++) {
      refreshes(2000 + 2 * i, all);
      client.says(WATCH);
      activate(ROOM, 40);
      client.hears();
      refreshes(2001 + 2 * i, without);
      assertThat(client.hears()).last().asString().contains("'forbidden'");
    }

    client.passes(ErrorLimit.PAUSE);
    assertThat(client.closes).isEmpty();
  }

  private void refreshes(long expiresAt, Permissions permissions) {
    client.verdict =
        Optional.of(new Outcome.Accepted(Conversation.principal(expiresAt, permissions)));
    client.says("{'type':'refresh','payload':{'token':'t'}}");
    client.ioThreadRuns();
  }

  @Test
  void companionThatCantBeHad_isTold_andMessagesGoOn() {
    interests.active.put(ROOM, 40L);
    client.says(WATCH);
    client.hears();

    table.deliver(new Delivery.Refused(List.of(MEMBERS)));
    table.deliver(new Delivery.Broadcast(ROOM, FakeInterests.PARTITION, 41, frame("message"), 0));

    assertThat(client.hears())
        .hasSize(2)
        .satisfiesExactly(
            frame -> assertThat(frame).contains("'error'", "'room.1'", "'unavailable'"),
            frame -> assertThat(frame).isEqualTo("message"));
  }

  private void watchLive() {
    interests.active.put(ROOM, 40L);
    interests.active.put(MEMBERS, 40L);
    past.floor = 40;
    client.says(WATCH);
    assertThat(client.hears()).hasSize(1);
  }

  private void activate(TenantChannel name, long offset) {
    table.deliver(new Delivery.Activated(List.of(name), FakeInterests.PARTITION, offset));
    client.ioThreadRuns();
  }

  private void event(long offset, String text) {
    table.deliver(new Delivery.Broadcast(MEMBERS, FakeInterests.PARTITION, offset, frame(text), 0));
  }

  private static byte[] frame(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return FrameEncoder.text(bytes, 0, bytes.length);
  }
}
