package io.lqrealtime.router.streams;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.record.DeadLetterReason;
import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.topic.TopicNames;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Records as they go to the dead-letter topic: with their key, value and headers, and after those
 * the reason and where they lie. What is larger than a dead letter may be is left out, since it
 * still lies there: a copy with more headers than the original might not fit the topic.
 */
final class DeadLetters {
  static final int MAX_KEY_BYTES = 16 << 10;
  static final int MAX_HEADER_BYTES = 64 << 10;
  static final int MAX_VALUE_BYTES = 512 << 10;

  /** The reason of a record that the router itself failed on. */
  static final String INTERNAL_ERROR = "internal-error";

  private DeadLetters() {}

  static Headers headers(
      Headers original,
      String reason,
      String detail,
      String topic,
      String partition,
      String offset) {
    RecordHeaders headers =
        bytes(original) > MAX_HEADER_BYTES ? new RecordHeaders() : new RecordHeaders(original);
    headers.add(RecordHeader.DEAD_REASON, reason.getBytes(UTF_8));
    headers.add(RecordHeader.DEAD_DETAIL, detail.getBytes(UTF_8));
    headers.add(RecordHeader.DEAD_TOPIC, topic.getBytes(UTF_8));
    headers.add(RecordHeader.DEAD_PARTITION, partition.getBytes(UTF_8));
    headers.add(RecordHeader.DEAD_OFFSET, offset.getBytes(UTF_8));
    return headers;
  }

  static byte @Nullable [] key(byte @Nullable [] key) {
    return key == null || key.length > MAX_KEY_BYTES ? null : key;
  }

  static byte @Nullable [] value(byte @Nullable [] value) {
    return value == null || value.length > MAX_VALUE_BYTES ? null : value;
  }

  /** Where such a record lies is said by its own header: Streams works on another by now. */
  static ProducerRecord<byte[], byte[]> tooLargeToForward(
      TopicNames names, ProducerRecord<byte[], byte[]> record) {
    Header origin = record.headers().lastHeader(RecordHeader.ORIGIN);
    String at = origin == null ? "" : new String(origin.value(), UTF_8);
    int separator = at.indexOf('@');
    Headers headers =
        headers(
            new RecordHeaders(),
            DeadLetterReason.TOO_LARGE.wireName(),
            "too large for the log with the headers of a forwarded message",
            names.inbound(),
            at.substring(0, Math.max(0, separator)),
            at.substring(separator + 1));
    return new ProducerRecord<>(names.deadLetter(), null, null, key(record.key()), null, headers);
  }

  private static long bytes(Headers headers) {
    long bytes = 0;
    for (Header header : headers) {
      bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    return bytes;
  }
}
