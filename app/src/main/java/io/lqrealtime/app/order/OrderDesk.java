package io.lqrealtime.app.order;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Position;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.RecordFormatException;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.tenant.TenantOrderCodec;
import io.lqrealtime.tenant.TenantPolicy;
import io.lqrealtime.tenant.TenantPolicy.Kind;
import io.lqrealtime.topic.Placement;
import io.lqrealtime.topic.TopicNames;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Gives orders about tenants by way of the log, and shows which are in force. Blocks, at the most
 * {@value #PATIENCE_SECONDS} seconds for each answer of Kafka's. For use by one thread.
 */
public final class OrderDesk {
  private static final int PATIENCE_SECONDS = 15;
  private static final Duration POLL = Duration.ofMillis(200);

  /** As often as a policy is set again since somebody else has set it at the same time. */
  private static final int MOST_CHANGES = 5;

  private final Map<String, Object> kafka;
  private final TopicNames names;
  private final Region region;

  /**
   * @param kafka properties of Kafka's clients
   */
  public OrderDesk(Map<String, Object> kafka, TopicNames names, Region region) {
    this.kafka = new HashMap<>(kafka);
    this.kafka.putIfAbsent(
        CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_SECONDS * 1000);
    this.kafka.putIfAbsent(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_SECONDS * 1000);
    this.names = names;
    this.region = region;
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

  /** With what orders are given. */
  public record Seal(ControlKey key, FormatVersion format) {}

  /** All orders that are in force, oldest first. */
  public List<Standing> inForce() throws TimeoutException {
    try (Consumer<byte[], byte[]> consumer = consumer()) {
      return inForce(consumer);
    }
  }

  /** The same; the consumer has then read the tenants topic up to that. */
  private List<Standing> inForce(Consumer<byte[], byte[]> consumer) throws TimeoutException {
    Map<ByteBuffer, Standing> byKey = new LinkedHashMap<>();
    TopicPartition topic = tenants();
    consumer.assign(List.of(topic));
    consumer.seekToBeginning(List.of(topic));
    long end = consumer.endOffsets(List.of(topic)).getOrDefault(topic, 0L);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (consumer.position(topic) < end) {
      if (System.nanoTime() - deadline > 0) {
        throw new TimeoutException("Kafka did not give all of " + names.tenants() + " in time");
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        ByteBuffer key = ByteBuffer.wrap(record.key() == null ? new byte[0] : record.key());
        if (record.value() == null) {
          byKey.remove(key);
        } else {
          read(record).ifPresent(standing -> take(byKey, key, standing));
        }
      }
    }
    return new ArrayList<>(byKey.values());
  }

  /** As gateways do. */
  private static void take(Map<ByteBuffer, Standing> byKey, ByteBuffer key, Standing standing) {
    Standing former = byKey.get(key);
    if (former == null || TenantOrderCodec.replaces(standing.position(), former.position())) {
      // The newest comes last.
      byKey.remove(key);
      byKey.put(key, standing);
    }
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
    try (Consumer<byte[], byte[]> consumer = consumer()) {
      return give(consumer, order, seal, new ArrayList<>());
    }
  }

  /**
   * Changes a tenant's policy, and nothing that others change of it at the same time: where that
   * was overwritten it is set again, with what they have changed. So do they, and whoever comes
   * last has seen all.
   *
   * @param change to be made to the policy that is in force; may refuse by an exception
   * @throws IllegalStateException as {@link #give}, and where others change it again and again
   * @throws TimeoutException as {@link #give}
   */
  public Given change(TenantId tenant, String by, UnaryOperator<TenantPolicy> change, Seal seal)
      throws TimeoutException, InterruptedException {
    // One consumer for all: nothing that is passed on in between is missed.
    try (Consumer<byte[], byte[]> consumer = consumer()) {
      Optional<Standing> former =
          inForce(consumer).stream()
              .filter(standing -> standing.order() instanceof TenantOrder.SetPolicy)
              .filter(standing -> standing.order().tenant().equals(tenant))
              .findFirst();
      TenantPolicy base = former.map(OrderDesk::policy).orElse(TenantPolicy.DEFAULT);
      List<Standing> others = new ArrayList<>();
      TenantPolicy policy = change.apply(base);
      for (int i = 0; i < MOST_CHANGES; i++) {
        Given given = give(consumer, new TenantOrder.SetPolicy(tenant, by, policy), seal, others);
        TenantPolicy wanted = change.apply(merged(base, former, others));
        if (wanted.equals(policy)) {
          return given;
        }
        policy = wanted;
      }
    }
    throw new IllegalStateException(
        "others change the policy of " + tenant + " at the same time, again and again");
  }

  private static TenantPolicy policy(Standing standing) {
    return ((TenantOrder.SetPolicy) standing.order()).policy();
  }

  /** The base, with all that differs from it in any of the orders that came after it. */
  private static TenantPolicy merged(
      TenantPolicy base, Optional<Standing> former, List<Standing> others) {
    Map<Kind, Integer> merged = new EnumMap<>(Kind.class);
    merged.putAll(base.limits());
    for (Standing other : others) {
      boolean isLater =
          former.map(of -> TenantOrderCodec.replaces(other.position(), of.position())).orElse(true);
      for (Kind kind : Kind.values()) {
        OptionalInt theirs = policy(other).limit(kind);
        if (isLater && !theirs.equals(base.limit(kind))) {
          if (theirs.isPresent()) {
            merged.put(kind, theirs.getAsInt());
          } else {
            merged.remove(kind);
          }
        }
      }
    }
    return new TenantPolicy(merged);
  }

  /**
   * @param consumer reads on from where it is, or from the end where it has read nothing yet
   * @param meanwhile added to it is what the routers pass on under the same key before the order
   */
  private Given give(
      Consumer<byte[], byte[]> consumer, TenantOrder order, Seal seal, List<Standing> meanwhile)
      throws TimeoutException, InterruptedException {
    TopicDescription inbound = describeInbound();
    int partition = new Placement(inbound.partitions().size()).home(order.tenant());
    LogId log = LogId.ofTopicId(inbound.topicId().toString());
    watch(consumer);
    TenantOrderCodec.Addressed addressed =
        new TenantOrderCodec.Addressed(region, partition, System.currentTimeMillis(), order);
    RecordMetadata appended =
        append(partition, TenantOrderCodec.encode(addressed, seal.key(), seal.format()));
    checkClock(addressed.issued(), appended.timestamp());
    Position position = new Position(region, log, partition, appended.offset());
    return await(consumer, order, position, meanwhile);
  }

  /** The tenants topic, and the dead letters from now on. */
  private void watch(Consumer<byte[], byte[]> consumer) {
    Map<TopicPartition, Long> at = new HashMap<>();
    if (consumer.assignment().contains(tenants())) {
      at.put(tenants(), consumer.position(tenants()));
    }
    List<TopicPartition> watched = new ArrayList<>(deadLetters(consumer));
    watched.add(tenants());
    consumer.assign(watched);
    consumer.endOffsets(watched).forEach(at::putIfAbsent);
    at.forEach(consumer::seek);
  }

  private TopicPartition tenants() {
    return new TopicPartition(names.tenants(), 0);
  }

  /** Empty where this process may not read them. */
  private List<TopicPartition> deadLetters(Consumer<byte[], byte[]> consumer) {
    try {
      return consumer.partitionsFor(names.deadLetter()).stream()
          .map(of -> new TopicPartition(of.topic(), of.partition()))
          .toList();
    } catch (AuthorizationException e) {
      return List.of();
    }
  }

  private static void checkClock(long issued, long appended) {
    if (Math.abs(appended - issued) > TenantOrderCodec.FRESH_MILLIS) {
      throw new IllegalStateException(
          "the order is not obeyed: Kafka's clock says %s, and this machine's said %s"
              .formatted(Instant.ofEpochMilli(appended), Instant.ofEpochMilli(issued)));
    }
  }

  private Given await(
      Consumer<byte[], byte[]> consumer,
      TenantOrder order,
      Position position,
      List<Standing> meanwhile) {
    ByteBuffer key = ByteBuffer.wrap(TenantOrderCodec.snapshotKey(order));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (System.nanoTime() - deadline < 0) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.topic().equals(names.deadLetter())) {
          if (isLetterOf(record, position)) {
            return new Given.Refused(order, position, reason(record));
          }
        } else if (header(record, RecordHeader.POSITION)
            .filter(position.toString()::equals)
            .isPresent()) {
          return new Given.Announced(order, position);
        } else if (record.key() != null && key.equals(ByteBuffer.wrap(record.key()))) {
          read(record).ifPresent(meanwhile::add);
        }
      }
    }
    return new Given.Waiting(order, position);
  }

  private boolean isLetterOf(ConsumerRecord<byte[], byte[]> record, Position position) {
    return header(record, RecordHeader.DEAD_TOPIC).equals(Optional.of(names.inbound()))
        && header(record, RecordHeader.DEAD_PARTITION)
            .equals(Optional.of(String.valueOf(position.partition())))
        && header(record, RecordHeader.DEAD_OFFSET)
            .equals(Optional.of(String.valueOf(position.offset())));
  }

  private static String reason(ConsumerRecord<byte[], byte[]> record) {
    return header(record, RecordHeader.DEAD_REASON).orElse("no reason given")
        + header(record, RecordHeader.DEAD_DETAIL).map(detail -> ", " + detail).orElse("");
  }

  private RecordMetadata append(int partition, TenantOrderCodec.Encoded encoded)
      throws TimeoutException, InterruptedException {
    RecordHeaders headers = new RecordHeaders();
    encoded.headers().forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_SECONDS * 1000);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_SECONDS * 1000);
    try (Producer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      return producer
          .send(
              new ProducerRecord<>(
                  names.inbound(), partition, null, encoded.key(), encoded.value(), headers))
          .get();
    } catch (ExecutionException e) {
      throw refused("the order was not taken", e);
    }
  }

  private TopicDescription describeInbound() throws TimeoutException, InterruptedException {
    Admin admin = Admin.create(kafka);
    try {
      TopicDescription described =
          admin
              .describeTopics(List.of(names.inbound()))
              .allTopicNames()
              .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
              .get(names.inbound());
      if (described == null) {
        throw new IllegalStateException("there is no topic " + names.inbound());
      }
      return described;
    } catch (ExecutionException e) {
      throw refused("the topic " + names.inbound() + " can't be described", e);
    } finally {
      admin.close(Duration.ofSeconds(1));
    }
  }

  private static IllegalStateException refused(String what, ExecutionException e)
      throws TimeoutException {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    if (cause instanceof org.apache.kafka.common.errors.TimeoutException) {
      TimeoutException late = new TimeoutException(what + ": Kafka did not answer in time");
      late.initCause(cause);
      throw late;
    }
    return new IllegalStateException(what + ": " + cause.getMessage(), cause);
  }

  private Consumer<byte[], byte[]> consumer() {
    Map<String, Object> properties = new HashMap<>(kafka);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static Optional<Standing> read(ConsumerRecord<byte[], byte[]> record) {
    Optional<String> type = header(record, RecordHeader.TYPE);
    Optional<String> position = header(record, RecordHeader.POSITION);
    if (record.value() == null || type.isEmpty() || position.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Standing(
              TenantOrderCodec.decode(type.get(), record.value()).order(),
              Position.parse(position.get()),
              Instant.ofEpochMilli(record.timestamp())));
    } catch (RecordFormatException | IllegalArgumentException e) {
      // The gateways count and skip it too.
      return Optional.empty();
    }
  }

  private static Optional<String> header(ConsumerRecord<byte[], byte[]> record, String name) {
    return Optional.ofNullable(record.headers().lastHeader(name))
        .map(Header::value)
        .map(bytes -> new String(bytes, UTF_8));
  }
}
