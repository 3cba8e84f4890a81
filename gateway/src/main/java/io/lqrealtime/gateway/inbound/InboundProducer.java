package io.lqrealtime.gateway.inbound;

import io.lqrealtime.gateway.session.Publisher;
import io.lqrealtime.id.GatewayId;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ControlKey;
import io.lqrealtime.record.ControlRecord;
import io.lqrealtime.record.ControlRecordCodec;
import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.tenant.TenantShares;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Writes to the inbound log: messages of clients, and the gateway's control records. A message is
 * durable when Kafka has acknowledged it under {@code acks=all}, and its name is then the record's
 * position.
 *
 * <p>Never blocks: the producer is built with {@code max.block.ms=0}, its metadata warm. A full
 * buffer or a Kafka that stays away past the delivery timeout fails the publish; nothing is kept
 * beyond the producer's own, bounded buffer, which the tenants share. Safe for several threads; one
 * thread's messages for one partition stay in order.
 */
public final class InboundProducer implements Publisher, AutoCloseable {
  /** Of a record, beside its payload: the channel's name, an id, who it is from. */
  private static final int RECORD_BYTES = 512;

  private final Producer<byte[], byte[]> producer;
  private final InboundLog log;
  private final ControlKey controlKey;
  private final FormatVersion format;

  private final Header gateway;
  private final Refusals refusals = new Refusals(System::nanoTime);
  private final TenantShares underWay;

  /**
   * @param bytesUnderWay of messages that are not durable yet; less than the producer's buffer, so
   *     that what a tenant's clients publish finds room there, whatever others do. A tenant may
   *     have as much of it as is left
   */
  public InboundProducer(
      GatewayId gateway,
      Producer<byte[], byte[]> producer,
      InboundLog log,
      ControlKey controlKey,
      FormatVersion format,
      int bytesUnderWay) {
    this.gateway = header(RecordHeader.GATEWAY, gateway.value());
    this.producer = producer;
    this.log = log;
    this.controlKey = controlKey;
    this.format = format;
    this.underWay = new TenantShares(bytesUnderWay);
  }

  @Override
  public boolean publish(Publication publication, Listener listener) {
    TenantId tenant = publication.channel().tenant();
    int bytes = publication.payload().length + RECORD_BYTES;
    if (!underWay.enter(tenant, bytes)) {
      return false;
    }
    int partition = log.placement().home(tenant, publication.channel().channel());
    List<Header> headers = new ArrayList<>(5);
    headers.add(header(RecordHeader.CHANNEL, publication.channel().channel().value()));
    publication.id().ifPresent(id -> headers.add(header(RecordHeader.ID, id)));
    headers.add(header(RecordHeader.FROM, publication.from().value()));
    headers.add(header(RecordHeader.CONNECTION, publication.connection().value()));
    headers.add(gateway);
    send(
        new ProducerRecord<>(
            log.topic(), partition, utf8(tenant.value()), publication.payload(), headers),
        (metadata, failure) -> {
          underWay.leave(tenant, bytes);
          refusals.outcome(failure);
          if (failure == null && metadata.hasOffset()) {
            listener.durable(log.positionPrefix() + metadata.partition() + '.' + metadata.offset());
          } else {
            listener.failed();
          }
        });
    return true;
  }

  /** Bytes of messages that are not durable yet. From any thread. */
  public int bytesUnderWay() {
    return underWay.taken();
  }

  /** Writes a control record; completes with its offset, or exceptionally if it is not durable. */
  public CompletionStage<Long> write(ControlRecord record) {
    ControlRecordCodec.Encoded encoded = ControlRecordCodec.encode(record, controlKey, format);
    List<Header> headers = new ArrayList<>(encoded.headers().size());
    encoded.headers().forEach((name, text) -> headers.add(header(name, text)));
    CompletableFuture<Long> written = new CompletableFuture<>();
    send(
        new ProducerRecord<>(
            log.topic(), encoded.partition(), encoded.key(), encoded.value(), headers),
        (metadata, failure) -> {
          refusals.outcome(failure);
          if (failure == null) {
            written.complete(metadata.offset());
          } else {
            written.completeExceptionally(failure);
          }
        });
    return written;
  }

  /** Why Kafka lets this gateway write nothing, if that is what it said last, and lately. */
  public Optional<String> refusal() {
    return refusals.current();
  }

  /** Waits for what is on its way, within the time. */
  public void close(Duration within) {
    producer.close(within);
  }

  @Override
  public void close() {
    close(Duration.ofSeconds(5));
  }

  private void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    try {
      // A failure comes by the callback, also where it is known at once.
      var _ = producer.send(record, callback);
    } catch (RuntimeException e) {
      // Thrown for a closed producer or a record past its limits: the callback is not called then.
      callback.onCompletion(noMetadata(), e);
    }
  }

  @SuppressWarnings("NullAway") // Kafka's callback takes null where there is nothing.
  private static RecordMetadata noMetadata() {
    @Nullable RecordMetadata none = null;
    return none;
  }

  private static Header header(String key, String value) {
    return new org.apache.kafka.common.header.internals.RecordHeader(key, utf8(value));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
