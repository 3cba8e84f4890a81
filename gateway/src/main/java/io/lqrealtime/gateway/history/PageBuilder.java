package io.lqrealtime.gateway.history;

import io.lqrealtime.gateway.history.IndexReader.Found;
import io.lqrealtime.gateway.inbound.InboundLog;
import io.lqrealtime.gateway.session.History.Stored;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.record.ChannelFingerprint;
import io.lqrealtime.record.IndexRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PrimitiveIterator;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts a page together: collects from the index where the channel's messages are, then takes their
 * bodies. Works for one turn and no more than a fetch past it, so that who reads far through a cold
 * log does not hold up the others.
 *
 * <p>Throws Kafka's exceptions. Confined to one thread.
 */
final class PageBuilder {
  /** Offsets that are collected before bodies are taken: the first ones are not to wait long. */
  private static final int CANDIDATES = 256;

  /** How far a turn has brought a page. */
  sealed interface Turn {
    /** As much as there will be of it in this page. */
    record Filled(List<Stored> messages, long cursor, boolean complete) implements Turn {}

    /** The turn is over; up to the cursor there is nothing. */
    record Over(long cursor) implements Turn {}

    /**
     * The index does not go on yet.
     *
     * @param messages those up to the cursor
     * @param next where the index ends
     * @param pastHole as in {@link Found.NotYet}
     */
    record Waits(List<Stored> messages, long cursor, long next, OptionalLong pastHole)
        implements Turn {}

    /**
     * What comes next is not retained.
     *
     * @param oldest the first offset past it that is
     */
    record Gone(long oldest) implements Turn {}
  }

  private final InboundLog log;
  private final LogOffsets offsets;
  private final IndexReader index;
  private final BodyReader bodies;
  private final BlockCache cache;
  private final Retention retention;
  private final Pace pace;
  private final BooleanSupplier othersWait;
  private final long[] candidates = new long[CANDIDATES];

  PageBuilder(
      InboundLog log,
      LogOffsets offsets,
      IndexReader index,
      BodyReader bodies,
      BlockCache cache,
      Retention retention,
      Pace pace,
      BooleanSupplier othersWait) {
    this.log = log;
    this.offsets = offsets;
    this.index = index;
    this.bodies = bodies;
    this.cache = cache;
    this.retention = retention;
    this.pace = pace;
    this.othersWait = othersWait;
  }

  Turn build(Question.Reading reading) {
    int partition = reading.partition();
    if (reading.cursor + 1 < offsets.begin(partition)) {
      return new Turn.Gone(oldest(partition));
    }
    long upTo = reading.upTo(offsets);
    if (reading.cursor >= upTo) {
      return new Turn.Filled(List.of(), reading.cursor, true);
    }
    return new Work(reading, upTo).build();
  }

  private long oldest(int partition) {
    return switch (retention.earliest(partition)) {
      case Retention.Earliest.At(long offset) -> offset;
      case Retention.Earliest.NotYet notYet -> offsets.begin(partition);
    };
  }

  /** One turn of one page. */
  private final class Work {
    private final Question.Reading reading;
    private final int partition;
    private final long fingerprint;
    private final String positionPrefix;
    private final long upTo;
    private final long begunNanos = System.nanoTime();
    private final List<Stored> messages = new ArrayList<>();
    private long cursor;
    private int bytes;
    private int count;
    private long walked;
    private @Nullable Block block;
    private long blockCost;

    Work(Question.Reading reading, long upTo) {
      TenantChannel channel = reading.request.channel();
      this.reading = reading;
      this.partition = reading.partition();
      this.fingerprint = ChannelFingerprint.of(channel.tenant(), channel.channel());
      this.positionPrefix = log.positionPrefix() + partition + '.';
      this.upTo = upTo;
      this.cursor = reading.cursor;
    }

