package io.lqrealtime.bench.faults.judge;

import static io.lqrealtime.bench.faults.judge.Story.LOG;
import static io.lqrealtime.bench.faults.judge.Story.ROOM;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule on a history that breaks it and nothing else, and good histories that look odd. */
class JudgeTest {
  /** A writer w and a reader r of acme, from offset 10 on. */
  private static Story begun() {
    return new Story().connect("w", "acme").reader("r", "acme", 10);
  }

  private static void assertOnly(Verdict verdict, Rule rule, Long... lines) {
    assertThat(verdict.counts()).as("%s", verdict.findings()).containsOnlyKeys(rule);
    assertThat(verdict.counts().get(rule)).isEqualTo(1);
    assertThat(verdict.findings().getFirst().lines()).containsExactly(lines);
  }

  private static void assertClean(Verdict verdict) {
    assertThat(verdict.findings()).isEmpty();
    assertThat(verdict.isClean()).isTrue();
  }

  // ---- good histories ----

  @Test
  void everythingInOrder_isClean_andCounted() {
    Verdict verdict =
        begun()
            .published("w", 1, 11)
            .received("r", "w", 1, 11)
            .published("w", 2, 14)
            .received("r", "w", 2, 14)
            .end();
    assertClean(verdict);
    assertThat(verdict.complete()).isTrue();
    assertThat(verdict.figures().messages()).isEqualTo(2);
    assertThat(verdict.figures().acked()).isEqualTo(2);
    assertThat(verdict.figures().received()).isEqualTo(2);
    assertThat(verdict.figures().connects()).isEqualTo(2);
  }

  @Test
  void sendWithoutAnAnswer_deliveredOrNot_isClean() {
    Verdict verdict =
        begun()
            .sent("w", 1)
            .sent("w", 2)
            .received("r", "w", 2, 12)
            .closed("w", 1006)
            .proven()
            .end();
    assertClean(verdict);
    assertThat(verdict.figures().unanswered()).isEqualTo(2);
  }

  @Test
  void unavailable_deliveredOrNot_isClean() {
    assertClean(
        begun()
            .sent("w", 1)
            .error("w", 1, "unavailable")
            .sent("w", 2)
            .error("w", 2, "unavailable")
            .received("r", "w", 2, 12)
            .proven()
            .end());
  }

  @Test
  void retry_ackedTwiceAndDeliveredAtTheFirstCopy_isClean() {
    assertClean(
        begun()
            .sent("w", 1)
            .closed("w", 1006)
            .connect("w", "acme")
            .sent("w", 1)
            .acked("w", 1, 15)
            .acked("w", 1, 16)
            .received("r", "w", 1, 11)
            .end());
  }

  @Test
  void retry_thatOvertakesALaterMessage_isThePublishersOwnDoing() {
    assertClean(
        begun()
            .sent("w", 1)
            .sent("w", 2)
            .error("w", 1, "unavailable")
            .acked("w", 2, 11)
            .sent("w", 1)
            .acked("w", 1, 12)
            .received("r", "w", 2, 11)
            .received("r", "w", 1, 12)
            .end());
  }

  @Test
  void sendsOnTwoConnections_withoutAnAckBetween_mayComeInEitherOrder() {
    assertClean(
        begun()
            .sent("w", 1)
            .closed("w", 1006)
            .connect("w", "acme")
            .sent("w", 2)
            .received("r", "w", 2, 11)
            .received("r", "w", 1, 12)
            .acked("w", 2, 11)
            .end());
  }

  @Test
  void resume_thatBringsWhatWasMissed_isClean() {
    Verdict verdict =
        begun()
            .published("w", 1, 11)
            .received("r", "w", 1, 11)
            .closed("r", 1006)
            .published("w", 2, 12)
            .resumed("r", "acme", 11)
            .received("r", "w", 2, 12)
            .live("r", 12)
            .published("w", 3, 13)
            .received("r", "w", 3, 13)
            .end();
    assertClean(verdict);
    assertThat(verdict.figures().resumes()).isEqualTo(1);
  }

  @Test
  void whatWasSentBeforeTheSubscription_needNotCome() {
    assertClean(
        new Story()
            .connect("w", "acme")
            .published("w", 1, 9)
            .sent("w", 2)
            .reader("r", "acme", 10)
            .acked("w", 2, 10)
            .proven()
            .end());
  }

