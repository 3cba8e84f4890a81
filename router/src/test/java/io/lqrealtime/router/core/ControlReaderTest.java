package io.lqrealtime.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecordCodec;
import io.lqrealtime.record.DeadLetterReason;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.tenant.Target;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.lqrealtime.topic.Placement;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ControlReaderTest {
  private static final ControlKey OTHER_KEY =
      new ControlKey("another secret that has 32 bytes".getBytes(UTF_8));

  private final Partition partition = new Partition();

  @Test
  void controlRecordWithoutMac_isForged() {
    ControlRecordCodec.Encoded encoded = encoded(Log.REGION, 0, Log.KEY);

    assertThat(reason(record(encoded.key(), encoded.value(), "type", encoded.type())))
        .isEqualTo(DeadLetterReason.FORGED_CONTROL);
  }

  @Test
  void controlRecordOfAnotherKey_isForged() {
    assertThat(reason(signed(encoded(Log.REGION, 0, OTHER_KEY))))
        .isEqualTo(DeadLetterReason.FORGED_CONTROL);
  }

  @Test
  void keyOfOrders_isGoodForOrders_andForNothingElse() {
    assertThat(reason(signed(encoded(Log.REGION, 0, Log.ORDER_KEY))))
        .isEqualTo(DeadLetterReason.FORGED_CONTROL);
    for (ControlKey key : List.of(Log.ORDER_KEY, Log.KEY, OTHER_KEY)) {
      TenantOrderCodec.Encoded order =
          TenantOrderCodec.encode(
              new TenantOrderCodec.Addressed(
                  Log.REGION,
                  0,
                  1_000,
                  new TenantOrder.Disconnect(Log.ACME, "ops", new Target.Everyone())),
              key,
              FormatVersion.FIRST);
      Decision decision =
          partition.engine.decide(
              record(
                  order.key(),
                  order.value(),
                  "type",
                  order.headers().get("type"),
                  "mac",
                  order.headers().get("mac")));
      boolean isDead = decision.effects().stream().anyMatch(Effect.DeadLetter.class::isInstance);
      assertThat(isDead).isEqualTo(key == OTHER_KEY);
      assertThat(decision.effects()).isNotEmpty();
    }
  }

  @Test
  void controlRecordWithoutValue_isForged() {
    assertThat(reason(record(null, null, "type", "gateway-up", "mac", "x")))
        .isEqualTo(DeadLetterReason.FORGED_CONTROL);
  }

  @Test
  void controlRecordUnderAnotherTenantsKey_isForged() {
    ControlRecordCodec.Encoded encoded = encoded(Log.REGION, 0, Log.KEY);

    assertThat(
            reason(
                record(
                    Log.bytes("other"),
                    encoded.value(),
                    "type",
                    encoded.type(),
                    "mac",
                    encoded.mac())))
        .isEqualTo(DeadLetterReason.FORGED_CONTROL);
  }

  @Test
  void signedRecordThatCannotBeRead_isBad() {
    byte[] value = Log.bytes("{\"v\":99}");
    String mac = Log.KEY.sign("gateway-up", null, value);

    InboundRecord record = record(null, value, "type", "gateway-up", "mac", mac);
    assertThat(reason(record)).isEqualTo(DeadLetterReason.BAD_CONTROL);
    assertThat(new ControlReader(Log.setting(0, 1)).read("gateway-up", record))
        .isInstanceOfSatisfying(
            Reading.Invalid.class, invalid -> assertThat(invalid.detail()).contains("version"));
  }

  @Test
  void controlRecordOfAnotherPartitionOrRegion_isMisplaced() {
    assertThat(reason(signed(encoded(Log.REGION, 1, Log.KEY))))
        .isEqualTo(DeadLetterReason.MISPLACED_CONTROL);
    assertThat(reason(signed(encoded(new Region("eu"), 0, Log.KEY))))
        .isEqualTo(DeadLetterReason.MISPLACED_CONTROL);
  }

  @Test
  void orderThatIsForgedOrMisplaced_isNot() {
    TenantOrder order = new TenantOrder.Disconnect(Log.ACME, "ops", new Target.Everyone());

    assertThat(reason(order(order, Log.REGION, 0, OTHER_KEY)))
        .isEqualTo(DeadLetterReason.FORGED_CONTROL);
    assertThat(reason(order(order, Log.REGION, 1, Log.KEY)))
        .isEqualTo(DeadLetterReason.MISPLACED_CONTROL);
    assertThat(reason(order(order, new Region("eu"), 0, Log.KEY)))
        .isEqualTo(DeadLetterReason.MISPLACED_CONTROL);
  }

  @Test
  void orderUnderTheKeyOfAnotherTenant_isMisplaced() {
    TenantOrder order = new TenantOrder.Disconnect(Log.ACME, "ops", new Target.Everyone());
    InboundRecord good = order(order, Log.REGION, 0, Log.KEY);
    assertThat(new ControlReader(Log.setting(0, 1)).read("disconnect", good))
        .isInstanceOf(Reading.Order.class);
    byte[] value = Objects.requireNonNull(good.value());
    for (byte[] key : List.of(Log.bytes("globex"), Log.bytes(""))) {
      String mac = Log.KEY.sign("disconnect", key, value);

      assertThat(reason(record(key, value, "type", "disconnect", "mac", mac)))
          .isEqualTo(DeadLetterReason.MISPLACED_CONTROL);
    }
  }

  @Test
  void orderInAnotherPartitionThanItsTenants_isMisplaced() {
    int partitions = 2;
    while (new Placement(partitions).home(Log.ACME) == 0) {
      partitions++;
    }
    ControlReader reader = new ControlReader(Log.setting(0, partitions));
    TenantOrder order = new TenantOrder.Disconnect(Log.ACME, "ops", new Target.Everyone());

    assertThat(reader.read("disconnect", order(order, Log.REGION, 0, Log.KEY)))
        .isInstanceOfSatisfying(
            Reading.Invalid.class,
            invalid -> assertThat(invalid.reason()).isEqualTo(DeadLetterReason.MISPLACED_CONTROL));
  }

  private static InboundRecord order(
      TenantOrder order, Region region, int partition, ControlKey key) {
    TenantOrderCodec.Encoded encoded =
        TenantOrderCodec.encode(
            new TenantOrderCodec.Addressed(region, partition, 0, order), key, FormatVersion.FIRST);
    return record(
        encoded.key(),
        encoded.value(),
        "type",
        encoded.headers().get("type"),
        "mac",
        encoded.headers().get("mac"));
  }

  private static ControlRecordCodec.Encoded encoded(Region region, int partition, ControlKey key) {
    return ControlRecordCodec.encode(
        new ControlRecord.Subscribe(
            new ControlRecord.Origin(new GatewayId("g"), 1, 1, region, partition),
            Log.ACME,
            List.of(new Channel("room"))),
        key,
        FormatVersion.FIRST);
  }

  private static InboundRecord signed(ControlRecordCodec.Encoded encoded) {
    return record(encoded.key(), encoded.value(), "type", encoded.type(), "mac", encoded.mac());
  }

  private static InboundRecord record(byte[] key, byte[] value, String... headers) {
    return new InboundRecord(3, 0, key, Log.headers(headers), value);
  }

  private DeadLetterReason reason(InboundRecord record) {
    Decision decision = partition.process(record);
    assertThat(decision.changes()).isEmpty();
    return ((Effect.DeadLetter) decision.effects().getFirst()).reason();
  }
}
