package io.lqrealtime.gateway.inbound;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.session.Publisher.Listener;
import io.lqrealtime.gateway.session.Publisher.Publication;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.ControlRecord.GatewayUp;
import io.lqrealtime.record.ControlRecord.Origin;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.topic.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class InboundProducerTest {
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId GLOBEX = new TenantId("globex");
  private static final Channel ROOM = new Channel("room.1");
  private static final Placement PLACEMENT = new Placement(12);
  private static final int BYTES_UNDER_WAY = 100_000;
  private static final ControlKey KEY = new ControlKey(new byte[ControlKey.MIN_BYTES]);

  /** Answers nothing by itself. */
  private final MockProducer<byte[], byte[]> kafka =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());

  private final InboundProducer producer =
      new InboundProducer(
          new GatewayId("gw-0"),
          kafka,
          new InboundLog("lq.inbound", new Region("local"), LogId.parse("qzs2bywm"), PLACEMENT),
          KEY,
          FormatVersion.FIRST,
          BYTES_UNDER_WAY);
  private final List<String> answers = new ArrayList<>();

  @Test
  void publish_isAnsweredWithThePosition_onlyWhenKafkaHasAcknowledged() {
    publish("m1");
    publish("m2");
    assertThat(answers).isEmpty();

    kafka.completeNext();
    kafka.completeNext();

    String log = "local.qzs2bywm." + PLACEMENT.home(ACME, ROOM) + ".";
    assertThat(answers).containsExactly("m1 at " + log + "0", "m2 at " + log + "1");
  }

  @Test
  void publish_writesToTheTenantsHome_whatTheProtocolSays() {
    publish("m1");

    ProducerRecord<byte[], byte[]> record = kafka.history().getFirst();
    assertThat(record.topic()).isEqualTo("lq.inbound");
    assertThat(record.partition()).isEqualTo(PLACEMENT.home(ACME, ROOM));
    assertThat(record.key()).asString(UTF_8).isEqualTo("acme");
    assertThat(record.value()).asString(UTF_8).isEqualTo("1.50");
    assertThat(header(record, RecordHeader.CHANNEL)).isEqualTo("room.1");
    assertThat(header(record, RecordHeader.ID)).isEqualTo("m1");
    assertThat(header(record, RecordHeader.FROM)).isEqualTo("alice");
    assertThat(header(record, RecordHeader.CONNECTION)).isEqualTo("gw-0.7f3a");
    assertThat(header(record, RecordHeader.GATEWAY)).isEqualTo("gw-0");
  }

  @Test
  void publish_thatKafkaDoesNotTakeInTime_fails() {
    publish("m1");

    kafka.errorNext(new TimeoutException("too late"));

    assertThat(answers).containsExactly("m1 failed");
  }

  /** A tenant may have as many bytes under way as are left; the others are not in its way. */
  @Test
  void publish_ofATenantThatHasMuchUnderWay_isRefused_andNobodyElses() {
    int taken = 0;
    while (publish(ACME, "m", new byte[10_000])) {
      taken++;
    }
    assertThat(taken).isEqualTo(5);
    assertThat(publish(GLOBEX, "g", new byte[10_000])).isTrue();
    assertThat(answers).isEmpty();

    kafka.completeNext();
    kafka.errorNext(new TimeoutException("too late"));
    assertThat(answers).hasSize(2);
    assertThat(publish(ACME, "m", new byte[10_000])).isTrue();
    while (kafka.completeNext()) {
      assertThat(producer.bytesUnderWay()).isNotNegative();
    }
    assertThat(producer.bytesUnderWay()).isZero();
  }

  @Test
  void publish_whichTheProducerThrowsBack_failsToo() {
    kafka.sendException = new IllegalStateException("no room");
    publish("m1");
    kafka.sendException = null;
    producer.close();
    publish("m2");

    assertThat(answers).containsExactly("m1 failed", "m2 failed");
  }

  @Test
  void controlRecord_isSealed_andCompletesWithItsOffset() {
    Origin origin = new Origin(new GatewayId("gw-0"), 7, 1, new Region("local"), 4);

    CompletableFuture<Long> written = producer.write(new GatewayUp(origin)).toCompletableFuture();
    assertThat(written).isNotDone();
    kafka.completeNext();

    assertThat(written).isCompletedWithValue(0L);
    ProducerRecord<byte[], byte[]> record = kafka.history().getFirst();
    assertThat(record.partition()).isEqualTo(4);
    String type = header(record, RecordHeader.TYPE);
    assertThat(type).isEqualTo("gateway-up");
    assertThat(KEY.verifies(header(record, RecordHeader.MAC), type, record.key(), record.value()))
        .isTrue();
  }

  @Test
  void controlRecord_thatIsNotDurable_completesExceptionally() {
    Origin origin = new Origin(new GatewayId("gw-0"), 7, 1, new Region("local"), 4);

    CompletableFuture<Long> written = producer.write(new GatewayUp(origin)).toCompletableFuture();
    kafka.errorNext(new TimeoutException("too late"));

    assertThat(written).isCompletedExceptionally();
  }

  private void publish(String id) {
    assertThat(publish(ACME, id, "1.50".getBytes(UTF_8))).isTrue();
  }

  private boolean publish(TenantId tenant, String id, byte[] payload) {
    return producer.publish(
        new Publication(
            new TenantChannel(tenant, ROOM),
            Optional.of(id),
            new UserId("alice"),
            new ConnectionId("gw-0.7f3a"),
            payload),
        new Listener() {
          @Override
          public void durable(String position) {
            answers.add(id + " at " + position);
          }

          @Override
          public void failed() {
            answers.add(id + " failed");
          }
        });
  }

  private static String header(ProducerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }
}
