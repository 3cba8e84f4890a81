package io.lqrealtime.gateway.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.frame.ServerFrames.Member;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.session.ChannelPresence.Snapshot;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.UserId;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SessionTest {
  private static final String PUBLISH =
      "{'type':'publish','id':'m1','channel':'room.1','payload':{'n':1.50}}";

  private final Past past = new Past();
  private final Conversation client =
      new Conversation(
          new ChannelTable(new FakeInterests(), Conversation.POSITIONS, past, past, new Counts()),
          past);

  @Test
  void ping_isAnsweredWithItsIdAndPayload() {
    client.says("{'type':'ping','id':'p1','payload':[1.50]}");
    client.says("{'type':'ping'}");

    assertThat(client.hears())
        .containsExactly(
            "{'type':'pong','id':'p1','payload':[1.50]}", "{'type':'pong','payload':null}");
  }

  @Test
  void publish_isAckedWhenDurable_onTheIoThread() {
    client.says(PUBLISH);
    client.publishes.getFirst().durable("local.qzs2bywm.4.41");
    assertThat(client.hears()).isEmpty();

    client.ioThreadRuns();

    assertThat(client.hears())
        .containsExactly(
            "{'type':'ack','id':'m1','channel':'room.1','position':'local.qzs2bywm.4.41'}");
  }

  @Test
  void publish_saysWhoseItIs_andKeepsThePayloadByteForByte() {
    client.says(PUBLISH);

    Publisher.Publication published = client.published.getFirst();
    assertThat(published.channel()).isEqualTo(Conversation.channel("room.1"));
    assertThat(published.id()).hasValue("m1");
    assertThat(published.from()).isEqualTo(Conversation.ALICE);
    assertThat(published.connection()).isEqualTo(new ConnectionId("c1"));
    assertThat(new String(published.payload(), UTF_8)).isEqualTo("{\"n\":1.50}");
  }

  @Test
  void subscriptionThatIsEndedByOthers_isToldSo_andNothingFollows() {
    FakeInterests interests = new FakeInterests();
    interests.active.put(Conversation.channel("room.1"), 5L);
    Conversation member =
        new Conversation(
            new ChannelTable(interests, Conversation.POSITIONS, past, past, new Counts()), past);
    member.says("{'type':'subscribe','channel':'room.1'}");
    member.says("{'type':'subscribe','id':'s2','channel':'room.2'}");
    member.hears();

    member.session.endSubscription(new Channel("room.1"));
    member.session.endSubscription(new Channel("room.2"));
    member.session.endSubscription(new Channel("room.3"));

    assertThat(member.hears())
        .satisfiesExactly(
            ended ->
                assertThat(ended)
                    .isEqualTo("{'type':'unsubscribed','channel':'room.1','reason':'forbidden'}"),
            refused -> assertThat(refused).contains("'id':'s2'", "'forbidden'", "operator"));
    assertThat(interests.held).isEmpty();
    assertThat(member.presence).last().isEqualTo("c1 left room.1");
  }

  @Test
  void publish_withoutId_isNotAcked() {
    client.says("{'type':'publish','channel':'room.1','payload':1}");
    client.publishes.getFirst().durable("local.qzs2bywm.4.41");
    client.ioThreadRuns();

    assertThat(client.hears()).isEmpty();
  }

  @Test
  void publish_thatIsNotDurable_isUnavailable() {
    client.says(PUBLISH);
    client.publishes.getFirst().failed();
    client.ioThreadRuns();

    assertThat(client.hears()).singleElement().asString().contains("'m1'", "'unavailable'");
  }

  @Test
  void publish_thatTheTokenDoesNotAllow_isForbidden_andNotPublished() {
    client.says("{'type':'publish','id':'m1','channel':'tenant:news','payload':1}");

    assertThat(client.hears()).singleElement().asString().contains("'m1'", "'forbidden'");
    assertThat(client.published).isEmpty();
  }

  @Test
  void publish_ofAPayloadPastTheLimit_isTooLarge() {
    String longest = "'" + "x".repeat(98) + "'";
    client.says("{'type':'publish','channel':'room.1','payload':" + longest + "}");
    assertThat(client.published).hasSize(1);

    client.says("{'type':'publish','id':'m2','channel':'room.1','payload':[" + longest + "]}");

    assertThat(client.hears()).singleElement().asString().contains("'m2'", "'too_large'");
    assertThat(client.published).hasSize(1);
  }

  @Test
  void clientWithAsManyUnackedAsAllowed_isNotReadFrom_untilHalfAreDurable() {
    for (int i = 0; i < 3; i++) {
      client.says(PUBLISH);
    }
    assertThat(client.readsPaused).isFalse();
    client.says(PUBLISH);
    assertThat(client.readsPaused).isTrue();
    assertThat(client.limits).containsExactly(Limit.UNACKED);

    client.publishes.get(0).durable("local.qzs2bywm.4.41");
    client.ioThreadRuns();
    assertThat(client.readsPaused).isTrue();
    client.publishes.get(1).failed();
    client.ioThreadRuns();
    assertThat(client.readsPaused).isFalse();
  }

  @Test
  void clientWhoseAcksWouldFindNoMemory_isNotReadFrom_untilTheyDoOrNoneIsOwed() {
    client.says(PUBLISH);
    int oneAck = client.reserved;
    assertThat(oneAck).isPositive();
    assertThat(client.readsPaused).isFalse();
    client.mayAnswer = oneAck;
    client.says(PUBLISH);
    assertThat(client.readsPaused).isTrue();

    client.publishes.get(0).durable("local.qzs2bywm.4.41");
    client.ioThreadRuns();
    assertThat(client.readsPaused).isFalse();

    client.mayAnswer = 0;
    client.says(PUBLISH);
    assertThat(client.readsPaused).isTrue();
    client.publishes.get(1).durable("local.qzs2bywm.4.42");
    client.ioThreadRuns();
    assertThat(client.readsPaused).isTrue();
    client.publishes.get(2).failed();
    client.ioThreadRuns();
    assertThat(client.readsPaused).isFalse();
    assertThat(client.reserved).isZero();
  }

  @Test
  void pingWhoseAnswerFindsNoMemory_isUnavailable() {
    client.mayAnswer = 100;
    client.says("{\"type\":\"ping\",\"id\":\"p\",\"payload\":\"%s\"}".formatted("x".repeat(200)));
    assertThat(client.hears()).singleElement().asString().contains("'p'", "'unavailable'");
    client.says("{\"type\":\"ping\",\"id\":\"q\",\"payload\":\"x\"}");
    assertThat(client.hears()).singleElement().asString().contains("'pong'", "'q'");
  }

  @Test
  void presence_isAnsweredWithCountsAndMembers_onTheIoThread() {
    client.says("{'type':'presence','id':'w1','channel':'room.1'}");
    Member bob = new Member(new UserId("bob"), new ConnectionId("c2"), 7);
    client
        .questions
        .getFirst()
        .accept(Optional.of(new Snapshot(1200, 900, List.of(bob), OptionalLong.empty())));
    assertThat(client.hears()).isEmpty();

    client.ioThreadRuns();

    assertThat(client.hears())
        .containsExactly(
            "{'type':'presence','id':'w1','channel':'room.1','payload':{'connections':1200,"
                + "'users':900,'members':[{'user':'bob','connection':'c2','since':7}]}}");
  }

  @Test
  void presenceOfAUser_isWhetherItIsThere_andIfNotWhenItWas() {
    client.says("{'type':'presence','id':'w1','user':'alice'}");
    client.says("{'type':'presence','id':'w2','user':'alice'}");

    Member alice = new Member(Conversation.ALICE, new ConnectionId("c1"), 7);
    client
        .questions
        .get(0)
        .accept(Optional.of(new Snapshot(2, 1, List.of(alice), OptionalLong.empty())));
    client.ioThreadRuns();
    assertThat(client.asked).containsExactly(Conversation.ALICE, Conversation.ALICE);
    client.questions.get(1).accept(Optional.of(new Snapshot(0, 0, List.of(), OptionalLong.of(8))));
    client.ioThreadRuns();
    assertThat(client.hears())
        .containsExactly(
            "{'type':'presence','id':'w1','user':'alice','payload':{'online':true,'connections':2,"
                + "'members':[{'user':'alice','connection':'c1','since':7}]}}",
            "{'type':'presence','id':'w2','user':'alice','payload':{'online':false,"
                + "'connections':0,'lastSeen':8,'members':[]}}");
  }

  @Test
  void presenceOfAnotherUser_isForbidden_asItsInboxIs() {
    client.says("{'type':'presence','id':'w1','user':'bob'}");

    assertThat(client.asked).isEmpty();
    assertThat(client.hears())
        .containsExactly(
            "{'type':'error','id':'w1','payload':{'code':'forbidden','message':'not allowed to see"
                + " who is there'}}");
  }

  @Test
  void connection_isThere_fromItsBeginningToItsEnd() {
    assertThat(client.online)
        .containsExactly(
            new ChannelPresence.Connected(
                Conversation.ACME, new ConnectionId("c1"), Conversation.ALICE, Conversation.NOW));
    assertThat(client.session.connected()).contains(client.online.getFirst());

    client.session.end();
    client.session.end();

    assertThat(client.online).isEmpty();
    assertThat(client.session.connected()).isEmpty();
  }

  @Test
  void presence_withoutAnAnswer_isUnavailable() {
    client.says("{'type':'presence','id':'w1','channel':'room.1'}");
    client.questions.getFirst().accept(Optional.empty());
    client.ioThreadRuns();

    assertThat(client.hears()).singleElement().asString().contains("'w1'", "'unavailable'");
  }

  @Test
  void presence_thatTheTokenDoesNotAllow_isForbidden_andNotAsked() {
    client.says("{'type':'presence','id':'w1','channel':'user:bob'}");

    assertThat(client.hears()).singleElement().asString().contains("'w1'", "'forbidden'");
    assertThat(client.questions).isEmpty();
  }

  @Test
  void history_isReadFromTheEarliest_unlessAskedOtherwise_upToTheLogsEnd() {
    client.says("{'type':'history','id':'h1','channel':'room.1'}");
    Past.AskedStart start = past.starts.remove();
    assertThat(start.from()).isEqualTo(new History.From.Earliest());
    start.answer().accept(new History.Start.After(-1));
    Past.Asked asked = past.pages.remove();
    assertThat(asked.request())
        .isEqualTo(
            new History.Request(
                Conversation.channel("room.1"),
                FakeInterests.PARTITION,
                -1,
                History.END,
                100,
                HistoryQuery.MAX_PAGE_BYTES));

    asked.answer().accept(new History.Page.Messages(List.of(stored(3), stored(7)), 7, false));
    assertThat(client.hears()).isEmpty();
    client.ioThreadRuns();

    assertThat(client.hears())
        .containsExactly(
            "{'type':'history','id':'h1','channel':'room.1','payload':{'messages':"
                + "[{'n':3},{'n':7}],'position':'local.qzs2bywm.4.7','more':true}}");
  }

  @Test
  void history_sinceAPosition_startsPastIt() {
    client.says(
        "{'type':'history','id':'h1','channel':'room.1','since':'local.qzs2bywm.4.7','limit':2}");

    assertThat(past.starts.remove().from()).isEqualTo(new History.From.After(7));
  }

  @Test
  void history_sinceAnInstantThatHasNotCome_isEmpty() {
    client.says("{'type':'history','id':'h1','channel':'room.1','since':'2030-01-01T00:00:00Z'}");

    past.starts.remove().answer().accept(new History.Start.NotYet(7));
    client.ioThreadRuns();

    assertThat(past.pages).isEmpty();
    assertThat(client.hears())
        .containsExactly(
            "{'type':'history','id':'h1','channel':'room.1','payload':{'messages':[],"
                + "'position':'local.qzs2bywm.4.7','more':false}}");
  }

  @Test
  void history_ofAnotherLog_orNotRetained_orUnavailable_isAnError() {
    client.says("{'type':'history','id':'h1','channel':'room.1','since':'local.aaaaaaaa.4.7'}");
    client.ioThreadRuns();
    assertThat(client.hears()).singleElement().asString().contains("'h1'", "'bad_request'");

    client.says("{'type':'history','id':'h2','channel':'room.1'}");
    past.starts.remove().answer().accept(new History.Start.NotRetained(12));
    client.ioThreadRuns();
    assertThat(client.hears())
        .singleElement()
        .asString()
        .contains("'h2'", "'bad_request'", "local.qzs2bywm.4.12");

    client.says("{'type':'history','id':'h3','channel':'room.1'}");
    past.starts.remove().answer().accept(new History.Start.Unavailable());
    client.ioThreadRuns();
    assertThat(client.hears()).singleElement().asString().contains("'h3'", "'unavailable'");
  }

  @Test
  void answersBeyondTheTenantsShare_haveTheClientNotReadFromForAWhile_withoutAnError() {
    byte[] json = ("'" + "x".repeat(1 << 20) + "'").replace('\'', '"').getBytes(UTF_8);
    History.Stored large = new History.Stored(3, FrameEncoder.text(json, 0, json.length));
    for (int i = 0; i < 15; i++) {
      answerHistory(large);
    }
    assertThat(client.readsPaused).isFalse();

    answerHistory(large);
    assertThat(client.readsPaused).isTrue();
    assertThat(client.limits).containsExactly(Limit.ANSWERS);
    assertThat(client.hears()).hasSize(16).noneMatch(frame -> frame.contains("'error'"));

    client.passes(Duration.ofMillis(100));
    assertThat(client.readsPaused).isFalse();
  }

  @Test
  void questionsThatWait_areRefusedWhenTheTenantHasHadFarMoreThanItsShare() {
    client.says("{'type':'history','id':'h1','channel':'room.1'}");
    client.says("{'type':'history','id':'h2','channel':'room.1'}");
    client.says("{'type':'presence','id':'p','channel':'room.1'}");
    client.tenant().isAnswered(3 * Conversation.ANSWER_BYTES_PER_SECOND);
    past.starts.remove().answer().accept(new History.Start.Unavailable());
    client.ioThreadRuns();

    List<String> heard = client.hears();
    assertThat(heard).hasSize(3);
    assertThat(heard.get(0)).contains("'h1'", "'unavailable'");
    assertThat(heard.get(1)).contains("'h2'", "'rate_limited'", "'retryAfterMs':200");
    assertThat(heard.get(2)).contains("'p'", "'rate_limited'");
    assertThat(past.starts).isEmpty();
  }

  private void answerHistory(History.Stored message) {
    client.says("{'type':'history','id':'h','channel':'room.1'}");
    past.starts.remove().answer().accept(new History.Start.After(-1));
    past.pages
        .remove()
        .answer()
        .accept(new History.Page.Messages(List.of(message), message.offset(), true));
    client.ioThreadRuns();
  }

  @Test
  void question_isAskedOnlyWhenTheAnswerBeforeIt_hasBeenTaken() {
    client.says("{'type':'history','id':'h1','channel':'room.1'}");
    client.says("{'type':'presence','id':'p1','channel':'room.1'}");
    assertThat(client.questions).isEmpty();
    client.room = 1;
    past.starts.remove().answer().accept(new History.Start.Unavailable());
    client.ioThreadRuns();

    assertThat(client.hears()).singleElement().asString().contains("'h1'");
    assertThat(client.questions).isEmpty();
    client.takes(1000);

    client.questions.getFirst().accept(Optional.empty());
    client.ioThreadRuns();
    assertThat(client.hears()).singleElement().asString().contains("'p1'");
    assertThat(client.reserved).isZero();
  }

  @Test
  void answer_hasTheBytesThatAreSetAsideForIt() {
    client.spare = 5000;
    client.says("{'type':'history','id':'h1','channel':'room.1'}");
    past.starts.remove().answer().accept(new History.Start.After(7));

    assertThat(past.pages.element().request().maxBytes()).isEqualTo(5000);
    assertThat(client.reserved).isEqualTo(5000);

    client.session.end();
    past.pages.remove().answer().accept(new History.Page.Unavailable());
    client.ioThreadRuns();
    assertThat(client.reserved).isZero();
    assertThat(client.hears()).isEmpty();
  }

  @Test
  void whileLittleIsSetAside_fewMembersAreListed_andAllAreCounted() {
    client.spare = 5000;
    client.says("{'type':'presence','id':'w1','channel':'room.1'}");
    List<Member> members =
        Collections.nCopies(500, new Member(Conversation.ALICE, new ConnectionId("c2"), 7));
    client
        .questions
        .getFirst()
        .accept(Optional.of(new Snapshot(500, 1, members, OptionalLong.empty())));
    client.ioThreadRuns();

    String answer = client.hears().getFirst();
    assertThat(answer).contains("'connections':500");
    assertThat(answer.split("'user':", -1)).hasSize(1 + 100);
  }

  @Test
  void questionsThatWait_areLimited_andCountOutWhenAnswered() {
    for (int i = 0; i < 8; i++) {
      client.says("{'type':'history','id':'h" + i + "','channel':'room.1'}");
    }
    assertThat(client.hears()).isEmpty();

    client.says("{'type':'presence','id':'p1','channel':'room.1'}");
    assertThat(client.hears()).singleElement().asString().contains("'p1'", "'rate_limited'");

    past.starts.remove().answer().accept(new History.Start.Unavailable());
    client.ioThreadRuns();
    client.hears();
    client.says("{'type':'presence','id':'p2','channel':'room.1'}");
    assertThat(client.hears()).isEmpty();
  }

  @Test
  void errors_asManyAsAllowed_closeWith1008() {
    for (int i = 0; i < 4; i++) {
      client.says("{'type':'nonsense'}");
    }
    assertThat(client.closes).isEmpty();

    client.says("no json");

    assertThat(client.hears()).hasSize(5).last().asString().contains("'bad_request'");
    assertThat(client.readsPaused).isTrue();
    assertThat(client.closes).as("not at once: it would be back at once").isEmpty();
    client.says("{'type':'ping'}");
    client.says("no json");
    assertThat(client.hears()).isEmpty();

    client.passes(ErrorLimit.PAUSE);
    assertThat(client.closes).containsExactly(CloseReason.TOO_MANY_ERRORS);
  }

  @Test
  void whatIsNotTheClientsFault_neverClosesIt() {
    for (int i = 0; i < 50; i++) {
      client.says(PUBLISH);
      client.publishes.removeFirst().failed();
      client.ioThreadRuns();
    }

    assertThat(client.hears()).hasSize(50).allMatch(frame -> frame.contains("'unavailable'"));
    client.passes(ErrorLimit.PAUSE);
    assertThat(client.closes).isEmpty();
  }

  @Test
  void whatTheLogHasNoMore_neverClosesWhoAsksForIt() {
    for (int i = 0; i < 10; i++) {
      client.says("{'type':'history','id':'h1','channel':'room.1','since':'local.aaaaaaaa.4.7'}");
      client.ioThreadRuns();
      client.says("{'type':'history','id':'h2','channel':'room.1'}");
      past.starts.remove().answer().accept(new History.Start.NotRetained(12));
      client.ioThreadRuns();
    }

    assertThat(client.hears()).hasSize(20).allMatch(frame -> frame.contains("'bad_request'"));
    client.passes(ErrorLimit.PAUSE);
    assertThat(client.closes).isEmpty();
  }

  @Test
  void subscriptionsThatOthersEnd_neverCloseTheClient() {
    for (int i = 0; i < 10; i++) {
      client.says("{'type':'subscribe','id':'s1','channel':'room.1'}");
      client.session.endSubscription(new Channel("room.1"));
    }

    assertThat(client.hears()).hasSize(10).allMatch(frame -> frame.contains("'forbidden'"));
    client.passes(ErrorLimit.PAUSE);
    assertThat(client.closes).isEmpty();
  }

  @Test
  void answersThatComeAfterTheEnd_areDropped() {
    client.says(PUBLISH);
    client.says(PUBLISH);
    client.says("{'type':'presence','id':'w1','channel':'room.1'}");
    client.session.end();

    client.publishes.get(0).durable("local.qzs2bywm.4.41");
    client.publishes.get(1).failed();
    client.questions.getFirst().accept(Optional.empty());
    client.ioThreadRuns();

    assertThat(client.hears()).isEmpty();
  }

  @Test
  void refresh_toALaterToken_isWhatCountsFromThenOn() {
    client.verdict = Optional.of(accepted(2000, Conversation.ALICE));
    client.says("{'type':'refresh','id':'r1','payload':{'token':'fresh'}}");
    assertThat(client.session.expiresAt()).as("until it is verified").isEqualTo(1000);
    client.ioThreadRuns();

    assertThat(client.hears())
        .containsExactly("{'type':'refreshed','id':'r1','payload':{'exp':2000}}");
    assertThat(client.session.expiresAt()).isEqualTo(2000);
  }

  @Test
  void refresh_toATokenThatAllowsLess_countsForQuestionsUnderWay() {
    client.says("{'type':'presence','id':'w','channel':'room.1'}");
    client.says("{'type':'history','id':'h','channel':'room.1'}");
    client.verdict =
        Optional.of(
            new Outcome.Accepted(
                Conversation.principal(2000, Permissions.granted(Conversation.ALICE, Map.of()))));
    client.says("{'type':'refresh','id':'r1','payload':{'token':'fresh'}}");
    client.ioThreadRuns();
    client.hears();

    client
        .questions
        .getFirst()
        .accept(Optional.of(new Snapshot(1, 1, List.of(), OptionalLong.empty())));
    client.ioThreadRuns();
    past.starts.remove().answer().accept(new History.Start.NotYet(7));
    client.ioThreadRuns();

    assertThat(client.hears())
        .hasSize(2)
        .allMatch(frame -> frame.contains("'forbidden'") && frame.contains("any more"));
  }

  @Test
  void refresh_toATokenThatIsNotLater_orAnothers_orBad_isForbidden() {
    for (Outcome verdict :
        List.of(
            accepted(1000, Conversation.ALICE),
            accepted(2000, new UserId("bob")),
            new Outcome.Refused("expired"))) {
      client.verdict = Optional.of(verdict);
      client.says("{'type':'refresh','id':'r1','payload':{'token':'other'}}");
      client.ioThreadRuns();
      assertThat(client.hears()).singleElement().asString().contains("'r1'", "'forbidden'");
    }
    assertThat(client.session.expiresAt()).isEqualTo(1000);
  }

  @Test
  void refresh_whileAnotherOneIsVerified_orTooManyAre_isForLater() {
    client.verdict = Optional.empty();
    client.says("{'type':'refresh','id':'r1','payload':{'token':'fresh'}}");
    client.says("{'type':'refresh','id':'r2','payload':{'token':'fresh'}}");
    assertThat(client.hears()).singleElement().asString().contains("'r2'", "'rate_limited'");
    client.ioThreadRuns();
    assertThat(client.hears()).singleElement().asString().contains("'r1'", "'unavailable'");
    assertThat(client.limits).containsExactly(Limit.TOKENS, Limit.TOKENS);

    client.verdict = Optional.of(accepted(2000, Conversation.ALICE));
    client.says("{'type':'refresh','id':'r3','payload':{'token':'fresh'}}");
    client.ioThreadRuns();
    assertThat(client.hears()).singleElement().asString().contains("'refreshed'", "'r3'");
  }

  private static Outcome accepted(long expiresAt, UserId user) {
    return new Outcome.Accepted(
        new Principal(Conversation.ACME, user, 0, expiresAt, Permissions.ofUser(user)));
  }

  private static History.Stored stored(long offset) {
    byte[] json = ("{\"n\":" + offset + "}").getBytes(UTF_8);
    return new History.Stored(offset, FrameEncoder.text(json, 0, json.length));
  }
}
