package io.lqrealtime.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.config.Environment;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecordCodec;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.topic.Placement;
import io.lqrealtime.topic.TopicNames;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The topics of one service on a real broker, and those who write to them. */
final class ServiceTopics implements AutoCloseable {
  static final int PARTITIONS = 3;
  static final String SECRET = "0123456789abcdef0123456789abcdef";
  static final TenantId ACME = new TenantId("acme");
  static final Channel ROOM = new Channel("room");

  private static final ControlKey KEY = new ControlKey(SECRET.getBytes(UTF_8));
  private static final Region REGION = new Region("local");

  /** As long as the producer itself tries: a broker that is away on purpose may take its time. */
  private static final int SENT_WITHIN_SECONDS = 120;

  final TopicNames names;
  final Admin admin;
  private final String bootstrapServers;
  private final KafkaProducer<byte[], byte[]> producer;

  ServiceTopics(String bootstrapServers, String prefix) throws Exception {
    this.bootstrapServers = bootstrapServers;
    this.names = new TopicNames(prefix);
    Map<String, Object> client = Map.of("bootstrap.servers", bootstrapServers);
    this.admin = Admin.create(client);
    this.producer =
        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
    create(names.inbound(), PARTITIONS);
    create(names.tenants(), 1);
    create(names.deadLetter(), 1);
    create(names.index(), PARTITIONS, "CreateTime");
  }

  /**
   * The environment of a router that fails over quickly, and takes the longest test's repeats for
   * what they are.
   */
  Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>();
    environment.put("LQ_KAFKA_BOOTSTRAP_SERVERS", bootstrapServers);
    environment.put("LQ_TOPIC_PREFIX", names.prefix());
    environment.put("LQ_CONTROL_KEY", SECRET);
    environment.put("LQ_ROUTER_SESSION_TIMEOUT", "1500ms");
    environment.put("LQ_ROUTER_STANDBYS", "0");
    environment.put("LQ_ROUTER_DEDUP_WINDOW", "60m");
    return environment;
  }

  RouterConfig config() {
    return RouterConfig.from(new Environment(environment()));
  }

  static int home() {
    return new Placement(PARTITIONS).home(ACME, ROOM);
  }

  void create(String topic, int partitions) throws Exception {
    create(topic, partitions, "LogAppendTime");
  }

  private void create(String topic, int partitions, String timestamps) throws Exception {
    admin
        .createTopics(
            List.of(
                new NewTopic(topic, partitions, (short) 1)
                    .configs(Map.of("message.timestamp.type", timestamps))))
        .all()
        .get(20, TimeUnit.SECONDS);
  }

  void createGateway(String gateway) throws Exception {
    create(names.gateway(new GatewayId(gateway)), 1);
  }

  void delete(String topic) throws Exception {
    admin.deleteTopics(List.of(topic)).all().get(20, TimeUnit.SECONDS);
  }

  boolean isListed(String topic) {
    try {
      return admin.listTopics().names().get(20, TimeUnit.SECONDS).contains(topic);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  RecordMetadata publish(String value) throws Exception {
    return publish(home(), value);
  }

  RecordMetadata publish(int partition, String value) throws Exception {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            names.inbound(), partition, ACME.value().getBytes(UTF_8), value.getBytes(UTF_8));
    record.headers().add(RecordHeader.CHANNEL, ROOM.value().getBytes(UTF_8));
    return producer.send(record).get(SENT_WITHIN_SECONDS, TimeUnit.SECONDS);
  }

  /** A message in its tenant's home, with an id. */
  RecordMetadata publish(TenantId tenant, Channel channel, String id, String value)
      throws Exception {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            names.inbound(),
            new Placement(PARTITIONS).home(tenant, channel),
            tenant.value().getBytes(UTF_8),
            value.getBytes(UTF_8));
    record.headers().add(RecordHeader.CHANNEL, channel.value().getBytes(UTF_8));
    record.headers().add(RecordHeader.ID, id.getBytes(UTF_8));
    return producer.send(record).get(SENT_WITHIN_SECONDS, TimeUnit.SECONDS);
  }

  RecordMetadata subscribe(String gateway, long sequence) throws Exception {
    return write(new ControlRecord.Subscribe(origin(gateway, sequence), ACME, List.of(ROOM)));
  }

  ControlRecord.Origin origin(String gateway, long sequence) {
    return new ControlRecord.Origin(new GatewayId(gateway), 1, sequence, REGION, home());
  }

  RecordMetadata write(ControlRecord control) throws Exception {
    ControlRecordCodec.Encoded encoded =
        ControlRecordCodec.encode(control, KEY, FormatVersion.FIRST);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(names.inbound(), encoded.partition(), encoded.key(), encoded.value());
    record.headers().add(RecordHeader.TYPE, encoded.type().getBytes(UTF_8));
    record.headers().add(RecordHeader.MAC, encoded.mac().getBytes(UTF_8));
    return producer.send(record).get(SENT_WITHIN_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    producer.close();
    admin.close();
  }
}