  @Test
  void retryAfterTheSubscription_ofAMessageFromBefore_needNotCome() {
    assertClean(
        new Story()
            .connect("w", "acme")
            .sent("w", 1)
            .reader("r", "acme", 10)
            .sent("w", 1)
            .acked("w", 1, 11)
            .proven()
            .end());
  }

  @Test
  void sameIdOfOtherTenantsChannelsAndUsers_areOtherMessages() {
    assertClean(
        new Story()
            .connect("w", "acme")
            .connect("w2", "acme")
            .connect("v", "rival")
            .reader("r", "acme", 10)
            .published("w", 1, 11)
            .published("w2", 1, 12)
            .published("v", 1, 13)
            .sent("w", "room.2", 1)
            .acked("w", "room.2", 1, 14)
            .received("r", "w", 1, 11)
            .received("r", "w2", 1, 12)
            .end());
  }

  @Test
  void historyWithoutAnEnd_isNotJudgedForLoss() {
    Verdict verdict = begun().published("w", 1, 11).judged();
    assertClean(verdict);
    assertThat(verdict.complete()).isFalse();
  }

  @Test
  void clientThatLeft_needNotGetWhatCameAfter() {
    assertClean(
        begun()
            .line("r", "left", "\"channel\":\"room.1\"")
            .closed("r", 1000)
            .published("w", 1, 11)
            .proven()
            .end());
  }

  // ---- loss ----

  @Test
  void ackedMessage_thatDoesNotCome_isLost() {
    Story story = begun().published("w", 1, 11);
    long ack = story.lastLine();
    assertOnly(story.published("w", 2, 12).received("r", "w", 2, 12).end(), Rule.LOST, ack);
  }

  @Test
  void messageMissedWhileAway_isLost() {
    Story story = begun().closed("r", 1012).published("w", 1, 11);
    long ack = story.lastLine();
    assertOnly(story.resumed("r", "acme", 10).live("r", 11).end(), Rule.LOST, ack);
  }

  @Test
  void messageWithoutAnAck_thatOnlyOtherReadersGot_isLost() {
    Story story = begun().reader("s", "acme", 10).sent("w", 1).received("r", "w", 1, 11);
    assertOnly(story.end(), Rule.LOST, story.lastLine() - 1);
  }

  @Test
  void retriedMessage_ackedAndDeliveredToNobody_isLost() {
    Story story = begun().sent("w", 1).error("w", 1, "unavailable").sent("w", 1);
    story.acked("w", 1, 12);
    assertOnly(story.end(), Rule.LOST, story.lastLine() - 1);
  }

  @Test
  void messageMissingFromEverything_isLost() {
    Story story = new Story().connect("w", "acme").published("w", 1, 5);
    long ack = story.lastLine();
    story.connect("r", "acme").subscribe("r", "earliest").subscribed("r", 8).live("r", 9);
    assertOnly(story.end(), Rule.LOST, ack);
  }

  @Test
  void messageSentAfterTheAnswer_andMissing_isLost_thoughItIsAckedBelowThePosition() {
    Story story = begun().published("w", 1, 5);
    assertOnly(story.end(), Rule.LOST, story.lastLine() - 1);
  }

  @Test
  void messageSentAfterTheInstantAskedFor_andMissing_isLost() {
    Story story = new Story().connect("w", "acme").published("w", 1, 5);
    String instant = Instant.ofEpochMilli(story.now()).toString();
    story.published("w", 2, 6);
    long ack = story.lastLine();
    story.connect("r", "acme").subscribe("r", instant).subscribed("r", 8).live("r", 9);
    assertOnly(story.end(), Rule.LOST, ack);
  }

  @Test
  void lateMessage_isFound() {
    Story story = begun().published("w", 1, 11);
    long ack = story.lastLine();
    story.healed().after(29_000).published("w", 2, 12).after(1_500).received("r", "w", 1, 11);
    assertOnly(story.received("r", "w", 2, 12).end(), Rule.LATE, ack, story.lastLine() - 2);
  }

