package io.lqrealtime.app.order;

import io.lqrealtime.id.Position;
import io.lqrealtime.id.Region;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.RecordFormatException;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.lqrealtime.topic.TopicNames;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Gives orders about tenants by way of the log, and shows which are in force. Blocks, at the most
 * {@value #PATIENCE_SECONDS} seconds for each answer of Kafka's. For use by one thread.
 *
 * <p>A policy is changed at the {@link PolicyDesk}.
 */
public final class OrderDesk {
  static final int PATIENCE_SECONDS = 15;

  private final OrderTopics topics;

  /**
   * @param kafka properties of Kafka's clients
   */
  public OrderDesk(Map<String, Object> kafka, TopicNames names, Region region) {
    this.topics = new OrderTopics(kafka, names, region, Duration.ofSeconds(PATIENCE_SECONDS));
  }

  /**
   * An order that is in force.
   *
   * @param position where it lies in the inbound log
   * @param given when it was appended there
   */
  public record Standing(TenantOrder order, Position position, Instant given) {}

  /** What became of an order that was given. */
  public sealed interface Given {
    TenantOrder order();

    Position position();

    /** A router has passed it on. */
    record Announced(TenantOrder order, Position position) implements Given {}

    /** Not yet: no router runs, or it is a dead letter that this process may not read. */
    record Waiting(TenantOrder order, Position position) implements Given {}

    /**
     * The routers do not obey it: it is a dead letter.
     *
     * @param why the letter's reason, and its detail
     */
    record Refused(TenantOrder order, Position position, String why) implements Given {}
  }

  /**
   * With what orders are given.
   *
   * @param others keys by which orders of others are known, beside that one
   */
  public record Seal(ControlKey key, List<ControlKey> others, FormatVersion format) {
    public Seal {
      others = List.copyOf(others);
    }

    boolean verifies(String mac, String type, byte[] recordKey, byte[] value) {
      return key.verifies(mac, type, recordKey, value)
          || others.stream().anyMatch(other -> other.verifies(mac, type, recordKey, value));
    }
  }

  /** All orders that are in force, oldest first. */
  public List<Standing> inForce() throws TimeoutException, InterruptedException {
    Map<ByteBuffer, Standing> byKey = new LinkedHashMap<>();
    topics.readTenants(record -> take(byKey, record));
    return new ArrayList<>(byKey.values());
  }

  /** As gateways do. */
  static void take(Map<ByteBuffer, Standing> byKey, ConsumerRecord<byte[], byte[]> record) {
    ByteBuffer key = ByteBuffer.wrap(record.key() == null ? new byte[0] : record.key());
    Optional<Standing> former = Optional.ofNullable(byKey.get(key));
    if (record.value() == null) {
      Optional<Position> last = position(record);
      if (former.isPresent()
          && last.map(of -> TenantOrderCodec.ends(of, former.get().position())).orElse(true)) {
        byKey.remove(key);
      }
      return;
    }
    read(record)
        .filter(
            standing ->
                former
                    .map(of -> TenantOrderCodec.replaces(standing.position(), of.position()))
                    .orElse(true))
        .ifPresent(
            standing -> {
              // The newest comes last.
              byKey.remove(key);
              byKey.put(key, standing);
            });
  }

  /**
   * Gives an order: it is durable in the log when this returns.
   *
   * @throws IllegalStateException if Kafka refuses it, or no router will obey it since this
   *     machine's clock and Kafka's are more than {@link TenantOrderCodec#FRESH_MILLIS} apart
   * @throws TimeoutException if Kafka does not answer in time: it may be durable or not, and can be
   *     given again
   */
  public Given give(TenantOrder order, Seal seal) throws TimeoutException, InterruptedException {
    OrderTopics.Home home = topics.home(order.tenant());
    try (OrderWatch watch = OrderWatch.open(topics)) {
      return watch.await(order, topics.append(home, order, seal, Map.of()).position());
    }
  }

  private static Optional<Standing> read(ConsumerRecord<byte[], byte[]> record) {
    Optional<String> type = OrderTopics.header(record, RecordHeader.TYPE);
    Optional<Position> position = position(record);
    if (type.isEmpty() || position.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Standing(
              TenantOrderCodec.decode(type.get(), record.value()).order(),
              position.get(),
              Instant.ofEpochMilli(record.timestamp())));
    } catch (RecordFormatException e) {
      // The gateways count and skip it too.
      return Optional.empty();
    }
  }

  static Optional<Position> position(ConsumerRecord<byte[], byte[]> record) {
    try {
      return OrderTopics.header(record, RecordHeader.POSITION).map(Position::parse);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
