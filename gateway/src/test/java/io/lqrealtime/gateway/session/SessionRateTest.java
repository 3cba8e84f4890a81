package io.lqrealtime.gateway.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.limit.Throttle.Decision;
import io.lqrealtime.gateway.tenant.Tenants.Seat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of clients that say too much. */
class SessionRateTest {
  private static final String PING = "{'type':'ping','id':'p'}";
  private static final String SUBSCRIBE = "{'type':'subscribe','id':'s','channel':'room.1'}";
  private static final String PUBLISH =
      "{'type':'publish','id':'m','channel':'room.1','payload':1}";

  /** The first few frames of a connection are not counted. */
  private static final int FREE = 16;

  private static final int AT_ONCE = FREE + Conversation.FRAMES_PER_SECOND;

  private final Past past = new Past();
  private final FakeInterests interests = new FakeInterests();
  private final Conversation client =
      new Conversation(
          new ChannelTable(interests, Conversation.POSITIONS, past, past, new Counts()), past);

  @Test
  void framesWithinTheRate_areAnswered() {
    assertThat(saying(PING, AT_ONCE)).hasSize(AT_ONCE).noneMatch(SessionRateTest::isLimited);
    assertThat(client.readsPaused).isFalse();
    client.passes(Duration.ofMillis(500));
    assertThat(saying(PING, 500)).hasSize(500).noneMatch(SessionRateTest::isLimited);
  }

  @Test
  void frameOverTheRate_isRefusedWithItsIdAndATime_andTheClientIsNotReadFromUntilThen() {
    saying(PING, AT_ONCE);

    assertThat(saying(PING, 1))
        .containsExactly(
            "{'type':'error','id':'p','payload':{'code':'rate_limited','message':'this connection"
                + " sends too fast','retryAfterMs':100}}");
    assertThat(client.readsPaused).isTrue();
    assertThat(client.limits).containsExactly(Limit.CONNECTION_MESSAGES);

    client.passes(Duration.ofMillis(99));
    assertThat(client.readsPaused).isTrue();
    client.passes(Duration.ofMillis(1));
    assertThat(client.readsPaused).isFalse();
    assertThat(saying(PING, 1)).noneMatch(SessionRateTest::isLimited);
  }

  /** No fault of the client's: Kafka takes less than its tenant's clients send. */
  @Test
  void publishOfATenantWithMuchUnderWay_isUnavailable_andTheClientIsNotReadFromForAWhile() {
    String publish = "{'type':'publish','id':'p','channel':'room.1','payload':1}";
    client.backlogged = true;
    assertThat(saying(publish, 1))
        .containsExactly(
            "{'type':'error','id':'p','channel':'room.1','payload':{'code':'unavailable',"
                + "'message':'not durable: try again'}}");
    assertThat(client.readsPaused).isTrue();
    assertThat(client.limits).containsExactly(Limit.TENANT_UNACKED);

    client.backlogged = false;
    client.passes(Duration.ofMillis(100));
    assertThat(client.readsPaused).isFalse();
    assertThat(saying(publish, 1)).isEmpty();
    assertThat(client.published).hasSize(1);
    assertThat(client.closes).isEmpty();
  }

  @Test
  void bytesOverTheRate_areRefusedLikewise() {
    String large = "{'type':'ping','payload':'" + "x".repeat(100_000) + "'}";
    List<String> answers = saying(large, FREE + 11);

    assertThat(answers).filteredOn(SessionRateTest::isLimited).hasSize(2);
    assertThat(client.limits).containsOnly(Limit.CONNECTION_BYTES);
  }

  @Test
  void floodThatWasOnItsWay_countsAsOneError_andOneThatGoesOnClosesTheConnection() {
    saying(PING, AT_ONCE);
    saying(PING, 300);
    assertThat(client.closes).isEmpty();

    for (int i = 0; i < 4; i++) {
      client.passes(Duration.ofMillis(100));
      saying(PING, 300);
    }

    assertThat(client.closes).isEmpty();
    client.passes(ErrorLimit.PAUSE);
    assertThat(client.closes).containsExactly(CloseReason.TOO_MANY_ERRORS);
  }

