package io.lqrealtime.gateway.session;

import static io.lqrealtime.gateway.session.Conversation.channel;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.gateway.security.ChannelPattern;
import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.security.Permissions.Action;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SessionSubscribeTest {
  private static final TenantChannel ROOM = channel("room.1");
  private static final String SUBSCRIBED =
      "{'type':'subscribed','id':'s1','channel':'room.1',"
          + "'position':'local.qzs2bywm.4.40','recovered':true}";

  private final FakeInterests interests = new FakeInterests();
  private final ChannelTable table = new ChannelTable(interests, Conversation.PREFIX);
  private final Conversation client = new Conversation(table);

  @Test
  void subscribe_isAnsweredWhenTheChannelHasBecomeActive() {
    client.says("{'type':'subscribe','id':'s1','channel':'room.1'}");
    assertThat(client.hears()).isEmpty();

    activate(40);

    assertThat(client.hears()).containsExactly(SUBSCRIBED);
    assertThat(client.presence).containsExactly("alice joined room.1 by c1 at " + Conversation.NOW);
  }

  @Test
  void subscribe_toAChannelThatIsActiveOnTheGateway_isAnsweredAtOnce() {
    interests.active.put(ROOM, 40L);

    client.says("{'type':'subscribe','id':'s1','channel':'room.1'}");

    assertThat(client.hears()).containsExactly(SUBSCRIBED);
  }

  @Test
  void subscribe_withSince_isNotRecovered() {
    interests.active.put(ROOM, 40L);

    client.says("{'type':'subscribe','channel':'room.1','since':'local.qzs2bywm.4.12'}");

    assertThat(client.hears())
        .containsExactly(
            "{'type':'subscribed','channel':'room.1',"
                + "'position':'local.qzs2bywm.4.40','recovered':false}");
  }

  @Test
  void subscribe_thatTheTokenDoesNotAllow_isForbidden() {
    client.says("{'type':'subscribe','id':'s1','channel':'user:bob'}");

    assertThat(client.hears()).singleElement().asString().contains("'id':'s1'", "'forbidden'");
    assertThat(interests.held).isEmpty();
  }

  @Test
  void subscribe_pastTheLimit_isRefused_butSubscribingAgainIsNot() {
    for (int i = 1; i <= 3; i++) {
      client.says("{'type':'subscribe','channel':'room." + i + "'}");
    }

    client.says("{'type':'subscribe','id':'s4','channel':'room.4'}");
    assertThat(client.hears()).singleElement().asString().contains("'s4'", "'limit_exceeded'");

    client.says("{'type':'subscribe','id':'s5','channel':'room.3'}");
    assertThat(client.hears()).noneMatch(frame -> frame.contains("limit_exceeded"));
  }

  @Test
  void subscribe_thatIsRefusedInTime_isUnavailable_andMayBeTriedAgain() {
    client.says("{'type':'subscribe','id':'s1','channel':'room.1'}");

    table.deliver(new Delivery.Refused(List.of(ROOM)));

    assertThat(client.hears()).singleElement().asString().contains("'s1'", "'unavailable'");
    assertThat(interests.held).isEmpty();
    interests.active.put(ROOM, 40L);
    client.says("{'type':'subscribe','id':'s1','channel':'room.1'}");
    assertThat(client.hears()).containsExactly(SUBSCRIBED);
  }

  @Test
  void subscribingAgain_replaces_soThatAMessageComesOnce() {
    subscribed();

    client.says("{'type':'subscribe','id':'s2','channel':'room.1'}");
    message(41, "hello");

    assertThat(client.hears())
        .containsExactly(
            "{'type':'subscribed','id':'s2','channel':'room.1',"
                + "'position':'local.qzs2bywm.4.40','recovered':true}",
            "hello");
    assertThat(interests.held).containsExactly(ROOM);
  }

  @Test
  void subscribingAgain_whilePending_answersTheFormerRequestAsReplaced() {
    client.says("{'type':'subscribe','id':'s0','channel':'room.1'}");
    client.says("{'type':'subscribe','id':'s1','channel':'room.1'}");
    activate(40);

    assertThat(client.hears())
        .containsExactly(
            "{'type':'unsubscribed','id':'s0','channel':'room.1','reason':'replaced'}", SUBSCRIBED);
  }

  @Test
  void unsubscribe_isAnswered_andNothingFollows() {
    subscribed();

    client.says("{'type':'unsubscribe','id':'u1','channel':'room.1'}");
    message(41, "hello");

    assertThat(client.hears())
        .containsExactly("{'type':'unsubscribed','id':'u1','channel':'room.1'}");
    assertThat(client.presence).endsWith("c1 left room.1");
    assertThat(interests.held).isEmpty();
  }

  @Test
  void unsubscribe_whilePending_answersBothRequests() {
    client.says("{'type':'subscribe','id':'s1','channel':'room.1'}");
    client.says("{'type':'unsubscribe','id':'u1','channel':'room.1'}");
    activate(40);

    assertThat(client.hears())
        .containsExactly(
            "{'type':'unsubscribed','id':'s1','channel':'room.1','reason':'unsubscribed'}",
            "{'type':'unsubscribed','id':'u1','channel':'room.1'}");
    assertThat(client.presence).isEmpty();
  }

  @Test
  void unsubscribe_fromWhatWasNotSubscribed_isAnsweredAllTheSame() {
    client.says("{'type':'unsubscribe','channel':'room.1'}");

    assertThat(client.hears()).containsExactly("{'type':'unsubscribed','channel':'room.1'}");
  }

  @Test
  void end_givesBackEverything_once() {
    subscribed();
    client.says("{'type':'subscribe','channel':'room.2'}");

    client.session.end();
    client.session.end();

    assertThat(interests.held).isEmpty();
    assertThat(client.presence).filteredOn(what -> what.contains("left")).hasSize(1);
  }

  @Test
  void clientThatFallsBehindOnItsAnswer_isNotLeftInPresence() {
    client.says("{'type':'subscribe','id':'s1','channel':'room.1'}");
    client.lagging = true;

    activate(40);

    assertThat(client.closes).containsExactly(CloseReason.LAGGING);
    assertThat(client.presence).endsWith("c1 left room.1");
    assertThat(interests.held).isEmpty();
  }

  @Test
  void refresh_toATokenThatAllowsLess_endsWhatItDoesNotAllow() {
    subscribed();
    client.says("{'type':'subscribe','id':'s2','channel':'lobby'}");
    client.says("{'type':'subscribe','channel':'news'}");
    client.hears();
    client.verdict =
        new Outcome.Accepted(
            Conversation.principal(
                2000,
                Permissions.granted(
                    Conversation.ALICE,
                    Map.of(Action.SUBSCRIBE, List.of(new ChannelPattern("news"))))));

    client.says("{'type':'refresh','id':'r1','payload':{'token':'fresh'}}");

    assertThat(client.hears())
        .containsExactly(
            "{'type':'refreshed','id':'r1','payload':{'exp':2000}}",
            "{'type':'unsubscribed','channel':'room.1','reason':'forbidden'}",
            "{'type':'unsubscribed','id':'s2','channel':'lobby','reason':'forbidden'}");
    assertThat(interests.held).containsExactly(channel("news"));
  }

  private void subscribed() {
    client.says("{'type':'subscribe','channel':'room.1'}");
    activate(40);
    client.hears();
  }

  private void activate(long offset) {
    table.deliver(new Delivery.Activated(List.of(ROOM), FakeInterests.PARTITION, offset));
  }

  private void message(long offset, String text) {
    byte[] frame = FrameEncoder.text(text.getBytes(UTF_8), 0, text.length());
    table.deliver(new Delivery.Broadcast(ROOM, FakeInterests.PARTITION, offset, frame, 0));
  }
}