  @Test
  void readerOfPages_mayTakeItsTime_butNotForOnePage() {
    Story story = begun().published("w", 1, 11).published("w", 2, 12).published("w", 3, 13);
    long ack = story.lastLine();
    story.received("r", "w", 1, 11).received("r", "w", 2, 12).received("r", "w", 3, 13);
    story.healed().connect("p", "acme").paged("p", 10);
    story.after(20_000).received("p", "w", 1, 11).after(20_000).received("p", "w", 2, 12);
    story.after(31_000).received("p", "w", 3, 13);
    assertOnly(story.end(), Rule.LATE, ack, story.lastLine() - 1);
  }

  @Test
  void latecomer_mayTakeItsTimeToCatchUp_butNotForOneStep() {
    Story story = begun().published("w", 1, 11).published("w", 2, 12).published("w", 3, 13);
    long ack = story.lastLine();
    story.received("r", "w", 1, 11).received("r", "w", 2, 12).received("r", "w", 3, 13);
    story.healed().after(1).connect("q", "acme").subscribe("q", "earliest").subscribed("q", 10);
    story.after(20_000).received("q", "w", 1, 11).after(20_000).received("q", "w", 2, 12);
    story.after(31_000).received("q", "w", 3, 13).live("q", 13);
    assertOnly(story.end(), Rule.LATE, ack, story.lastLine() - 2);
  }

  @Test
  void latecomerThatHasCaughtUp_isNotGivenTimeByEachMessage() {
    Story story = begun().published("w", 1, 11).received("r", "w", 1, 11);
    story.healed().after(1).connect("q", "acme").subscribe("q", "earliest").subscribed("q", 10);
    story.received("q", "w", 1, 11).live("q", 11).published("w", 2, 12).published("w", 3, 13);
    long ack = story.lastLine();
    story.received("r", "w", 2, 12).received("r", "w", 3, 13).after(20_000);
    story.received("q", "w", 2, 12).after(11_000);
    assertOnly(story.received("q", "w", 3, 13).end(), Rule.LATE, ack, story.lastLine() - 1);
  }

  @Test
  void messageJustInTime_isClean() {
    Verdict verdict =
        begun().published("w", 1, 11).healed().after(29_000).received("r", "w", 1, 11).end();
    assertClean(verdict);
    assertThat(verdict.figures().slowestHealMillis()).isBetween(29_000L, 29_100L);
  }

  @Test
  void lossTold_isAFindingOfItsOwn_andWhatWasMissedIsNotLostAsWell() {
    Story story =
        begun()
            .closed("r", 1006)
            .published("w", 1, 11)
            .connect("r", "acme")
            .subscribe("r", LOG + 10)
            .notRecovered("r", 20);
    long told = story.lastLine();
    story.published("w", 2, 21).received("r", "w", 2, 21);
    Verdict verdict = story.end();
    assertOnly(verdict, Rule.NOT_RECOVERED, told);
    assertThat(verdict.figures().notRecovered()).isEqualTo(1);
  }

  @Test
  void lossTold_whereItMayBe_isClean_andWhatComesAfterMustCome() {
    Story story = begun().published("w", 1, 11).notRecovered("r", 20).published("w", 2, 21);
    JudgeOptions lenient = JudgeOptions.strict().permittingLoss();
    story.line("", "end", "");
    assertOnly(story.judged(lenient), Rule.LOST, story.lastLine() - 1);
  }

  // ---- too much ----

  @Test
  void messageTwice_isDoubled() {
    Story story = begun().published("w", 1, 11).received("r", "w", 1, 11);
    long first = story.lastLine();
    story.received("r", "w", 1, 12);
    Verdict verdict = story.end();
    assertThat(verdict.counts()).containsOnlyKeys(Rule.DOUBLED, Rule.POSITION);
    assertThat(verdict.findings())
        .anySatisfy(
            finding -> {
              assertThat(finding.rule()).isEqualTo(Rule.DOUBLED);
              assertThat(finding.lines()).containsExactly(first, first + 1);
            });
  }

  @Test
  void messageAgainAfterAResume_isDoubled() {
    Story story = begun().published("w", 1, 11).received("r", "w", 1, 11).closed("r", 1006);
    story.resumed("r", "acme", 11).received("r", "w", 1, 11).live("r", 11);
    assertThat(story.end().counts()).containsOnlyKeys(Rule.DOUBLED, Rule.POSITION);
  }

  @Test
  void refusedMessage_thatIsDelivered_isFound() {
    Story story = begun().sent("w", 1).error("w", 1, "forbidden").received("r", "w", 1, 11);
    assertOnly(story.end(), Rule.REFUSED, story.lastLine() - 2, story.lastLine() - 1);
  }

