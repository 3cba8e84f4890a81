package io.lqrealtime.gateway.delivery;

import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.GatewayRecord;
import io.lqrealtime.record.GatewayRecordCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * This gateway's own topic: that it exists, and who holds it.
 *
 * <p>A gateway that starts writes a claim to it. The claim's place decides two things: whoever
 * claimed last is the gateway of this id, so an older process that reads a newer claim leaves; and
 * the generation, which is the broker's time of the append in milliseconds times 1,024 plus the low
 * 10 bits of the claim's offset, rises with each claim as long as the brokers' clocks do not run
 * back.
 *
 * <p>Blocks: for the gateway's own threads, never for an I/O thread.
 */
public final class GatewayTopic {
  private static final Duration RETRY_EVERY = Duration.ofMillis(100);

  private final String name;
  private final short replicationFactor;
  private final Duration retention;
  private final Admin admin;
  private final Producer<byte[], byte[]> producer;
  private final FormatVersion format;

  /** Where this gateway starts to read, and under which generation. */
  public record Claimed(long offset, long generation) {}

  public GatewayTopic(
      String name,
      short replicationFactor,
      Duration retention,
      Admin admin,
      Producer<byte[], byte[]> producer,
      FormatVersion format) {
    this.name = name;
    this.replicationFactor = replicationFactor;
    this.retention = retention;
    this.admin = admin;
    this.producer = producer;
    this.format = format;
  }

  public TopicPartition partition() {
    return new TopicPartition(name, 0);
  }

  /** Creates the topic if it is not there, and claims it. */
  public Claimed claim(String instance, Duration within)
      throws InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + within.toNanos();
    create(deadline);
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(name, 0, null, new byte[0]);
    record
        .headers()
        .add(
            new RecordHeader(
                GatewayRecordCodec.HEADER,
                GatewayRecordCodec.header(new GatewayRecord.Claim(instance), format)));
    while (true) {
      try {
        // The producer never waits for metadata (it serves I/O threads), so the first tries may
        // fail.
        RecordMetadata written =
            producer.send(record).get(remaining(deadline), TimeUnit.NANOSECONDS);
        long generation = (written.timestamp() << 10) | (written.offset() & 1023);
        return new Claimed(written.offset(), generation);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof RetriableException)) {
          throw new IllegalStateException(
              "the topic " + name + " can't be written: " + e.getCause(), e.getCause());
        }
        TimeUnit.MILLISECONDS.sleep(RETRY_EVERY.toMillis());
      }
    }
  }

  /** The topic's id; empty if there is no such topic. */
  public Optional<Uuid> id(Duration within) throws InterruptedException, TimeoutException {
    return Topics.describe(admin, name, within).map(TopicDescription::topicId);
  }

  private void create(long deadline) throws InterruptedException, TimeoutException {
    NewTopic topic =
        new NewTopic(name, Optional.of(1), Optional.of(replicationFactor))
            .configs(
                Map.of(
                    TopicConfig.CLEANUP_POLICY_CONFIG,
                    TopicConfig.CLEANUP_POLICY_DELETE,
                    TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                    "LogAppendTime",
                    TopicConfig.RETENTION_MS_CONFIG,
                    Long.toString(retention.toMillis()),
                    TopicConfig.SEGMENT_BYTES_CONFIG,
                    Integer.toString(64 << 20)));
    try {
      admin.createTopics(List.of(topic)).all().get(remaining(deadline), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new IllegalStateException(
            "the topic " + name + " is missing and can't be created: " + e.getCause(),
            e.getCause());
      }
    }
  }

  private static long remaining(long deadline) throws TimeoutException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw new TimeoutException("Kafka did not answer in time");
    }
    return left;
  }
}
