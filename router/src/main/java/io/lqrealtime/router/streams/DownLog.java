package io.lqrealtime.router.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecordCodec;
import io.lqrealtime.record.FormatVersion;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes {@code gateway-down} records to the inbound log with a producer of its own: they come from
 * outside of the stream. Sends without waiting; what fails is logged, and written again by the
 * sweeper after another lease time.
 */
final class DownLog implements Consumer<ControlRecord.GatewayDown>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DownLog.class);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final Producer<byte[], byte[]> producer;
  private final String inbound;
  private final ControlKey key;
  private final FormatVersion format;

  DownLog(Map<String, Object> client, String inbound, ControlKey key, FormatVersion format) {
    Map<String, Object> settings = new TreeMap<>(client);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "lq-router-sweeper");
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 2_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 5_000);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4L << 20);
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    this.inbound = inbound;
    this.key = key;
    this.format = format;
  }

  @Override
  public void accept(ControlRecord.GatewayDown down) {
    ControlRecordCodec.Encoded encoded = ControlRecordCodec.encode(down, key, format);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(inbound, encoded.partition(), encoded.key(), encoded.value());
    encoded.headers().forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
    // The callback has it.
    Future<RecordMetadata> _ =
        producer.send(
            record,
            (metadata, exception) -> {
              if (exception != null) {
                LOG.warn(
                    "The record that gateway {} is down was not written: {}",
                    down.origin().gateway(),
                    exception.toString());
              }
            });
  }

  @Override
  public void close() {
    producer.close(CLOSE_WITHIN);
  }
}
