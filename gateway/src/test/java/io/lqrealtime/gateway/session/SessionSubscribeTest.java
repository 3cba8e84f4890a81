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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionSubscribeTest {
  private static final TenantChannel ROOM = channel("room.1");
  private static final String SUBSCRIBED =
      "{'type':'subscribed','id':'s1','channel':'room.1',"
          + "'position':'local.qzs2bywm.4.40','recovered':true}";

  private static final Instant INSTANT = Instant.parse("2026-11-24T12:00:00Z");

  private static final String EARLY =
      "{'type':'subscribe','id':'s1','channel':'room.1','since':'" + INSTANT + "'}";

  private static final String RESUME =
      "{'type':'subscribe','id':'s1','channel':'room.1','since':'local.qzs2bywm.4.%d'}";

  private final FakeInterests interests = new FakeInterests();
  private final Past past = new Past();
  private final Counts counts = new Counts();
  private final ChannelTable table =
      new ChannelTable(interests, Conversation.POSITIONS, past, past, counts);
  private final Conversation client = new Conversation(table, past);

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
  void resume_fromMemory_isAnsweredAtOnce_withWhatWasMissedAndThenLive() {
    interests.active.put(ROOM, 40L);
    past.floor = 40;
    past.remember(ROOM, 41, frame("seen"));
    past.remember(ROOM, 42, frame("missed"));

    client.says(RESUME.formatted(41));

    assertThat(client.hears())
        .containsExactly(
            SUBSCRIBED.replace("4.40", "4.41"),
            "missed",
            "{'type':'live','channel':'room.1','position':'local.qzs2bywm.4.42'}");
    message(43, "live");
    assertThat(client.hears()).containsExactly("live");
    assertThat(counts.behind()).containsOnly(Map.entry(ChannelMetrics.Behind.RESUME, 1));
    assertThat(counts.delivered()).isEqualTo(2);
  }

  @Test
  void resume_fromPastTheStream_isForTheLogToAnswer_andOfWhatItLostTheClientIsTold() {
    interests.active.put(ROOM, 40L);
    interests.active.put(channel("room.2"), 40L);
    past.floor = 40;

    client.says(RESUME.formatted(41));
    client.says(RESUME.formatted(1041).replace("s1", "s2").replace("room.1", "room.2"));
    past.starts.remove().answer().accept(new History.Start.After(41));
    Past.AskedStart lost = past.starts.remove();
    assertThat(lost.from()).isEqualTo(new History.From.After(1041));
    lost.answer().accept(new History.Start.NotRetained(7));
    client.ioThreadRuns();

    assertThat(client.hears())
        .contains(
            SUBSCRIBED.replace("4.40", "4.41"),
            "{'type':'subscribed','id':'s2','channel':'room.2','position':'local.qzs2bywm.4.40',"
                + "'recovered':false,'oldest':'local.qzs2bywm.4.7'}");
  }

  @Test
  void resume_fromTheLog_goesOnFromMemoryWhereThatBegins() {
    interests.active.put(ROOM, 40L);
    past.floor = 40;
    past.remember(ROOM, 41, frame("in memory"));

    client.says(RESUME.formatted(12));
    Past.AskedStart start = past.starts.remove();
    assertThat(start.from()).isEqualTo(new History.From.After(12));
    start.answer().accept(new History.Start.After(12));
    client.ioThreadRuns();
    message(42, "meanwhile");

    assertThat(client.hears()).containsExactly(SUBSCRIBED.replace("4.40", "4.12"));
    Past.Asked page = past.pages.remove();
    assertThat(page.request().after()).isEqualTo(12);
    assertThat(page.request().upTo()).isEqualTo(40);
    page.answer().accept(new History.Page.Messages(stored(20, "old"), 20, false));
    client.ioThreadRuns();
    assertThat(client.hears()).containsExactly("old");
    past.pages.remove().answer().accept(new History.Page.Messages(List.of(), 40, true));
    past.remember(ROOM, 42, frame("meanwhile"));
    client.ioThreadRuns();
    assertThat(client.hears())
        .containsExactly(
            "in memory",
            "meanwhile",
            "{'type':'live','channel':'room.1','position':'local.qzs2bywm.4.42'}");
  }

  @Test
  void resume_isReadAsTheClientTakesIt() {
    interests.active.put(ROOM, 40L);
    past.floor = 50;
    client.says(RESUME.formatted(41));
    past.starts.remove().answer().accept(new History.Start.After(41));
    client.room = 0;
    client.ioThreadRuns();
    client.hears();
    assertThat(past.pages).isEmpty();

    client.takes(9_000);

    assertThat(past.pages.remove().request().maxBytes()).isEqualTo(9_000);
    assertThat(past.pages).isEmpty();
  }

  @Test
  void pagesOnTheirWay_takeNoMoreThanTheClientHasRoomFor_inTurn() {
    past.floor = 50;
    List<String> rooms = List.of("room.1", "room.2", "room.3");
    client.room = 10_000;
    for (String room : rooms) {
      interests.active.put(channel(room), 40L);
      client.says(RESUME.formatted(41).replace("room.1", room));
      past.starts.remove().answer().accept(new History.Start.After(41));
    }
    client.ioThreadRuns();
    assertThat(past.pages).as("on their way at once").hasSize(1);

    List<String> asked = new ArrayList<>();
    for (int offset = 42; offset < 48; offset++) {
      Past.Asked page = past.pages.remove();
      assertThat(past.pages).isEmpty();
      asked.add(page.request().channel().channel().value());
      page.answer().accept(new History.Page.Messages(stored(offset, "old"), offset, false));
      client.ioThreadRuns();
    }

    assertThat(asked.subList(0, 3)).containsExactlyInAnyOrderElementsOf(rooms);
    assertThat(asked.subList(3, 6)).containsExactlyInAnyOrderElementsOf(rooms);
  }

  @Test
  void aPageForASubscriptionThatWasReplaced_makesRoomForOthers() {
    interests.active.put(ROOM, 40L);
    past.floor = 50;
    client.room = 10_000;
    client.says(RESUME.formatted(41));
    past.starts.remove().answer().accept(new History.Start.After(41));
    client.ioThreadRuns();
    client.says(RESUME.formatted(45));
    past.starts.remove().answer().accept(new History.Start.After(45));
    client.ioThreadRuns();
    Past.Asked former = past.pages.remove();
    assertThat(past.pages).isEmpty();

    former.answer().accept(new History.Page.Messages(stored(42, "old"), 42, false));
    client.ioThreadRuns();

    assertThat(past.pages.remove().request().after()).isEqualTo(45);
  }

  @Test
  void whatTheClientHasSeen_isNotSentAgain_whateverAPageHolds() {
    interests.active.put(ROOM, 40L);
    past.floor = 50;
    client.says(RESUME.formatted(41));
    past.starts.remove().answer().accept(new History.Start.After(41));
    client.ioThreadRuns();
    client.hears();

    past.pages.remove().answer().accept(new History.Page.Messages(stored(41, "seen"), 50, true));
    client.ioThreadRuns();

    assertThat(client.hears()).noneMatch(frame -> frame.equals("seen"));
  }

  @Test
  void resume_fromWhatIsNotRetained_isNotRecovered_andLive() {
    interests.active.put(ROOM, 40L);

    client.says(RESUME.formatted(12));
    past.starts.remove().answer().accept(new History.Start.NotRetained(30));
    client.ioThreadRuns();
    message(41, "live");

    assertThat(client.hears())
        .containsExactly(
            "{'type':'subscribed','id':'s1','channel':'room.1','position':'local.qzs2bywm.4.40',"
                + "'recovered':false,'oldest':'local.qzs2bywm.4.30'}",
            "live");
  }

  @Test
  void resume_fromAPositionOfAnotherLogOrPartition_isNotRecovered() {
    interests.active.put(ROOM, 40L);

    for (String position :
        List.of("local.aaaaaaaa.4.12", "local.qzs2bywm.5.12", "eu.qzs2bywm.4.1")) {
      client.says("{'type':'subscribe','channel':'room.1','since':'" + position + "'}");
      Past.AskedStart start = past.starts.remove();
      assertThat(start.from()).isEqualTo(new History.From.Earliest());
      start.answer().accept(new History.Start.After(29));
      client.ioThreadRuns();

      assertThat(client.hears())
          .containsExactly(
              "{'type':'subscribed','channel':'room.1','position':'local.qzs2bywm.4.40',"
                  + "'recovered':false,'oldest':'local.qzs2bywm.4.30'}");
    }
  }

  @Test
  void subscribe_sinceTheEarliest_orAnInstant_asksTheLog() {
    interests.active.put(ROOM, 40L);

    client.says("{'type':'subscribe','channel':'room.1','since':'earliest'}");
    assertThat(past.starts.remove().from()).isEqualTo(new History.From.Earliest());
    client.says("{'type':'subscribe','channel':'room.1','since':'2026-11-24T12:00:00Z'}");
    assertThat(past.starts.remove().from())
        .isEqualTo(new History.From.At(Instant.parse("2026-11-24T12:00:00Z")));
  }

  @Test
  void subscribe_sinceAnInstantThatHasNotCome_isLive_andGetsNothingFromBefore() {
    interests.active.put(ROOM, 40L);
    past.floor = 40;

    subscribeEarly();

    assertThat(client.hears())
        .containsExactly(
            SUBSCRIBED, "{'type':'live','channel':'room.1','position':'local.qzs2bywm.4.40'}");
    message(41, "early", INSTANT.toEpochMilli() - 1);
    assertThat(client.hears()).isEmpty();
    message(42, "then", INSTANT.toEpochMilli());
    message(43, "later by a clock that goes back", INSTANT.toEpochMilli() - 1);
    assertThat(client.hears()).containsExactly("then", "later by a clock that goes back");
    assertThat(client.session.isBehind()).isFalse();
  }

  @Test
  void gapBeforeTheInstantThatIsAwaited_isSearchedForItInTheLog() {
    interests.active.put(ROOM, 40L);
    past.floor = 50;
    subscribeEarly();
    client.hears();

    table.deliver(new Delivery.Gap(FakeInterests.PARTITION, 44, 50));
    past.starts.remove().answer().accept(new History.Start.After(46));
    client.ioThreadRuns();
    History.Request page = past.pages.peek().request();
    assertThat(page.after()).isEqualTo(46);
    past.pages.remove().answer().accept(new History.Page.Messages(stored(48, "then"), 50, true));
    client.ioThreadRuns();
    message(51, "live");

    assertThat(client.hears()).containsExactly("then", "live");
  }

  @Test
  void whatTheStreamShowsOfTheAwaitedInstant_whileTheLogIsAsked_counts() {
    interests.active.put(ROOM, 40L);
    past.floor = 40;
    client.says(EARLY);
    nothingYet();

    past.remember(ROOM, 41, frame("then"));
    message(41, "then", INSTANT.toEpochMilli());
    assertThat(client.hears()).containsExactly(SUBSCRIBED);
    nothingYet();

    assertThat(client.hears())
        .containsExactly(
            "then", "{'type':'live','channel':'room.1','position':'local.qzs2bywm.4.41'}");
  }

  @Test
  void gapWhileTheLogIsAskedForTheAwaitedInstant_isReasonToAskAgain() {
    interests.active.put(ROOM, 40L);
    past.floor = 50;
    client.says(EARLY);
    nothingYet();

    table.deliver(new Delivery.Gap(FakeInterests.PARTITION, 40, 50));
    nothingYet();

    assertThat(client.hears()).containsExactly(SUBSCRIBED);
    past.starts.remove().answer().accept(new History.Start.After(44));
    client.ioThreadRuns();
    assertThat(past.pages.remove().request().after()).isEqualTo(44);
  }

  /** Nothing has been appended since the instant, and the log says so twice. */
  private void subscribeEarly() {
    client.says(EARLY);
    nothingYet();
    nothingYet();
  }

  private void nothingYet() {
    past.starts.remove().answer().accept(new History.Start.NotYet(40));
    client.ioThreadRuns();
  }

  @Test
  void resume_whileTheLogIsAway_isUnavailable() {
    interests.active.put(ROOM, 40L);

    client.says(RESUME.formatted(12));
    past.starts.remove().answer().accept(new History.Start.Unavailable());
    client.ioThreadRuns();

    assertThat(client.hears()).singleElement().asString().contains("'s1'", "'unavailable'");
    assertThat(interests.held).isEmpty();
    assertThat(client.presence).isEmpty();
  }

  @Test
  void retentionThatOvertakesALaggingSubscription_isTold() {
    interests.active.put(ROOM, 40L);
    past.floor = 50;
    client.says(RESUME.formatted(41));
    past.starts.remove().answer().accept(new History.Start.After(41));
    client.ioThreadRuns();
    client.hears();

    past.pages.remove().answer().accept(new History.Page.NotRetained(48));
    client.ioThreadRuns();
    message(51, "live");

    assertThat(client.hears())
        .containsExactly(
            "{'type':'subscribed','channel':'room.1','position':'local.qzs2bywm.4.41',"
                + "'recovered':false,'oldest':'local.qzs2bywm.4.48'}",
            "live");
    assertThat(client.presence).hasSize(1);
  }

  @Test
  void subscribingAgain_silencesACatchUp() {
    interests.active.put(ROOM, 40L);
    past.floor = 50;
    client.says(RESUME.formatted(41));
    past.starts.remove().answer().accept(new History.Start.After(41));
    client.ioThreadRuns();
    client.says("{'type':'subscribe','id':'s2','channel':'room.1'}");
    client.hears();

    past.pages.remove().answer().accept(new History.Page.Messages(stored(45, "old"), 50, true));
    client.ioThreadRuns();

    assertThat(client.hears()).isEmpty();
    assertThat(client.session.isBehind()).isFalse();
    assertThat(client.presence).hasSize(1);
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
        Optional.of(
            new Outcome.Accepted(
                Conversation.principal(
                    2000,
                    Permissions.granted(
                        Conversation.ALICE,
                        Map.of(Action.SUBSCRIBE, List.of(new ChannelPattern("news")))))));

    client.says("{'type':'refresh','id':'r1','payload':{'token':'fresh'}}");
    client.ioThreadRuns();

    assertThat(client.hears())
        .containsExactly(
            "{'type':'refreshed','id':'r1','payload':{'exp':2000}}",
            "{'type':'unsubscribed','channel':'room.1','reason':'forbidden'}",
            "{'type':'error','id':'s2','channel':'lobby','payload':{'code':'forbidden',"
                + "'message':'not allowed to subscribe to it any more'}}");
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

  private static byte[] frame(String text) {
    return FrameEncoder.text(text.getBytes(UTF_8), 0, text.length());
  }

  private static List<History.Stored> stored(long offset, String text) {
    return List.of(new History.Stored(offset, frame(text)));
  }

  private void message(long offset, String text) {
    message(offset, text, 0);
  }

  private void message(long offset, String text, long appendedAt) {
    table.deliver(
        new Delivery.Broadcast(ROOM, FakeInterests.PARTITION, offset, frame(text), appendedAt));
  }
}
