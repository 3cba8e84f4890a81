package io.lqrealtime.gateway.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.delivery.RecordHandler.Duty;
import io.lqrealtime.gateway.session.Delivery;
import io.lqrealtime.gateway.session.Recent;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ChannelDigest;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.GatewayRecord.Claim;
import io.lqrealtime.record.GatewayRecord.Down;
import io.lqrealtime.record.GatewayRecord.Heartbeat;
import io.lqrealtime.record.GatewayRecord.Message;
import io.lqrealtime.record.GatewayRecord.Subscribed;
import io.lqrealtime.topic.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RecordHandlerTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantChannel ROOM = new TenantChannel(ACME, new Channel("room.1"));
  private static final long DIGEST =
      ChannelDigest.toggle(ChannelDigest.EMPTY, ACME, ROOM.channel());
  private static final Region LOCAL = new Region("local");

  private final GatewayIdentity identity =
      new GatewayIdentity(new GatewayId("gw-0"), LOCAL, "this process");
  private final ChannelRegistry registry =
      new ChannelRegistry(identity, new Placement(1), 7, tenant -> 10, () -> 1, () -> {});
  private final List<String> counted = new ArrayList<>();
  private final RecentMessages recent = new RecentMessages(1, 10_000, 10_000);
  private final RecordHandler handler =
      new RecordHandler(identity, registry, 1, recent, new Counts());
  private final List<Delivery> out = new ArrayList<>();

  @Test
  void subscribed_activatesItsChannels() {
    ask();
    up();

    handle(subscribed(7, 2, 40, GatewayRecord.NOTHING));

    assertThat(out).containsExactly(new Delivery.Activated(List.of(ROOM), 0, 40));
  }

  @Test
  void subscribed_ofAnotherGeneration_isStale() {
    ask();
    up();

    handle(subscribed(6, 2, 40, 39));

    assertThat(out).isEmpty();
  }

  @Test
  void message_isEncodedForItsChannel() {
    active();

    handle(message(41, GatewayRecord.NOTHING, ROOM.channel()));

    Delivery.Broadcast broadcast = (Delivery.Broadcast) out.getFirst();
    assertThat(broadcast.channel()).isEqualTo(ROOM);
    assertThat(broadcast.offset()).isEqualTo(41);
    assertThat(new String(broadcast.frame(), UTF_8))
        .endsWith(
            """
            {"type":"message","channel":"room.1","position":"local.qzs2bywm.0.41",\
            "id":"m1","from":"alice","time":5,"payload":1.50}\
            """);
  }

  @Test
  void message_thatNobodyHereWants_isNotHandedOn_butCountsInTheChain() {
    active();
    handle(message(41, GatewayRecord.NOTHING, new Channel("other")));
    assertThat(out).isEmpty();

    handle(message(42, 41, ROOM.channel()));

    assertThat(out).singleElement().isInstanceOf(Delivery.Broadcast.class);
  }

  @Test
  void message_afterOneThatHasNotCome_showsAGap() {
    active();
    handle(message(41, GatewayRecord.NOTHING, ROOM.channel()));
    out.clear();

    handle(message(43, 42, ROOM.channel()));

    assertThat(out).hasSize(2).first().isEqualTo(new Delivery.Gap(0, 41, 42));
    assertThat(out.getLast()).isInstanceOf(Delivery.Broadcast.class);
    assertThat(recent.read(ROOM, 0, 41, 40, 100)).isEqualTo(new Recent.Read.Missing(42));
    assertThat(counted).containsExactly("gap");
  }

  @Test
  void message_thatHasBeenHere_isDropped() {
    active();
    handle(message(41, GatewayRecord.NOTHING, ROOM.channel()));
    out.clear();

    handle(message(41, GatewayRecord.UNKNOWN, ROOM.channel()));

    assertThat(out).isEmpty();
    assertThat(counted).containsExactly("duplicate");
  }

  @Test
  void heartbeat_thatNamesAnOffsetThatHasNotCome_showsAGap() {
    active();

    handle(heartbeat(7, 2, 41, DIGEST));
    handle(heartbeat(7, 2, 41, DIGEST));

    assertThat(out).containsExactly(new Delivery.Gap(0, GatewayRecord.NOTHING, 41));
  }

  @Test
  void messagesBeforeTheFirstAnswer_areNoticedAsMissing_byHeartbeat() {
    ask();
    handle(message(41, GatewayRecord.NOTHING, ROOM.channel()));
    assertThat(out).isEmpty();

    handle(heartbeat(7, 2, 41, DIGEST));

    assertThat(out).containsExactly(new Delivery.Gap(0, GatewayRecord.NOTHING, 41));
  }

  @Test
  void messagesBeforeTheFirstAnswer_areNoticedAsMissing_bySubscribed() {
    ask();
    handle(message(41, GatewayRecord.NOTHING, ROOM.channel()));

    handle(subscribed(7, 2, 40, 41));

    assertThat(out)
        .containsExactly(
            new Delivery.Gap(0, GatewayRecord.NOTHING, 41),
            new Delivery.Activated(List.of(ROOM), 0, 40));
  }

  @Test
  void whatPassed_isRemembered() {
    active();

    handle(message(41, GatewayRecord.NOTHING, ROOM.channel()));
    handle(message(42, 41, new Channel("other")));

    assertThat(recent.read(ROOM, 0, 40, 40, 1_000))
        .isInstanceOfSatisfying(
            Recent.Read.Messages.class,
            read -> {
              assertThat(read.frames())
                  .containsExactly(((Delivery.Broadcast) out.getFirst()).frame());
              assertThat(read.cursor()).isEqualTo(42);
              assertThat(read.complete()).isTrue();
            });
  }

  @Test
  void heartbeat_withAnotherDigest_startsThePartitionOver() {
    active();

    assertThat(handle(heartbeat(7, 2, GatewayRecord.NOTHING, DIGEST + 1))).isEqualTo(Duty.NONE);

    assertThat(out).containsExactly(new Delivery.Suspended(0, GatewayRecord.NOTHING));
    assertThat(counted).containsExactly("digest");
    out.clear();
    handle(message(41, GatewayRecord.NOTHING, ROOM.channel()));
    assertThat(out).isEmpty();
  }

  @Test
  void newerGeneration_orDownOfThisOne_asksForANewOne() {
    active();

    assertThat(handle(heartbeat(8, 1, GatewayRecord.NOTHING, 0))).isEqualTo(Duty.NEW_GENERATION);
    assertThat(handle(new Down(0, 7))).isEqualTo(Duty.NEW_GENERATION);
    assertThat(handle(new Down(0, 6))).isEqualTo(Duty.NONE);
  }

  @Test
  void claimOfAnotherProcess_isAReasonToLeave() {
    assertThat(handle(new Claim("this process"))).isEqualTo(Duty.NONE);
    assertThat(handle(new Claim("another"))).isEqualTo(Duty.LEAVE);
  }

  @Test
  void unreadableRecord_suspendsWhatHasStarted_once() {
    handler.unreadable(out::add);
    assertThat(out).isEmpty();
    active();
    handle(message(41, GatewayRecord.NOTHING, ROOM.channel()));
    out.clear();

    handler.unreadable(out::add);
    handler.unreadable(out::add);

    assertThat(out).containsExactly(new Delivery.Suspended(0, 41));
    assertThat(recent.read(ROOM, 0, 41, 40, 100)).isInstanceOf(Recent.Read.Missing.class);
  }

  private void ask() {
    registry.acquire(ROOM);
    registry.drain(record -> CompletableFuture.completedFuture(0L));
  }

  private void up() {
    handle(heartbeat(7, 1, GatewayRecord.NOTHING, ChannelDigest.EMPTY));
  }

  private void active() {
    ask();
    up();
    handle(subscribed(7, 2, 40, GatewayRecord.NOTHING));
    out.clear();
  }

  private Duty handle(GatewayRecord record) {
    return handler.handle(record, out::add);
  }

  private static Message message(long offset, long previous, Channel channel) {
    return new Message(
        ACME,
        channel,
        LOCAL,
        LogId.parse("qzs2bywm"),
        0,
        offset,
        previous,
        5,
        Optional.of("m1"),
        Optional.of("alice"),
        "1.50".getBytes(UTF_8));
  }

  private static Subscribed subscribed(long generation, long sequence, long offset, long routed) {
    return new Subscribed(0, generation, sequence, offset, routed, ACME, List.of(ROOM.channel()));
  }

  private static Heartbeat heartbeat(long generation, long sequence, long routed, long digest) {
    return new Heartbeat(0, generation, sequence, 50, routed, digest, 1);
  }

  private final class Counts implements DeliveryMetrics {
    @Override
    public void gap() {
      counted.add("gap");
    }

    @Override
    public void duplicate() {
      counted.add("duplicate");
    }

    @Override
    public void unreadable() {
      counted.add("unreadable");
    }

    @Override
    public void digestMismatch() {
      counted.add("digest");
    }
  }
}
