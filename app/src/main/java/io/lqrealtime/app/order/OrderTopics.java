package io.lqrealtime.app.order;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Position;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.lqrealtime.topic.Placement;
import io.lqrealtime.topic.TopicNames;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The topics that orders go through, as those who give them see them: the inbound log, to which
 * they are appended; the tenants topic, in which routers repeat what they obey; the dead letters.
 * Every call blocks, for its patience at the most.
 */
final class OrderTopics {
  static final Duration POLL = Duration.ofMillis(200);

  /** What was asked is answered by then, or nobody waits for it any more. */
  private static final Duration CLOSE_WITHIN = Duration.ofMillis(100);

  /** What is read may lie far back in a busy log: in large pieces. */
  private static final int FETCH_BYTES = 8 << 20;

  private static final int FETCH_RECORDS = 10_000;

  private final Map<String, Object> kafka;
  private final TopicNames names;
  private final Region region;
  private final Duration patience;

  /**
   * @param kafka properties of Kafka's clients, of which the timeouts give way to {@code patience}
   */
  OrderTopics(Map<String, Object> kafka, TopicNames names, Region region, Duration patience) {
    int millis = Math.toIntExact(patience.toMillis());
    this.kafka = new HashMap<>(kafka);
    this.kafka.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
    this.kafka.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, millis);
    this.names = names;
    this.region = region;
    this.patience = patience;
  }

  /** Where the orders about a tenant lie. */
  record Home(Region region, LogId log, TopicPartition partition) {
    Position position(long offset) {
      return new Position(region, log, partition.partition(), offset);
    }
  }

  /** An order that is durable in the inbound log. */
  record Appended(Position position, byte[] value) {}

  TopicNames names() {
    return names;
  }

  Region region() {
    return region;
  }

  Duration patience() {
    return patience;
  }

  TopicPartition tenants() {
    return new TopicPartition(names.tenants(), 0);
  }

  Home home(TenantId tenant) throws TimeoutException, InterruptedException {
    String what = "the topic " + names.inbound() + " can't be described";
    TopicDescription inbound =
        ask(admin -> admin.describeTopics(List.of(names.inbound())).allTopicNames(), what)
            .get(names.inbound());
    if (inbound == null) {
      throw new IllegalStateException("there is no topic " + names.inbound());
    }
    return new Home(
        region,
        LogId.ofTopicId(inbound.topicId().toString()),
        new TopicPartition(
            names.inbound(), new Placement(inbound.partitions().size()).home(tenant)));
  }

  /** Up to where the routers have surely passed on what lies in the partition. */
  OptionalLong committed(TopicPartition partition) throws TimeoutException, InterruptedException {
    String group = names.routerApplicationId();
    OffsetAndMetadata committed =
        ask(
                admin -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
                "how far the routers (group " + group + ") have come can't be seen")
            .get(partition);
    return committed == null ? OptionalLong.empty() : OptionalLong.of(committed.offset());
  }

  /**
   * Appends an order to its tenant's partition.
   *
   * @throws IllegalStateException if Kafka refuses it, or no router will obey it since this
   *     machine's clock and Kafka's are more than {@link TenantOrderCodec#FRESH_MILLIS} apart
   * @throws TimeoutException if Kafka does not answer in time: it may be durable or not
   */
  Appended append(
      Home home, TenantOrder order, OrderDesk.Seal seal, Map<String, String> furtherHeaders)
      throws TimeoutException, InterruptedException {
    long issued = System.currentTimeMillis();
    int partition = home.partition().partition();
    TenantOrderCodec.Encoded encoded =
        TenantOrderCodec.encode(
            new TenantOrderCodec.Addressed(region, partition, issued, order),
            seal.key(),
            seal.format());
    RecordHeaders headers = new RecordHeaders();
    encoded.headers().forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));
    furtherHeaders.forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));
    Map<String, Object> properties = new HashMap<>(kafka);
    int millis = Math.toIntExact(patience.toMillis());
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis);
    Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      RecordMetadata appended =
          producer
              .send(
                  new ProducerRecord<>(
                      names.inbound(), partition, null, encoded.key(), encoded.value(), headers))
              .get();
      checkClock(issued, appended.timestamp());
      return new Appended(home.position(appended.offset()), encoded.value());
    } catch (ExecutionException e) {
      throw refused("the order was not taken", e);
    } finally {
      producer.close(CLOSE_WITHIN);
    }
  }

  private static void checkClock(long issued, long appended) {
    if (Math.abs(appended - issued) > TenantOrderCodec.FRESH_MILLIS) {
      throw new IllegalStateException(
          "the order is not obeyed: Kafka's clock says %s, and this machine's said %s"
              .formatted(Instant.ofEpochMilli(appended), Instant.ofEpochMilli(issued)));
    }
  }

  Consumer<byte[], byte[]> consumer() {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, FETCH_RECORDS);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Reads on from where the consumer is, up to an offset, and stays there.
   *
   * @return whether that could be done in time
   */
  boolean readUpTo(
      Consumer<byte[], byte[]> consumer,
      TopicPartition topic,
      long end,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> sink) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (consumer.position(topic) < end) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() < end) {
          sink.accept(record);
        }
      }
    }
    consumer.seek(topic, end);
    return true;
  }

  /** Reads all that the tenants topic holds now. */
  void readTenants(java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> sink)
      throws TimeoutException, InterruptedException {
    TopicPartition topic = tenants();
    String what = "the topic " + names.tenants() + " can't be read";
    // A consumer would wait for a topic that is not there, as long as for a Kafka that is not.
    ask(admin -> admin.describeTopics(List.of(names.tenants())).allTopicNames(), what);
    Consumer<byte[], byte[]> consumer = consumer();
    try {
      consumer.assign(List.of(topic));
      consumer.seekToBeginning(List.of(topic));
      long end = consumer.endOffsets(List.of(topic)).getOrDefault(topic, 0L);
      if (!readUpTo(consumer, topic, end, sink)) {
        throw late(what + " to its end");
      }
    } catch (org.apache.kafka.common.errors.TimeoutException e) {
      TimeoutException late = late(what);
      late.initCause(e);
      throw late;
    } finally {
      close(consumer);
    }
  }

  /** At once: nothing of it is to be committed, and the broker may be silent. */
  static void close(Consumer<byte[], byte[]> consumer) {
    consumer.close(CloseOptions.timeout(Duration.ZERO));
  }

  static Optional<String> header(ConsumerRecord<byte[], byte[]> record, String name) {
    return Optional.ofNullable(record.headers().lastHeader(name))
        .map(Header::value)
        .map(bytes -> new String(bytes, UTF_8));
  }

  private <T> T ask(Function<Admin, KafkaFuture<T>> question, String what)
      throws TimeoutException, InterruptedException {
    Admin admin = Admin.create(kafka);
    try {
      return question.apply(admin).get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw refused(what, e);
    } catch (TimeoutException e) {
      throw late(what);
    } finally {
      // close() alone waits for what was asked: with 4.3.1 now and then for ever, whatever the
      // timeouts are, where a broker's port is open and nobody speaks there. So does close(ZERO)
      // for its thread, which may be asking a name server.
      admin.close(CLOSE_WITHIN);
    }
  }

  private TimeoutException late(String what) {
    return new TimeoutException(
        "%s: Kafka at %s did not answer within %d s"
            .formatted(
                what,
                kafka.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG),
                patience.toSeconds()));
  }

  private IllegalStateException refused(String what, ExecutionException e) throws TimeoutException {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    if (cause instanceof org.apache.kafka.common.errors.TimeoutException) {
      TimeoutException late = late(what);
      late.initCause(cause);
      throw late;
    }
    return new IllegalStateException(
        cause instanceof UnknownTopicOrPartitionException
            ? what + ": there is none (lq topics create makes it; LQ_TOPIC_PREFIX is its beginning)"
            : what + ": " + cause.getMessage(),
        cause);
  }
}
