package io.lqrealtime.gateway.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.frame.ServerFrames;
import io.lqrealtime.gateway.inbound.InboundLog;
import io.lqrealtime.gateway.session.History.Stored;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Position;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ChannelFingerprint;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.IndexRecord.Stretch;
import io.lqrealtime.record.IndexRecordCodec;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.topic.Placement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * An inbound log of its own with its index: plays clients, backends and the router, and remembers
 * what was routed.
 */
final class RoutedLog implements AutoCloseable {
  static final Region REGION = new Region("local");
  static final TenantId ACME = new TenantId("acme");
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  /** A message as it lies in the log. */
  record Message(TenantChannel channel, String id, String from, String payload) {
    static Message in(String channel, String payload) {
      return new Message(RoutedLog.channel(channel), "", "", payload);
    }
  }

  private final EmbeddedKafka kafka;
  private final Admin admin;
  private final KafkaProducer<byte[], byte[]> producer;
  private final int partitions;
  private final String topic;
  private final String indexTopic;
  final InboundLog log;

  /** Of each partition what was routed, by offset. */
  private final Map<Integer, TreeMap<Long, Routed>> routed = new HashMap<>();

  private final Map<Integer, TreeMap<Long, Long>> times = new HashMap<>();
  private final Map<Integer, Long> indexed = new HashMap<>();

  /**
   * @param frame as a live one goes out
   */
  record Routed(TenantChannel channel, long fingerprint, byte[] frame) {}

  RoutedLog(EmbeddedKafka kafka, int partitions) throws Exception {
    this.kafka = kafka;
    this.partitions = partitions;
    String prefix = "t" + NUMBERS.incrementAndGet();
    this.topic = prefix + ".inbound";
    this.indexTopic = prefix + ".index";
    this.admin = Admin.create(client());
    Map<String, Object> properties = client();
    // Right after a topic's creation, sequences can go wrong for good.
    properties.put("enable.idempotence", false);
    properties.put("max.in.flight.requests.per.connection", 1);
    properties.put("linger.ms", 0);
    this.producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    CreateTopicsResult created =
        admin.createTopics(
            List.of(
                new NewTopic(topic, partitions, (short) 1)
                    .configs(Map.of("message.timestamp.type", "LogAppendTime")),
                new NewTopic(indexTopic, partitions, (short) 1)));
    created.all().get();
    String id = created.topicId(topic).get().toString();
    this.log = new InboundLog(topic, REGION, LogId.ofTopicId(id), new Placement(partitions));
    for (int i = 0; i < partitions; i++) {
      routed.put(i, new TreeMap<>());
      times.put(i, new TreeMap<>());
      indexed.put(i, 0L);
    }
  }

  static TenantChannel channel(String name) {
    return new TenantChannel(ACME, new Channel(name));
  }

