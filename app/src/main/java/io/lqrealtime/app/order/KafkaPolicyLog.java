package io.lqrealtime.app.order;

import io.lqrealtime.id.Position;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.RecordFormatException;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.lqrealtime.tenant.TenantPolicy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * A tenant's policies in Kafka: what the tenants topic says is in force, and after it the orders
 * that wait in the tenant's partition of the inbound log.
 *
 * <p>Routers commit an offset when all before it has been passed on. So what is read of the tenants
 * topic after the committed offset was looked up, and of the inbound log from that offset on, are
 * all orders: some come twice, none is missing.
 *
 * <p>Only orders that routers will obey count: with a MAC of a key that this process has, for this
 * region and partition, fresh, and not a repetition of one that came before. (Of those that are
 * passed on already, compaction may have taken what they replaced; none that could still be fresh,
 * since it leaves the newest segment alone.)
 */
final class KafkaPolicyLog implements PolicyLog {
  private final OrderTopics topics;
  private final OrderTopics.Home home;
  private final TenantId tenant;
  private final String by;
  private final OrderDesk.Seal seal;
  private final String type;
  private final ByteBuffer snapshotKey;
  private final OrderWatch watch;
  private final Consumer<byte[], byte[]> consumer;

  /** By their values, which say when they were issued: where each order lies for the first time. */
  private final Map<ByteBuffer, Long> firstAt = new HashMap<>();

  private KafkaPolicyLog(
      OrderTopics topics, OrderTopics.Home home, TenantId tenant, String by, OrderDesk.Seal seal) {
    this.topics = topics;
    this.home = home;
    this.tenant = tenant;
    this.by = by;
    this.seal = seal;
    TenantOrder any = order(TenantPolicy.DEFAULT);
    this.type = TenantOrderCodec.typeOf(any);
    this.snapshotKey = ByteBuffer.wrap(TenantOrderCodec.snapshotKey(any));
    this.watch = OrderWatch.open(topics);
    this.consumer = topics.consumer();
  }

  static KafkaPolicyLog open(OrderTopics topics, TenantId tenant, String by, OrderDesk.Seal seal)
      throws TimeoutException, InterruptedException {
    return new KafkaPolicyLog(topics, topics.home(tenant), tenant, by, seal);
  }

  private record Waiting(long offset, TenantPolicy policy, Optional<PolicyChange> change) {}

  private TenantOrder order(TenantPolicy policy) {
    return new TenantOrder.SetPolicy(tenant, by, policy);
  }

  @Override
  public TenantPolicy last() throws TimeoutException, InterruptedException {
    OptionalLong committed = topics.committed(home.partition());
    Optional<OrderDesk.Standing> standing = standing();
    List<Waiting> waiting = waiting(committed);
    TenantPolicy last = standing.map(KafkaPolicyLog::policy).orElse(TenantPolicy.DEFAULT);
    for (Waiting order : waiting) {
      if (standing
          .map(of -> TenantOrderCodec.replaces(home.position(order.offset()), of.position()))
          .orElse(true)) {
        last = order.policy();
      }
    }
    return last;
  }

  private static TenantPolicy policy(OrderDesk.Standing standing) {
    return ((TenantOrder.SetPolicy) standing.order()).policy();
  }

  private Optional<OrderDesk.Standing> standing() throws TimeoutException, InterruptedException {
    Map<ByteBuffer, OrderDesk.Standing> byKey = new HashMap<>();
    topics.readTenants(
        record -> {
          if (record.key() != null && snapshotKey.equals(ByteBuffer.wrap(record.key()))) {
            OrderDesk.take(byKey, record);
            if (record.value() != null) {
              OrderDesk.position(record)
                  .filter(position -> position.equals(home.position(position.offset())))
                  .ifPresent(position -> isFirst(record.value(), position.offset()));
            }
          }
        });
    return Optional.ofNullable(byKey.get(snapshotKey));
  }

  private List<Waiting> waiting(OptionalLong committed) throws TimeoutException {
    TopicPartition partition = home.partition();
    List<TopicPartition> one = List.of(partition);
    consumer.assign(one);
    long first = consumer.beginningOffsets(one).getOrDefault(partition, 0L);
    long end = consumer.endOffsets(one).getOrDefault(partition, 0L);
    long from = committed.orElse(first);
    // Past the retention, or of a log that was there before.
    from = from < first || from > end ? first : from;
    // One record at least: whoever may not read is told so now, and not only when orders wait.
    consumer.seek(partition, Math.max(first, Math.min(from, end - 1)));
    List<Waiting> waiting = new ArrayList<>();
    if (!topics.readUpTo(consumer, partition, end, record -> read(record, waiting))) {
      throw new TimeoutException(
          ("%d records of %s wait for routers, more than can be read within %d s to see what policy"
               + " %s has by then: nothing was ordered; try again when the routers have caught up")
              .formatted(end - from, partition, topics.patience().toSeconds(), tenant));
    }
    return waiting;
  }

  /** Adds the order that a record holds, if routers will obey it. */
  private void read(ConsumerRecord<byte[], byte[]> record, List<Waiting> orders) {
    if (record.key() == null
        || record.value() == null
        || !OrderTopics.header(record, RecordHeader.TYPE).equals(Optional.of(type))
        || !OrderTopics.header(record, RecordHeader.MAC)
            .map(mac -> seal.verifies(mac, type, record.key(), record.value()))
            .orElse(false)) {
      return;
    }
    try {
      TenantOrderCodec.Addressed addressed = TenantOrderCodec.decode(type, record.value());
      if (addressed.order() instanceof TenantOrder.SetPolicy set
          && set.tenant().equals(tenant)
          && addressed.region().equals(home.region())
          && addressed.partition() == record.partition()
          && Math.abs(record.timestamp() - addressed.issued()) <= TenantOrderCodec.FRESH_MILLIS
          && isFirst(record.value(), record.offset())) {
        orders.add(
            new Waiting(
                record.offset(),
                set.policy(),
                OrderTopics.header(record, PolicyChange.HEADER).flatMap(PolicyChange::parse)));
      }
    } catch (RecordFormatException e) {
      // A dead letter of the routers'.
    }
  }

  private boolean isFirst(byte[] value, long offset) {
    return firstAt.merge(ByteBuffer.wrap(value), offset, Math::min) == offset;
  }

  @Override
  public Appended append(TenantPolicy policy, PolicyChange change)
      throws TimeoutException, InterruptedException {
    TenantOrder order = order(policy);
    OrderTopics.Appended mine =
        topics.append(home, order, seal, Map.of(PolicyChange.HEADER, change.text()));
    Position position = mine.position();
    List<Waiting> others = new ArrayList<>();
    if (!topics.readUpTo(
        consumer, home.partition(), position.offset(), record -> read(record, others))) {
      throw new TimeoutException(
          ("the order is in the log at %s, but what came just before it could not be read in time:"
                  + " it may have undone what others have changed of %s")
              .formatted(position, tenant));
    }
    // A copy of it that somebody appends does not count.
    isFirst(mine.value(), position.offset());
    consumer.seek(home.partition(), position.offset() + 1);
    return new Appended(
        order,
        position,
        others.stream().map(other -> new Other(other.policy(), other.change())).toList());
  }

  @Override
  public OrderDesk.Given await(Appended appended) {
    return watch.await(appended.order(), appended.position());
  }

  @Override
  public void close() {
    watch.close();
    OrderTopics.close(consumer);
  }
}