  @Test
  void refusedMessage_thatWasDeliveredBefore_isFound() {
    Story story = begun().sent("w", 1).received("r", "w", 1, 11).error("w", 1, "too_large");
    assertOnly(story.end(), Rule.REFUSED, story.lastLine() - 2, story.lastLine() - 1);
  }

  @Test
  void messageThatNobodySent_isUnknown() {
    Story story = begun().received("r", "w", 1, 11);
    assertOnly(story.end(), Rule.UNKNOWN, story.lastLine() - 1);
  }

  @Test
  void otherPayload_isFound() {
    Story story = begun().sent("w", 1).received("r", ROOM, "w", 1, "other", LOG + 11);
    assertOnly(story.end(), Rule.PAYLOAD, story.lastLine() - 2, story.lastLine() - 1);
  }

  @Test
  void messageOfAnotherTenant_isFound() {
    Story story = begun().connect("v", "rival").sent("v", 1).received("r", "v", 1, 11);
    assertOnly(story.end(), Rule.TENANT, story.lastLine() - 2, story.lastLine() - 1);
  }

  @Test
  void messageOfAnotherTenant_underAnIdThatThisOneHasToo_isFound() {
    Story story =
        begun()
            .sent("w", 1)
            .line("v", "connect", "\"tenant\":\"rival\",\"user\":\"w\"")
            .sent("v", 1)
            .received("r", ROOM, "w", 1, "v" + ROOM + 1, LOG + 11);
    assertOnly(story.end(), Rule.TENANT, story.lastLine() - 2, story.lastLine() - 1);
  }

  @Test
  void messageOfAnotherChannel_isFound() {
    Story story = begun().sent("w", "room.2", 1).received("r", ROOM, "w", 1, "wroom.21", LOG + 11);
    assertOnly(story.end(), Rule.CHANNEL, story.lastLine() - 2, story.lastLine() - 1);
  }

  @Test
  void messageOfAChannelThatIsNotSubscribed_isFound() {
    Story story = begun().sent("w", 1);
    story.line("r", "unsubscribed", "\"channel\":\"room.1\"").received("r", "w", 1, 11);
    long line = story.lastLine();
    story.resumed("r", "acme", 11).live("r", 11);
    assertOnly(story.end(), Rule.CHANNEL, line);
  }

  @Test
  void messageBeforeTheAnswerToSubscribe_isFound() {
    Story story = begun().closed("r", 1006).sent("w", 1).connect("r", "acme");
    story.subscribe("r", LOG + 10).received("r", "w", 1, 11);
    long line = story.lastLine();
    assertOnly(story.subscribed("r", 11).live("r", 11).end(), Rule.CHANNEL, line);
  }

  // ---- order and positions ----

  @Test
  void positionsThatFall_areFound() {
    Story story = begun().sent("w", 1).connect("w2", "acme").sent("w2", 1);
    story.received("r", "w", 1, 12).received("r", "w2", 1, 11);
    assertOnly(story.end(), Rule.POSITION, story.lastLine() - 2, story.lastLine() - 1);
  }

  @Test
  void messageAckedBeforeAnotherWasSent_andDeliveredAfterIt_isOutOfOrder() {
    Story story = begun().sent("w", 1).acked("w", 1, 12);
    long ack = story.lastLine();
    story.closed("w", 1006).connect("w", "acme").sent("w", 2);
    long sent = story.lastLine();
    story.received("r", "w", 2, 11).received("r", "w", 1, 12);
    assertOnly(story.end(), Rule.ORDER, ack, sent);
  }

  @Test
  void messagesOfOneConnection_deliveredTheOtherWayRound_areOutOfOrder() {
    Story story = begun().sent("w", 1).sent("w", 2);
    long second = story.lastLine();
    story.received("r", "w", 2, 11).received("r", "w", 1, 12);
    assertOnly(story.end(), Rule.ORDER, second - 1, second);
  }

  @Test
  void messagesOfOneConnection_outOfOrder_areFoundThoughOneIsSentAgainOnceItHasCome() {
    Story story = begun().sent("w", 1).sent("w", 2);
    long second = story.lastLine();
    story.received("r", "w", 2, 11).received("r", "w", 1, 12).sent("w", 1);
    story.closed("w", 1006).connect("w", "acme").sent("w", 2);
    assertOnly(story.end(), Rule.ORDER, second - 1, second);
  }