  @Test
  void tenantOverItsRate_isRefused_withoutBeingClosedForIt() {
    // A tenant's publishes are counted from the first.
    for (int i = 0; i < Conversation.PUBLISHES_PER_SECOND; i++) {
      client.says(PUBLISH);
      client.publishes.removeLast().durable("local.qzs2bywm.4.41");
      client.ioThreadRuns();
    }
    assertThat(client.hears()).noneMatch(SessionRateTest::isLimited);

    for (int i = 0; i < 8; i++) {
      assertThat(saying(PUBLISH, 1))
          .singleElement()
          .asString()
          .contains("'id':'m','channel':'room.1'", "'rate_limited'", "this tenant");
      assertThat(client.readsPaused).isTrue();
    }

    assertThat(client.published).hasSize(Conversation.PUBLISHES_PER_SECOND);
    assertThat(client.limits).containsOnly(Limit.TENANT_MESSAGES);
    assertThat(client.closes).isEmpty();
    assertThat(saying(PING, 1)).noneMatch(SessionRateTest::isLimited);
  }

  @Test
  void tenantsClientThatIsRefusedAgainAndAgain_restsForLonger() {
    useUpTheTenantsRate();
    List<Integer> rests = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      // The rest of a flood that was read with it changes nothing.
      String refusal = saying(PUBLISH, 3).getLast();
      rests.add(Integer.valueOf(refusal.replaceAll(".*'retryAfterMs':([0-9]+).*", "$1")));
      assertThat(client.session.isReadInPieces()).isTrue();
      client.passes(Duration.ofMillis(rests.getLast() - 1));
      assertThat(client.readsPaused).isTrue();
      client.passes(Duration.ofMillis(1));
      assertThat(client.readsPaused).isFalse();
      // Others of the tenant take what there is.
      useUpTheTenantsRate();
    }
    assertThat(rests).containsExactly(100, 200, 400, 800, 1000, 1000);

