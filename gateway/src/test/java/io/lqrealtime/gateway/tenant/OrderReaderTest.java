package io.lqrealtime.gateway.tenant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.lqrealtime.id.Channel;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.tenant.Target;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.lqrealtime.tenant.TenantPolicy;
import io.lqrealtime.tenant.TenantPolicy.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class OrderReaderTest {
  private static final String TOPIC = "lq.tenants";
  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
  private static final TenantId ACME = new TenantId("acme");
  private static final String LOG = "qzs2bywm";
  private static final Target BOB = new Target.User(new UserId("bob"));
  private static final ControlKey KEY =
      new ControlKey("0123456789abcdef0123456789abcdef".getBytes(UTF_8));

  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
  private final List<TenantOrder> obeyed = new ArrayList<>();
  private int unreadable;
  private long offset;
  private final OrderReader reader =
      new OrderReader(
          consumer,
          TOPIC,
          obeyed::add,
          new OrderReader.OrderMetrics() {
            @Override
            public void obeyed(TenantOrder order) {}

            @Override
            public void unreadableOrder() {
              unreadable++;
            }
          });

  OrderReaderTest() {
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
  }

  @Test
  void whatIsInForce_isObeyedInOrder() throws Exception {
    given(1, policy(5));
    given(2, new TenantOrder.Revoke(ACME, "ops", BOB, 100));

    read();

    assertThat(obeyed).containsExactly(policy(5), new TenantOrder.Revoke(ACME, "ops", BOB, 100));
  }

  @Test
  void olderOrderThatComesAgain_changesNothing() throws Exception {
    given(7, policy(5));
    given(7, policy(5));
    given(3, policy(9));
    given(8, policy(6));

    read();

    assertThat(obeyed).containsExactly(policy(5), policy(6));
  }

  @Test
  void orderOfALogThatWasCreatedAnew_isObeyed_thoughItsOffsetIsLower() throws Exception {
    given(7, policy(5));
    given("local.aaaaaaaa.4.1", policy(6));

    read();

    assertThat(obeyed).containsExactly(policy(5), policy(6));
  }

  @Test
  void tombstone_takesBackWhatWasInForce() throws Exception {
    given(1, policy(5));
    tombstone(policy(5));
    given(2, new TenantOrder.Revoke(ACME, "ops", BOB, 100));
    tombstone(new TenantOrder.Revoke(ACME, "ops", BOB, 100));
    tombstone(new TenantOrder.Disconnect(ACME, "ops", BOB));

    read();

    assertThat(obeyed)
        .containsExactly(
            policy(5),
            new TenantOrder.SetPolicy(ACME, "ops", TenantPolicy.DEFAULT),
            new TenantOrder.Revoke(ACME, "ops", BOB, 100),
            new TenantOrder.Revoke(ACME, "ops", BOB, 0));
  }

  @Test
  void orderOfAMoment_isObeyedOnce_thoughARouterRepeatsItAfterItsTombstone() throws Exception {
    announced(5, disconnect("bob"));
    announced(6, disconnect("carol"));
    announced(7, unsubscribe("bob"));
    announced(5, disconnect("bob"));
    announced(6, disconnect("carol"));
    announced(7, unsubscribe("bob"));
    announced(9, disconnect("bob"));

    read();

    assertThat(obeyed)
        .containsExactly(
            disconnect("bob"), disconnect("carol"), unsubscribe("bob"), disconnect("bob"));
  }

  @Test
  void orderOfAMoment_isObeyedOnce_alsoWhereCompactionHasTakenTombstones() throws Exception {
    given(5, disconnect("bob"));
    tombstone(disconnect("carol"));
    given(7, disconnect("dave"));

    read();
    announced(5, disconnect("bob"));
    announced(6, disconnect("carol"));
    announced(7, disconnect("dave"));
    read();

    assertThat(obeyed).containsExactly(disconnect("bob"), disconnect("dave"));
  }

  @Test
  void ordersOfAMoment_ofOtherPartitions_andOfALogThatWasMadeAnew_areNoRepeats() throws Exception {
    announced(7, disconnect("bob"));
    given("local." + LOG + ".3.7", disconnect("carol"));
    given("mars." + LOG + ".4.7", disconnect("dave"));
    given("local.aaaaaaaa.4.1", disconnect("bob"));
    given("local.aaaaaaaa.4.1", disconnect("bob"));

    read();

    assertThat(obeyed)
        .containsExactly(
            disconnect("bob"), disconnect("carol"), disconnect("dave"), disconnect("bob"));
  }

  @Test
  void orderThatLasts_isObeyed_thoughLaterOnesOfItsPartitionCameBefore() throws Exception {
    // Compaction has taken the first of two policies: the second is a repeat, and all that is left.
    announced(9, disconnect("bob"));
    given(7, policy(5));

    read();

    assertThat(obeyed).containsExactly(disconnect("bob"), policy(5));
  }

  @Test
  void routerThatRepeats_takesBackNothingThatCameLater() throws Exception {
    given(5, policy(5));
    announced(6, policy());
    given(7, policy(7));
    given(5, policy(5));
    announced(6, policy());
    given(7, policy(7));

    read();

    assertThat(obeyed)
        .containsExactly(
            policy(5),
            policy(),
            // By the tombstone, once more.
            policy(),
            policy(7));
  }

  @Test
  void whatWasTakenBack_isSoInTheEnd_alsoWhereARouterRepeatsAllOfIt() throws Exception {
    TenantOrder revoke = new TenantOrder.Revoke(ACME, "ops", BOB, 100);
    TenantOrder takenBack = new TenantOrder.Revoke(ACME, "ops", BOB, 0);
    for (int i = 0; i < 2; i++) {
      given(5, revoke);
      announced(6, takenBack);
    }

    read();

    assertThat(obeyed).last().isEqualTo(takenBack);
  }

  @Test
  void tombstoneOfALogThatWasMadeAnew_takesBackWhatIsInForce() throws Exception {
    given(7, policy(5));
    tombstone("local.aaaaaaaa.4.1", policy(5));

    read();

    assertThat(obeyed).containsExactly(policy(5), policy());
  }

  @Test
  void recordsThatCannotBeRead_areCounted_andWhatFollowsIsObeyed() throws Exception {
    byte[] key = "acme".getBytes(UTF_8);
    add(null, "x".getBytes(UTF_8), Map.of());
    add(key, "x".getBytes(UTF_8), Map.of());
    add(key, "x".getBytes(UTF_8), Map.of("type", "revoke", "position", position(1)));
    add(key, value(policy(1)), Map.of("type", "tenant-policy", "position", "nonsense"));
    add(key, value(policy(1)), Map.of("type", "tenant-policy"));
    given(1, policy(5));

    read();

    assertThat(unreadable).isEqualTo(5);
    assertThat(obeyed).containsExactly(policy(5));
  }

  @Test
  void kafkaThatDoesNotAnswer_isSaidInTime() {
    consumer.updateEndOffsets(Map.of(PARTITION, 1L));

    assertThatExceptionOfType(TimeoutException.class)
        .isThrownBy(() -> reader.readUpToNow(Duration.ofMillis(50)))
        .withMessageContaining(TOPIC);
  }

  private void read() throws TimeoutException {
    consumer.updateEndOffsets(Map.of(PARTITION, offset));
    reader.readUpToNow(Duration.ofSeconds(30));
  }

  private static TenantOrder policy(int connections) {
    return new TenantOrder.SetPolicy(
        ACME, "ops", TenantPolicy.DEFAULT.with(Kind.CONNECTIONS, connections));
  }

  private static TenantOrder policy() {
    return new TenantOrder.SetPolicy(ACME, "ops", TenantPolicy.DEFAULT);
  }

  private static TenantOrder disconnect(String user) {
    return new TenantOrder.Disconnect(ACME, "ops", new Target.User(new UserId(user)));
  }

  private static TenantOrder unsubscribe(String user) {
    return new TenantOrder.Unsubscribe(
        ACME, "ops", new Target.User(new UserId(user)), new Channel("room.1"));
  }

  private static String position(long at) {
    return "local." + LOG + ".4." + at;
  }

  private static byte[] value(TenantOrder order) {
    return TenantOrderCodec.encode(
            new TenantOrderCodec.Addressed(new Region("local"), 4, 1_790_000_000_000L, order),
            KEY,
            FormatVersion.FIRST)
        .value();
  }

  private void given(long at, TenantOrder order) {
    given(position(at), order);
  }

  private void given(String position, TenantOrder order) {
    add(
        TenantOrderCodec.snapshotKey(order),
        value(order),
        Map.of("type", TenantOrderCodec.typeOf(order), "position", position));
  }

  /** As routers write it now, with its tombstone, where it leaves nothing. */
  private void announced(long at, TenantOrder order) {
    given(at, order);
    tombstone(position(at), order);
  }

  /** As routers wrote it at first. */
  private void tombstone(TenantOrder order) {
    add(TenantOrderCodec.snapshotKey(order), null, Map.of());
  }

  private void tombstone(String position, TenantOrder order) {
    add(TenantOrderCodec.snapshotKey(order), null, Map.of("position", position));
  }

  private void add(byte[] key, byte[] value, Map<String, String> headers) {
    RecordHeaders recordHeaders = new RecordHeaders();
    headers.forEach((name, text) -> recordHeaders.add(name, text.getBytes(UTF_8)));
    consumer.addRecord(
        new ConsumerRecord<>(
            TOPIC,
            0,
            offset++,
            0,
            TimestampType.CREATE_TIME,
            0,
            0,
            key,
            value,
            recordHeaders,
            Optional.empty()));
  }
}