  @Test
  void messageAtAnotherPositionThanItsAck_isFound() {
    Story story = begun().published("w", 1, 12).received("r", "w", 1, 13);
    assertOnly(story.end(), Rule.ACK, story.lastLine() - 2, story.lastLine() - 1);
  }

  @Test
  void retriedMessage_deliveredPastAnAckedCopy_isFound() {
    Story story = begun().sent("w", 1).sent("w", 1).acked("w", 1, 12).received("r", "w", 1, 13);
    assertOnly(story.end(), Rule.ACK, story.lastLine() - 2, story.lastLine() - 1);
  }

  @Test
  void moreAcksThanSends_areFound() {
    Story story = begun().published("w", 1, 11).received("r", "w", 1, 11).acked("w", 1, 12);
    assertOnly(story.end(), Rule.ACK, story.lastLine() - 1);
  }

  @Test
  void ackOfWhatWasNeverSent_isFound() {
    Story story = begun().acked("w", 1, 11);
    assertOnly(story.end(), Rule.ACK, story.lastLine() - 1);
  }

  @Test
  void twoPositionsOfOneMessage_areFound() {
    Story story = begun().reader("s", "acme", 10).sent("w", 1).received("r", "w", 1, 11);
    story.received("s", "w", 1, 12);
    assertOnly(story.end(), Rule.POSITION, story.lastLine() - 2, story.lastLine() - 1);
  }

  @Test
  void twoMessagesAtOnePosition_areFound() {
    Story story = begun().reader("s", "acme", 10).sent("w", 1).connect("w2", "acme").sent("w2", 1);
    story.received("r", "w", 1, 11).received("s", "w2", 1, 11);
    assertThat(story.judged().counts()).containsOnlyKeys(Rule.POSITION);
  }

  @Test
  void anotherLog_isFound() {
    Story story = begun().sent("w", 1);
    story.received("r", ROOM, "w", 1, "w" + ROOM + 1, "local.bbbbbbbb.3.11");
    assertOnly(story.judged(), Rule.POSITION, story.lastLine());
  }

  // ---- the rest of the protocol ----

  @Test
  void catchUpWithoutLive_isFound() {
    Story story = begun().closed("r", 1006).resumed("r", "acme", 10);
    assertOnly(story.end(), Rule.LIVE, story.lastLine() - 1);
  }

  @Test
  void liveTwice_isFound() {
    Story story = begun().closed("r", 1006).resumed("r", "acme", 10).live("r", 10).live("r", 10);
    assertOnly(story.end(), Rule.LIVE, story.lastLine() - 1);
  }

  @Test
  void messageAtOrBeforeLive_afterIt_isFound() {
    Story story = begun().closed("r", 1006).sent("w", 1).resumed("r", "acme", 10).live("r", 11);
    assertOnly(
        story.received("r", "w", 1, 11).end(),
        Rule.POSITION,
        story.lastLine() - 2,
        story.lastLine() - 1);
  }

  @Test
  void markerWithoutAnAck_isFound() {
    Story story = begun().healed().marker("w", 1);
    assertOnly(story.end(), Rule.NOT_SERVED, story.lastLine() - 1);
  }

  @Test
  void readerThatIsAwayAtTheEnd_isFound() {
    assertOnly(begun().closed("r", 1006).end(), Rule.NOT_SERVED);
  }