    Turn build() {
      walked = cursor;
      while (true) {
        Optional<Found> stopped = collect();
        Optional<Turn> ended = take();
        settle();
        if (ended.isPresent()) {
          return ended.get();
        }
        cursor = walked;
        if (cursor >= upTo) {
          return new Turn.Filled(messages, cursor, true);
        }
        if (stopped.isPresent()) {
          return stop(stopped.get());
        }
        if (isOver()) {
          return over();
        }
      }
    }

    private boolean isOver() {
      long taken = System.nanoTime() - begunNanos;
      return taken > pace.turn().toNanos()
          && (taken > pace.aloneTurn().toNanos() || othersWait.getAsBoolean());
    }

    private Turn over() {
      return messages.isEmpty() ? new Turn.Over(cursor) : new Turn.Filled(messages, cursor, false);
    }

    private Turn stop(Found reason) {
      return switch (reason) {
        case Found.Gone(long oldest) when messages.isEmpty() -> new Turn.Gone(oldest);
        case Found.NotYet(long next, OptionalLong pastHole) ->
            isNothingLeft()
                ? new Turn.Filled(messages, upTo, true)
                : new Turn.Waits(messages, cursor, next, pastHole);
        default -> over();
      };
    }

    /**
     * Whether no record lies between here and the end: the markers of transactions take offsets
     * too, and the index never reaches one at the end.
     */
    private boolean isNothingLeft() {
      return reading.isToTheEnd() && bodies.timeFrom(partition, cursor + 1, upTo + 1).isEmpty();
    }

    /** Walks the index; the outcome is why it can't be walked further. */
    private Optional<Found> collect() {
      count = 0;
      int most = Math.min(CANDIDATES, reading.request.maxMessages() - messages.size());
      while (walked < upTo && count < most && !(isOver() && walked > reading.cursor)) {
        Found found = index.find(partition, walked + 1);
        if (!(found instanceof Found.Covered(IndexRecord record))) {
          return Optional.of(found);
        }
        PrimitiveIterator.OfLong past = record.offsets(fingerprint, walked, upTo);
        while (count < most && past.hasNext()) {
          candidates[count++] = past.nextLong();
        }
        walked = past.hasNext() ? candidates[count - 1] : Math.min(upTo, record.stretch().to() - 1);
      }
      return Optional.empty();
    }

    /** Takes the bodies; the outcome is present if the page ends with them. */
    private Optional<Turn> take() {
      for (int i = 0; i < count; i++) {
        long offset = candidates[i];
        Block in = block;
        if (in == null || offset >= in.end() || offset < in.start()) {
          if (i > 0 && isOver()) {
            return Optional.of(over());
          }
          settle();
          in = bodies.block(partition, offset, isDense(i));
          if (in == null) {
            return Optional.of(messages.isEmpty() ? new Turn.Gone(oldest(partition)) : over());
          }
          block = in;
          blockCost = in.cost();
        }
        Body body = in.body(offset);
        if (body != null && body.isOf(reading.names) && !add(in, body, offset)) {
          return Optional.of(new Turn.Filled(messages, cursor, false));
        }
        cursor = offset;
        if (messages.size() >= reading.request.maxMessages()) {
          return Optional.of(new Turn.Filled(messages, cursor, cursor >= upTo));
        }
      }
      return Optional.empty();
    }

    /** Whether reading on costs less than fetching each message by itself. */
    private boolean isDense(int at) {
      return at + 1 < count
          && (candidates[count - 1] - candidates[at]) / (count - at) < BodyReader.NEAR;
    }

    private boolean add(Block in, Body body, long offset) {
      int before = body.cost();
      Stored stored = body.stored(reading.request.channel().channel(), positionPrefix, offset);
      in.recost(body.cost() - before);
      int size = stored.frame().length;
      if (!messages.isEmpty() && size > reading.request.maxBytes() - bytes) {
        return false;
      }
      messages.add(stored);
      bytes += size;
      return true;
    }

    private void settle() {
      if (block != null) {
        cache.changed(partition, block, blockCost);
        block = null;
      }
    }
  }
}
