package io.lqrealtime.gateway.history;

import io.lqrealtime.gateway.inbound.InboundLog;
import io.lqrealtime.record.IndexRecord;
import io.lqrealtime.record.IndexRecordCodec;
import io.lqrealtime.record.RecordFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the index record that says what was routed at an offset of the log.
 *
 * <p>Readers go on from record to record, and mostly find the next one in memory, or where what is
 * in memory ends. Else by time: an index record bears the append time of the last record that it is
 * about, so the first one with the offset's own time or a later one is where to look, or somewhat
 * before what is looked for. If clocks went back it may lie past it; then the search goes back in
 * growing steps.
 *
 * <p>A stretch is taken to be missing when {@value Run#LOOK_AHEAD} records past it have come, since
 * a router that takes over writes again from where it is sure.
 *
 * <p>Records of another log, and those that can't be read, are passed over. Throws Kafka's
 * exceptions. Confined to one thread.
 */
final class IndexReader {
  private static final Logger log = LoggerFactory.getLogger(IndexReader.class);
  private static final int STEP_GROWTH = 8;
  private static final int MAX_ATTEMPTS = 3;

  /** What there is at an offset. */
  sealed interface Found {
    /** A record that covers it. */
    record Covered(IndexRecord record) implements Found {}

    /**
     * The index does not go so far yet.
     *
     * @param next where it ends
     * @param pastHole where a stretch past the offset begins that came before the offset's own
     */
    record NotYet(long next, OptionalLong pastHole) implements Found {}

    /**
     * It is not in the index, nor will it be.
     *
     * @param oldest the first offset past it that is
     */
    record Gone(long oldest) implements Found {}
  }

  /** Records of the index, from one place there to another, those of other logs with them. */
  private record Part(List<IndexRecord> records, long next) {}

  private final InboundLog inbound;
  private final SequentialReader reader;
  private final LogOffsets offsets;
  private final BodyReader bodies;
  private final RunCache runs;
  private final long[] begin;

  IndexReader(
      InboundLog inbound,
      SequentialReader reader,
      LogOffsets offsets,
      BodyReader bodies,
      RunCache runs) {
    this.inbound = inbound;
    this.reader = reader;
    this.offsets = offsets;
    this.bodies = bodies;
    this.runs = runs;
    this.begin = new long[offsets.partitions()];
  }

  Found find(int partition, long offset) {
    forgetDeleted(partition);
    Run near = runs.floor(partition, offset);
    if (near != null) {
      IndexRecord record = near.covering(offset);
      if (record != null) {
        return new Found.Covered(record);
      }
    }
    for (int attempt = 1; ; attempt++) {
      try {
        if (near != null && offset <= near.to()) {
          Found found = searchFrom(near, offset);
          if (found instanceof Found.Covered || runs.reach(partition) <= offset) {
            return found;
          }
          // The index goes further: a router that was overtaken may have written a piece of what
          // lies before, and that is the run. What goes on from there came earlier then.
        }
        return search(partition, offset, placeByTime(partition, offset), false);
      } catch (OffsetOutOfRangeException e) {
        // Deleted since, or the topic was made anew: all that is known of it is void.
        runs.clear(partition);
        offsets.forget(partition);
        near = null;
        if (attempt == MAX_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private Found searchFrom(Run near, long offset) {
    boolean atItsEnd = offset == near.to();
    return search(near.partition(), offset, atItsEnd ? near.next() : near.first(), atItsEnd);
  }

  private long placeByTime(int partition, long offset) {
    long begin = offsets.indexBegin(partition);
    long end = offsets.indexEndPast(partition, begin);
    OptionalLong time = bodies.timeFrom(partition, offset, offsets.endPast(partition, offset));
    OptionalLong place =
        time.isPresent() ? offsets.firstOfIndex(partition, time.getAsLong()) : OptionalLong.empty();
    return Math.max(begin, place.orElse(end - 1));
  }

  /** What is deleted is not served from memory for longer: others could not read on from it. */
  private void forgetDeleted(int partition) {
    long now = offsets.indexBegin(partition);
    if (now != begin[partition]) {
      begin[partition] = now;
      runs.forgetBefore(partition, now);
    }
  }

  /**
   * Looks on from a place in the index, and before it where it turns out to be too late.
   *
   * @param isPast whether it is known that a stretch before the place ends at the offset
   */
  private Found search(int partition, long offset, long from, boolean isPast) {
    long first = from;
    long step = 1;
    // Whether stretches before the offset have been seen, or a former log's, whose last came first.
    boolean seenBefore = isPast;
    boolean seenStart = false;
    long past = Long.MAX_VALUE;
    int ahead = 0;
    long place = from;
    Part part = read(partition, place);
    while (part != null) {
      place = part.next();
      for (IndexRecord record : part.records()) {
        if (!isOurs(record, partition)) {
          seenStart = true;
        } else if (Run.covers(record, offset)) {
          return new Found.Covered(record);
        } else if (record.stretch().to() <= offset) {
          seenBefore = true;
        } else if (!seenBefore && !seenStart && first > offsets.indexBegin(partition)) {
          first = Math.max(offsets.indexBegin(partition), first - step);
          step *= STEP_GROWTH;
          place = first;
          break;
        } else {
          past = Math.min(past, record.stretch().from());
          if (++ahead >= Run.LOOK_AHEAD) {
            return new Found.Gone(past);
          }
        }
      }
      part = read(partition, place);
    }
    if (past == Long.MAX_VALUE) {
      return new Found.NotYet(place, OptionalLong.empty());
    }
    // What nothing lies before is where the index begins: what was earlier does not come again.
    return seenBefore ? new Found.NotYet(place, OptionalLong.of(past)) : new Found.Gone(past);
  }

  /** What lies on from a place in the index, or null at its end. */
  private @Nullable Part read(int partition, long place) {
    long end = offsets.indexEndPast(partition, place);
    if (place >= end) {
      return null;
    }
    List<ConsumerRecord<byte[], byte[]>> found = reader.read(partition, place, end);
    List<IndexRecord> records = new ArrayList<>(found.size());
    for (ConsumerRecord<byte[], byte[]> record : found) {
      IndexRecord decoded = take(record);
      if (decoded != null) {
        records.add(decoded);
      }
    }
    return new Part(records, reader.standsAt(partition));
  }

  private boolean isOurs(IndexRecord record, int partition) {
    return record.stretch().log().equals(inbound.id())
        && record.stretch().region().equals(inbound.region())
        && record.stretch().partition() == partition;
  }

  /** Keeps a record of the index; null if it can't be read. */
  @Nullable IndexRecord take(ConsumerRecord<byte[], byte[]> record) {
    int partition = record.partition();
    offsets.indexReaches(partition, record.offset() + 1);
    byte[] value = record.value();
    if (value != null) {
      try {
        IndexRecord decoded = IndexRecordCodec.decode(value);
        if (isOurs(decoded, partition)) {
          runs.add(partition, record.offset(), decoded, value.length);
        } else {
          runs.pass(partition, record.offset());
        }
        return decoded;
      } catch (RecordFormatException e) {
        log.warn(
            "The index record at {} of {}-{} can't be read: {}",
            record.offset(),
            record.topic(),
            partition,
            e.getMessage());
      }
    }
    runs.pass(partition, record.offset());
    return null;
  }
}