  @Test
  void readerThatNeverGotAnAnswer_isFound() {
    assertOnly(new Story().connect("r", "acme").subscribe("r", "").end(), Rule.NOT_SERVED);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readerThatNeverAsked_isFound(boolean connects) {
    Story story = begun().published("w", 1, 11).received("r", "w", 1, 11).reads("s", "acme");
    if (connects) {
      story.connect("s", "acme");
    }
    assertOnly(story.end(), Rule.NOT_SERVED);
  }

  @Test
  void firstResume_thatBeginsLaterThanAsked_isALoss() {
    Story story = begun().published("w", 1, 11).published("w", 2, 12);
    long ack = story.lastLine();
    story.published("w", 3, 13);
    story.received("r", "w", 1, 11).received("r", "w", 2, 12).received("r", "w", 3, 13);
    story.connect("q", "acme").subscribe("q", LOG + 11).subscribed("q", 12);
    story.received("q", "w", 3, 13).live("q", 13);
    assertOnly(story.end(), Rule.LOST, ack);
  }

  @Test
  void clientThatLeft_hasToHaveWhatCameBefore() {
    Story story = begun().published("w", 1, 11);
    long ack = story.lastLine();
    story.published("w", 2, 12).published("w", 3, 13).received("r", "w", 2, 12);
    story.line("r", "left", "\"channel\":\"room.1\"");
    assertOnly(story.end(), Rule.LOST, ack);
  }

  @Test
  void historyWithNothingInIt_provesNothing() {
    assertOnly(new Story().end(), Rule.UNPROVEN);
    assertOnly(begun().end(), Rule.UNPROVEN);
    assertOnly(begun().sent("w", 1).received("r", "w", 1, 11).end(), Rule.UNPROVEN);
  }

  @Test
  void historyThatGoesOn_needNotProveAnything() {
    assertClean(begun().judged());
  }

  @Test
  void subscribeRefusedForGood_isFound() {
    Story story = begun();
    story.line(
        "r", "error", "\"of\":\"subscribe\",\"channel\":\"room.1\",\"code\":\"bad_request\"");
    assertOnly(story.end(), Rule.NOT_SERVED, story.lastLine() - 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1002, 1007, 1008, 1009, 1011, 4401, 4403, 3})
  void closeThatIsNotToHappen_isFound(int code) {
    Story story = begun().closed("w", code);
    assertOnly(story.end(), Rule.CLOSED, story.lastLine() - 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "local.abcdefgh.3.-1",
        "local.abcdefgh.3.011",
        "local.abcdefg1.3.11",
        "local.abcdefgh.3",
        "local.abcdefgh.3.11~",
        "local.abcdefgh.3.99999999999999999999"
      })
  void positionThatIsNone_isFound(String position) {
    Story story = begun().sent("w", 1);
    story.received("r", ROOM, "w", 1, "w" + ROOM + 1, position);
    assertOnly(story.judged(), Rule.MALFORMED, story.lastLine());
  }

  @Test
  void subscriptionFromBeforeTheFirstRecord_getsThatToo() {
    Story story = new Story().connect("w", "acme").published("w", 1, 0).connect("r", "acme");
    long ack = story.lastLine() - 1;
    story.subscribe("r", "earliest").subscribed("r", -1).live("r", 0);
    assertOnly(story.end(), Rule.LOST, ack);
  }

  @Test
  void cursorOfSeveralRegions_isTheFirstOnesPosition() {
    Story story = begun().published("w", 1, 11);
    story.received("r", ROOM, "w", 1, "w" + ROOM + 1, LOG + "11~eu.bcdefghi.0.5");
    assertClean(story.end());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"t\":1}",
        "{\"e\":\"sent\"}",
        "{\"t\":1,\"e\":{}}",
        "{\"t\":\"x\",\"e\":\"a\"}"
      })
  void lineThatIsNone_isFound(String line) {
    Story story = begun().raw(line);
    assertOnly(story.end(), Rule.MALFORMED, story.lastLine() - 1);
  }

  @Test
  void gapsInAcksAndDeliveries_areMeasuredUpToHealing() {
    Verdict verdict =
        begun()
            .published("w", 1, 11)
            .received("r", "w", 1, 11)
            .after(7_000)
            .sent("w", 2)
            .after(2_000)
            .acked("w", 2, 12)
            .received("r", "w", 2, 12)
            .healed()
            .after(60_000)
            .published("w", 3, 13)
            .received("r", "w", 3, 13)
            .end();
    assertClean(verdict);
    assertThat(verdict.figures().longestAckGapMillis()).isBetween(9_000L, 9_100L);
    assertThat(verdict.figures().longestDeliveryGapMillis()).isBetween(9_000L, 9_100L);
  }

  @Test
  void manyFindings_areCounted_andAFewKept() {
    Story story = begun();
    for (int i = 1; i <= 1_000; i++) {
      story.published("w", i, 10 + i);
    }
    Verdict verdict = story.end();
    assertThat(verdict.counts()).containsEntry(Rule.LOST, 1_000L);
    assertThat(verdict.findings()).hasSize(Findings.KEPT);
  }
}
