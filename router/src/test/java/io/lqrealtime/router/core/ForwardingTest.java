package io.lqrealtime.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.router.core.Decision.Verdict;
import io.lqrealtime.topic.Placement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForwardingTest {
  private static final int PARTITIONS = 8;
  private static final Channel ROOM = new Channel("room");
  private static final int HOME = new Placement(PARTITIONS).home(Log.ACME, ROOM);
  private static final int AWAY = (HOME + 1) % PARTITIONS;

  private final Partition away = new Partition(Log.setting(AWAY, PARTITIONS));
  private Partition home = new Partition(Log.setting(HOME, PARTITIONS));

  @BeforeEach
  void subscribeAtHome() {
    ControlRecord.Origin origin =
        new ControlRecord.Origin(new io.lqrealtime.id.GatewayId("g"), 1, 1, Log.REGION, HOME);
    home.process(Log.control(0, new ControlRecord.Subscribe(origin, Log.ACME, List.of(ROOM))));
  }

  @Test
  void messageElsewhere_isSentHomeOnce() {
    Decision decision = away.process(Log.message(42, "room", "1"));

    assertThat(decision.verdict()).isEqualTo(new Verdict.SentHome());
    Effect.Forward forward = (Effect.Forward) decision.effects().getFirst();
    assertThat(forward.home()).isEqualTo(HOME);
    assertThat(forward.origin()).isEqualTo(AWAY + "@42");
    assertThat(home.sent(forwarded(42, 7, "1"), "g")).hasSize(1);
  }

  @Test
  void invalidMessageElsewhere_isRejectedThere() {
    assertThat(away.process(Log.message(42, "room", "{")).effects().getFirst())
        .isInstanceOf(Effect.DeadLetter.class);
  }

  @Test
  void copyForwardedAgain_isDropped() {
    home.process(forwarded(42, 7, "1"));
    home.process(forwarded(43, 8, "2"));

    assertThat(home.process(forwarded(42, 9, "1")))
        .isEqualTo(new Decision(new Verdict.ForwardedAgain(), List.of(), List.of()));
    assertThat(home.sent(forwarded(44, 10, "3"), "g")).hasSize(1);
  }

  @Test
  void originsOfOtherPartitions_areApart() {
    home.process(forwarded(42, 7, "1"));

    InboundRecord other = forwardedFrom((HOME + 2) % PARTITIONS, 5, 8, "1");
    assertThat(home.sent(other, "g")).hasSize(1);
  }

  @Test
  void homeRecordReadAgain_isNoDuplicate_andCopiesStillAre() {
    List<InboundRecord> log =
        List.of(
            forwarded(42, 7, "1"),
            forwarded(43, 8, "2"),
            forwarded(42, 9, "1"),
            forwarded(43, 10, "2"),
            forwarded(44, 11, "3"));
    log.forEach(home::process);
    home = Partition.restored(Log.setting(HOME, PARTITIONS), home.writes);

    assertThat(log.stream().flatMap(record -> home.sent(record, "g").stream()))
        .extracting(sent -> ((GatewayRecord.Message) sent).offset())
        .containsExactly(7L, 8L, 11L);
    assertThat(home.sent(forwarded(44, 12, "3"), "g")).isEmpty();
  }

  @Test
  void originWithoutItsMac_isNotBelieved_andTheMessageIsNotLost() {
    home.process(forwarded(42, 7, "1"));

    assertThat(
            home.sent(Log.message(8, "acme", "1", "channel", "room", "origin", AWAY + "@3"), "g"))
        .hasSize(1);
    ControlKey otherKey =
        new ControlKey("another secret that has 32 bytes".getBytes(StandardCharsets.UTF_8));
    String origin = AWAY + "@3";
    String mac = otherKey.sign("origin:" + origin, Log.bytes("acme"), Log.bytes("1"));
    assertThat(home.sent(withOrigin(9, "1", origin, mac), "g")).hasSize(1);
  }

  @Test
  void originMovedToAnotherMessage_isNotBelieved() {
    InboundRecord genuine = forwarded(42, 7, "1");
    home.process(genuine);
    Effect.Forward seal = seal(42, "1");

    assertThat(home.sent(withOrigin(8, "2", seal.origin(), seal.mac()), "g")).hasSize(1);
  }

  private InboundRecord forwarded(long originOffset, long homeOffset, String value) {
    Effect.Forward forward = seal(originOffset, value);
    return withOrigin(homeOffset, value, forward.origin(), forward.mac());
  }

  private Effect.Forward seal(long originOffset, String value) {
    return (Effect.Forward)
        away.process(Log.message(originOffset, "room", value)).effects().getFirst();
  }

  private static InboundRecord forwardedFrom(
      int source, long originOffset, long homeOffset, String value) {
    Effect.Forward forward =
        (Effect.Forward)
            new Partition(Log.setting(source, PARTITIONS))
                .process(Log.message(originOffset, "room", value))
                .effects()
                .getFirst();
    return withOrigin(homeOffset, value, forward.origin(), forward.mac());
  }

  private static InboundRecord withOrigin(long offset, String value, String origin, String mac) {
    return Log.message(offset, "acme", value, "channel", "room", "origin", origin, "mac", mac);
  }
}
