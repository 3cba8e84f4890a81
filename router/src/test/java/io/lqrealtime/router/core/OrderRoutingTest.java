package io.lqrealtime.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.record.DeadLetterReason;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.tenant.Target;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.lqrealtime.tenant.TenantPolicy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Orders that are given, and ones that somebody appends again. */
class OrderRoutingTest {
  private static final long T = 1_790_000_000_000L;
  private static final long FRESH = TenantOrderCodec.FRESH_MILLIS;
  private static final TenantOrder DISCONNECT =
      new TenantOrder.Disconnect(Log.ACME, "ops", new Target.Everyone());
  private static final TenantOrder POLICY =
      new TenantOrder.SetPolicy(
          Log.ACME, "ops", TenantPolicy.DEFAULT.with(TenantPolicy.Kind.CHANNELS, 5));

  private final Partition partition = new Partition();

  private static InboundRecord order(TenantOrder order, long issued, long offset, long time) {
    TenantOrderCodec.Encoded encoded =
        TenantOrderCodec.encode(
            new TenantOrderCodec.Addressed(Log.REGION, 0, issued, order),
            Log.KEY,
            FormatVersion.FIRST);
    return new InboundRecord(
        offset,
        time,
        encoded.key(),
        Log.headers("type", encoded.headers().get("type"), "mac", encoded.headers().get("mac")),
        encoded.value());
  }

  private static void assertAnnounced(Decision decision, TenantOrder order) {
    assertThat(decision.effects()).containsExactly(new Effect.Announce(order));
  }

  private static void assertStale(Decision decision) {
    assertThat(decision.effects())
        .singleElement()
        .isInstanceOfSatisfying(
            Effect.DeadLetter.class,
            dead -> assertThat(dead.reason()).isEqualTo(DeadLetterReason.STALE_CONTROL));
    assertThat(decision.changes()).isEmpty();
  }

  @Test
  void order_isAnnounced() {
    assertAnnounced(partition.process(order(DISCONNECT, T, 3, T + 5)), DISCONNECT);
  }

  @Test
  void orderThatIsAppendedAgain_isNot_andThatLeavesItWhereItWas() {
    assertAnnounced(partition.process(order(POLICY, T, 3, T)), POLICY);
    assertAnnounced(partition.process(order(DISCONNECT, T, 4, T + 1)), DISCONNECT);

    assertStale(partition.process(order(POLICY, T, 5, T + 2)));
    assertStale(partition.process(order(POLICY, T, 6, T + FRESH)));
    assertAnnounced(partition.process(order(POLICY, T + 3, 7, T + FRESH)), POLICY);
  }

  @Test
  void orderThatIsGivenAgain_isAnnouncedAgain() {
    assertAnnounced(partition.process(order(DISCONNECT, T, 3, T)), DISCONNECT);
    assertAnnounced(partition.process(order(DISCONNECT, T + 1, 4, T + 1)), DISCONNECT);
  }

  @Test
  void orderOfAnotherTime_isNotAnnounced() {
    assertStale(partition.process(order(DISCONNECT, T, 3, T + FRESH + 1)));
    assertStale(partition.process(order(DISCONNECT, T + FRESH + 1, 4, T)));
    assertStale(partition.process(order(DISCONNECT, 0, 5, T)));
    assertStale(partition.process(order(DISCONNECT, Long.MAX_VALUE, 6, T)));
  }

  @Test
  void orderFromAClockThatIsAhead_isNotObeyedAgainWhenThatTimeHasCome() {
    Partition two = new Partition();
    assertAnnounced(two.process(order(DISCONNECT, T + FRESH, 3, T)), DISCONNECT);

    assertStale(two.process(order(DISCONNECT, T + FRESH, 4, T + FRESH)));
    assertStale(two.process(order(DISCONNECT, T + FRESH, 5, T + 2 * FRESH)));
    assertStale(two.process(order(DISCONNECT, T + FRESH, 6, T + 2 * FRESH + 1)));
  }

  @Test
  void orderThatIsReadAgain_isDecidedAsBefore() {
    List<InboundRecord> log = List.of(order(DISCONNECT, T, 3, T), order(DISCONNECT, T, 4, T + 1));
    List<List<Effect>> before =
        log.stream().map(record -> partition.process(record).effects()).toList();
    partition.save();
    Partition after = Partition.restored(Log.setting(0, 1), partition.writes);

    assertThat(log.stream().map(record -> after.process(record).effects()).toList())
        .isEqualTo(before);
    assertStale(after.process(order(DISCONNECT, T, 5, T + 2)));
  }

  @Test
  void shortWindow_makesTheTimeShorter_andNoneLeavesTheTime() {
    Partition brief =
        new Partition(
            Log.setting(0, 1), new Directory(Duration.ofSeconds(10), new IdBudget(1_000)));
    assertStale(brief.process(order(DISCONNECT, T, 3, T + 5_001)));
    assertAnnounced(brief.process(order(DISCONNECT, T, 4, T + 5_000)), DISCONNECT);
    assertStale(brief.process(order(DISCONNECT, T, 5, T + 5_000)));

    Partition off =
        new Partition(Log.setting(0, 1), new Directory(Duration.ZERO, new IdBudget(10)));
    assertAnnounced(off.process(order(DISCONNECT, T, 3, T + FRESH)), DISCONNECT);
    assertStale(off.process(order(DISCONNECT, T, 4, T + FRESH + 1)));
  }
}