  private Map<String, Object> client() {
    return new HashMap<>(
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "reconnect.backoff.max.ms", 200));
  }

  String indexTopic() {
    return indexTopic;
  }

  int partitions() {
    return partitions;
  }

  /** With the settings that the gateway's have. */
  Consumer<byte[], byte[]> consumer(HistoryConsumers.Fetching fetching) {
    Map<String, Object> properties = client();
    properties.put(ConsumerConfig.CLIENT_ID_CONFIG, topic + "-" + fetching.purpose());
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, fetching.bytes());
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 2 * fetching.bytes());
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) fetching.holdBack().toMillis());
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, Integer.MAX_VALUE);
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** A message that the router routes. */
  long publish(int partition, Message message) throws Exception {
    return publish(partition, List.of(message)).getFirst();
  }

  /** A backend's transaction, which leaves a marker behind. */
  void transaction(int partition, List<Message> messages) throws Exception {
    Map<String, Object> properties = client();
    properties.put("transactional.id", topic + "-" + partition);
    try (KafkaProducer<byte[], byte[]> transactional =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      transactional.initTransactions();
      transactional.beginTransaction();
      publish(transactional, partition, messages);
      transactional.commitTransaction();
    }
    // The marker comes in its own time.
    TopicPartition of = new TopicPartition(topic, partition);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (admin.listOffsets(Map.of(of, OffsetSpec.latest())).partitionResult(of).get().offset()
        == end(partition)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("no marker came");
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  List<Long> publish(int partition, List<Message> messages) throws Exception {
    return publish(producer, partition, messages);
  }

  private List<Long> publish(
      KafkaProducer<byte[], byte[]> with, int partition, List<Message> messages) throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (Message message : messages) {
      sent.add(with.send(record(partition, message)));
    }
    with.flush();
    List<Long> offsets = new ArrayList<>();
    for (int i = 0; i < sent.size(); i++) {
      Message message = messages.get(i);
      long offset = appended(sent.get(i).get());
      routed
          .get(partition)
          .put(
              offset,
              new Routed(
                  message.channel(),
                  fingerprint(message.channel()),
                  frame(partition, offset, times.get(partition).get(offset), message)));
      offsets.add(offset);
    }
    return offsets;
  }

  /** A message that the router does not route: a duplicate, say. */
  long unrouted(int partition, Message message) throws Exception {
    return appended(producer.send(record(partition, message)).get());
  }

  long control(int partition) throws Exception {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, partition, "acme".getBytes(UTF_8), "{}".getBytes(UTF_8));
    record.headers().add(RecordHeader.TYPE, "subscribe".getBytes(UTF_8));
    return appended(producer.send(record).get());
  }

  /** As if the fingerprints of these two were the same. */
  void collide(int partition, long offset, TenantChannel with) {
    Routed as = routed.get(partition).get(offset);
    routed.get(partition).put(offset, new Routed(as.channel(), fingerprint(with), as.frame()));
  }

  private long appended(RecordMetadata metadata) {
    times.get(metadata.partition()).put(metadata.offset(), metadata.timestamp());
    return metadata.offset();
  }

  private ProducerRecord<byte[], byte[]> record(int partition, Message message) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic,
            partition,
            message.channel().tenant().value().getBytes(UTF_8),
            message.payload().getBytes(UTF_8));
    record.headers().add(RecordHeader.CHANNEL, message.channel().channel().value().getBytes(UTF_8));
    if (!message.id().isEmpty()) {
      record.headers().add(RecordHeader.ID, message.id().getBytes(UTF_8));
    }
    if (!message.from().isEmpty()) {
      record.headers().add(RecordHeader.FROM, message.from().getBytes(UTF_8));
    }
    return record;
  }

  private byte[] frame(int partition, long offset, long time, Message message) {
    byte[] json =
        ServerFrames.message(
            message.channel().channel(),
            new Position(REGION, log.id(), partition, offset).toString(),
            Optional.of(message.id()).filter(id -> !id.isEmpty()),
            Optional.of(message.from()).filter(from -> !from.isEmpty()),
            time,
            message.payload().getBytes(UTF_8));
    return FrameEncoder.text(json, 0, json.length);
  }

  private static long fingerprint(TenantChannel channel) {
    return ChannelFingerprint.of(channel.tenant(), channel.channel());
  }

  long end(int partition) {
    return times.get(partition).isEmpty() ? 0 : times.get(partition).lastKey() + 1;
  }

  long time(int partition, long offset) {
    return times.get(partition).get(offset);
  }

  /** The router comes as far as the log's end. */
  void index(int partition) throws Exception {
    index(partition, indexed.get(partition), end(partition));
  }

  /** The router comes as far as the log's end, with a record for each so many offsets. */
  void indexInSteps(int partition, int step) throws Exception {
    indexFrom(partition, 0, step);
  }

  /** So does another one, which begins by so many offsets before. */
  void indexFrom(int partition, int before, int step) throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    long end = end(partition);
    long begin = Math.max(0, indexed.get(partition) - before);
    for (long from = begin; from < end; from += step) {
      sent.add(send(log.id(), partition, from, Math.min(end, from + step)));
    }
    for (Future<RecordMetadata> each : sent) {
      each.get();
    }
    indexed.put(partition, end);
  }

  void index(int partition, long from, long to) throws Exception {
    if (from < to) {
      send(log.id(), partition, from, to).get();
      indexed.put(partition, to);
    }
  }

  /** A stretch of another incarnation of the log, or of another log. */
  void indexOf(LogId other, int partition, long from, long to) throws Exception {
    send(other, partition, from, to).get();
  }

  private Future<RecordMetadata> send(LogId of, int partition, long from, long to) {
    Map<Long, Routed> stretch = routed.get(partition).subMap(from, to);
    long[] offsets = stretch.keySet().stream().mapToLong(Long::longValue).toArray();
    long[] fingerprints = stretch.values().stream().mapToLong(Routed::fingerprint).toArray();
    Map.Entry<Long, Long> last = times.get(partition).lowerEntry(to);
    return producer.send(
        new ProducerRecord<>(
            indexTopic,
            partition,
            last == null ? 1 : last.getValue(),
            null,
            IndexRecordCodec.encode(
                new Stretch(REGION, of, partition, from, to),
                offsets,
                fingerprints,
                offsets.length,
                FormatVersion.FIRST)));
  }

  void rawIndex(int partition, byte[] value) throws ExecutionException, InterruptedException {
    producer.send(new ProducerRecord<>(indexTopic, partition, null, value)).get();
  }

  void deleteBodies(int partition, long before) throws Exception {
    delete(new TopicPartition(topic, partition), before);
  }

  void deleteIndex(int partition, long before) throws Exception {
    delete(new TopicPartition(indexTopic, partition), before);
  }

  private void delete(TopicPartition from, long before) throws Exception {
    admin.deleteRecords(Map.of(from, RecordsToDelete.beforeOffset(before))).all().get();
  }

  /** What there is of a channel, past the one offset and up to the other. */
  List<Stored> messages(TenantChannel channel, int partition, long after, long upTo) {
    List<Stored> found = new ArrayList<>();
    routed
        .get(partition)
        .subMap(after, false, Math.max(after, upTo), true)
        .forEach(
            (offset, message) -> {
              if (message.channel().equals(channel)) {
                found.add(new Stored(offset, message.frame()));
              }
            });
    return found;
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
    admin.close(Duration.ofSeconds(1));
  }
}
