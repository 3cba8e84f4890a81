package io.lqrealtime.router.streams;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * The record's own timestamp, which is a message's time: the broker's at its append. Only what is
 * negative (a log that is not LogAppendTime can hold that) is replaced, since Streams drops such
 * records.
 *
 * <p>A task reads one partition, so the timestamp chooses nothing. Once it reads mirrored logs too,
 * the extractor has to return wall-clock time (Streams takes the partition with the lowest
 * timestamp first, and an hour of mirrored backlog would starve live traffic), and the append's
 * time has to travel beside it.
 */
public final class AppendTime implements TimestampExtractor {
  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    return record.timestamp() >= 0 ? record.timestamp() : System.currentTimeMillis();
  }
}