    client.passes(Duration.ofNanos(RateGuard.CALM_NANOS));
    assertThat(client.session.isReadInPieces()).isFalse();
    useUpTheTenantsRate();
    assertThat(saying(PUBLISH, 1).getLast()).contains("'retryAfterMs':100}");
  }

  private void useUpTheTenantsRate() {
    while (client.tenant().publishes(1) instanceof Decision.Passes) {
      // Another client of the tenant's.
    }
  }

  @Test
  void answersToPingsAndUnsubscribes_countForTheTenant_atMoreThanTheirSize() {
    String unsubscribe = "{'type':'unsubscribe','id':'u','channel':'room.1'}";
    client.tenant().isAnswered(Conversation.ANSWER_BYTES_PER_SECOND - 3 * 512);
    saying(PING, 2);
    saying(unsubscribe, 1);
    assertThat(client.readsPaused).isFalse();

    assertThat(saying(unsubscribe, 1))
        .containsExactly("{'type':'unsubscribed','id':'u','channel':'room.1'}");
    assertThat(client.readsPaused).isTrue();
    assertThat(client.limits).containsExactly(Limit.ANSWERS);
    client.passes(Duration.ofMillis(100));
    assertThat(client.readsPaused).isFalse();
  }

  @Test
  void tenantThatOwesForMoreThanASecondOfAnswers_isRefusedThem_untilThatIsMadeUpFor() {
    String unsubscribe = "{'type':'unsubscribe','id':'u','channel':'room.1'}";
    // What others of the tenant got: as much as in ten seconds.
    client.tenant().isAnswered(10 * Conversation.ANSWER_BYTES_PER_SECOND);
    assertThat(saying(PING, 1))
        .singleElement()
        .asString()
        .contains("'rate_limited'", "this tenant", "'retryAfterMs':900");
    assertThat(client.readsPaused).isTrue();
    assertThat(saying("{'type':'presence','id':'p','channel':'room.1'}", 1))
        .singleElement()
        .asString()
        .contains("'id':'p','channel':'room.1'", "'rate_limited'");
    assertThat(saying("{'type':'history','id':'h','channel':'room.1'}", 1))
        .singleElement()
        .asString()
        .contains("'id':'h','channel':'room.1'", "'rate_limited'");
    // That costs little, and a client that wants less is let have it.
    assertThat(saying(unsubscribe, 1))
        .containsExactly("{'type':'unsubscribed','id':'u','channel':'room.1'}");
    assertThat(client.limits).containsOnly(Limit.ANSWERS);
    assertThat(client.closes).isEmpty();

    client.passes(Duration.ofMillis(8_001));
    assertThat(saying(PING, 1)).noneMatch(SessionRateTest::isLimited);
  }

  @Test
  void tenantThatSubscribesTooFast_isRefused_withoutBeingClosedForIt_andKeepsWhatItHas() {
    String unsubscribe = "{'type':'unsubscribe','channel':'room.1'}";
    for (int i = 0; i < Seat.FREE_SUBSCRIBES + Conversation.SUBSCRIBES_AT_ONCE; i++) {
      client.says(SUBSCRIBE);
      client.says(unsubscribe);
    }
    assertThat(client.hears()).noneMatch(SessionRateTest::isLimited);

    for (int i = 0; i < 8; i++) {
      assertThat(saying(SUBSCRIBE, 1))
          .singleElement()
          .asString()
          .contains("'id':'s','channel':'room.1'", "'rate_limited'", "subscribe too fast");
      assertThat(client.readsPaused).isTrue();
    }
    assertThat(interests.held).isEmpty();
    assertThat(client.limits).containsOnly(Limit.TENANT_SUBSCRIBES);
    assertThat(client.closes).isEmpty();

    client.passes(Duration.ofMillis(100));
    assertThat(saying(SUBSCRIBE, 1)).noneMatch(SessionRateTest::isLimited);
    assertThat(interests.held).containsExactly(Conversation.channel("room.1"));
  }

  @Test
  void clientThatSubscribesAsClientsDo_isNoConcernOfItsTenantsRate() {
    String unsubscribe = "{'type':'unsubscribe','channel':'room.1'}";
    for (int i = 0; i < Seat.FREE_SUBSCRIBES + Conversation.SUBSCRIBES_AT_ONCE; i++) {
      client.says(SUBSCRIBE);
      client.says(unsubscribe);
    }
    assertThat(saying(SUBSCRIBE, 1)).anyMatch(SessionRateTest::isLimited);

    // The tenant's rate has recovered by then, and is used up again by what is not free.
    client.passes(Duration.ofNanos(3 * Seat.FREE_SUBSCRIBE_NANOS));
    for (int i = 0; i < 3 + Conversation.SUBSCRIBES_AT_ONCE; i++) {
      client.says(unsubscribe);
      assertThat(saying(SUBSCRIBE, 1)).noneMatch(SessionRateTest::isLimited);
    }
    client.says(unsubscribe);
    assertThat(saying(SUBSCRIBE, 1)).anyMatch(SessionRateTest::isLimited);
  }

  @Test
  void clientThatWaitsForTwoReasons_isReadFromWhenBothAreGone() {
    saying(PING, AT_ONCE - 4);
    for (int i = 0; i < 4; i++) {
      client.says(PUBLISH);
    }
    assertThat(client.readsPaused).isTrue();
    saying(PING, 1);

    client.passes(Duration.ofMillis(200));
    assertThat(client.readsPaused).isTrue();
    client.publishes.forEach(publish -> publish.durable("local.qzs2bywm.4.41"));
    client.ioThreadRuns();
    assertThat(client.readsPaused).isFalse();
  }

  @Test
  void channelBeyondTheTenantsLimit_isRefused_andOnesThatAreThereAreNot() {
    client.says("{'type':'subscribe','channel':'room.1'}");
    interests.full = true;

    client.says("{'type':'subscribe','channel':'room.1'}");
    client.says("{'type':'subscribe','id':'s','channel':'room.2'}");

    assertThat(client.hears())
        .last()
        .asString()
        .contains("'id':'s','channel':'room.2'", "'limit_exceeded'", "the tenant");
    assertThat(client.limits).containsExactly(Limit.TENANT_CHANNELS);
    assertThat(interests.held).containsExactly(Conversation.channel("room.1"));
  }

  @Test
  void channelsBeyondTheTenantsLimit_closeNobody_andAreHeldToTheTenantsRate() {
    interests.full = true;
    List<String> refusals =
        saying(SUBSCRIBE, Seat.FREE_SUBSCRIBES + Conversation.SUBSCRIBES_AT_ONCE);
    assertThat(refusals)
        .hasSize(Seat.FREE_SUBSCRIBES + Conversation.SUBSCRIBES_AT_ONCE)
        .allMatch(frame -> frame.contains("'limit_exceeded'"));

    assertThat(saying(SUBSCRIBE, 1)).singleElement().matches(SessionRateTest::isLimited);
    client.passes(ErrorLimit.PAUSE);
    assertThat(client.closes).isEmpty();
  }

  @Test
  void subscriptionsBeyondTheConnectionsOwnLimit_countAsErrors() {
    for (int i = 0; i < 3; i++) {
      client.says("{'type':'subscribe','channel':'c" + i + "'}");
    }
    assertThat(saying(SUBSCRIBE, 5))
        .hasSize(5)
        .allMatch(frame -> frame.contains("a connection has at most"));

    client.passes(ErrorLimit.PAUSE);
    assertThat(client.closes).containsExactly(CloseReason.TOO_MANY_ERRORS);
  }

  private List<String> saying(String frame, int times) {
    client.hears();
    for (int i = 0; i < times; i++) {
      client.says(frame);
    }
    return client.hears();
  }

  private static boolean isLimited(String frame) {
    return frame.contains("rate_limited");
  }
}
