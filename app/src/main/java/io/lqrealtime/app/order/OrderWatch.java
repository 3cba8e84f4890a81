package io.lqrealtime.app.order;

import io.lqrealtime.id.Position;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.tenant.TenantOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;

/** Sees what becomes of orders that are appended after it was opened. For one thread. */
final class OrderWatch implements AutoCloseable {
  private final OrderTopics topics;
  private final Consumer<byte[], byte[]> consumer;

  private OrderWatch(OrderTopics topics, Consumer<byte[], byte[]> consumer) {
    this.topics = topics;
    this.consumer = consumer;
  }

  /** Of the tenants topic, and the dead letters where this process may read them, from now on. */
  static OrderWatch open(OrderTopics topics) {
    OrderWatch watch = new OrderWatch(topics, topics.consumer());
    try {
      List<TopicPartition> watched = new ArrayList<>(watch.deadLetters());
      watched.add(topics.tenants());
      watch.consumer.assign(watched);
      watch.consumer.endOffsets(watched).forEach(watch.consumer::seek);
      return watch;
    } catch (RuntimeException e) {
      watch.close();
      throw e;
    }
  }

  private List<TopicPartition> deadLetters() {
    try {
      return consumer.partitionsFor(topics.names().deadLetter()).stream()
          .map(of -> new TopicPartition(of.topic(), of.partition()))
          .toList();
    } catch (AuthorizationException e) {
      return List.of();
    }
  }

  /** Waits until it is known, or has taken too long. */
  OrderDesk.Given await(TenantOrder order, Position position) {
    long deadline = System.nanoTime() + topics.patience().toNanos();
    while (System.nanoTime() - deadline < 0) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(OrderTopics.POLL)) {
        if (record.topic().equals(topics.names().deadLetter())) {
          if (isLetterOf(record, position)) {
            return new OrderDesk.Given.Refused(order, position, reason(record));
          }
        } else if (OrderTopics.header(record, RecordHeader.POSITION)
            .equals(Optional.of(position.toString()))) {
          return new OrderDesk.Given.Announced(order, position);
        }
      }
    }
    return new OrderDesk.Given.Waiting(order, position);
  }

  private boolean isLetterOf(ConsumerRecord<byte[], byte[]> record, Position position) {
    return OrderTopics.header(record, RecordHeader.DEAD_TOPIC)
            .equals(Optional.of(topics.names().inbound()))
        && OrderTopics.header(record, RecordHeader.DEAD_PARTITION)
            .equals(Optional.of(String.valueOf(position.partition())))
        && OrderTopics.header(record, RecordHeader.DEAD_OFFSET)
            .equals(Optional.of(String.valueOf(position.offset())));
  }

  private static String reason(ConsumerRecord<byte[], byte[]> record) {
    return OrderTopics.header(record, RecordHeader.DEAD_REASON).orElse("no reason given")
        + OrderTopics.header(record, RecordHeader.DEAD_DETAIL)
            .map(detail -> ", " + detail)
            .orElse("");
  }

  @Override
  public void close() {
    OrderTopics.close(consumer);
  }
}
