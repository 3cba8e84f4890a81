package io.lqrealtime.record;

import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Region;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;

/**
 * What the router routed of one stretch of a partition of the inbound log: for each channel the
 * offsets of its messages. Everything else in the stretch was not routed: control records, dead
 * letters, records that were forwarded home, copies of those, duplicates by id. A stretch without
 * any message says just that.
 *
 * <p>The stretches of a partition follow one another without a hole, and may overlap: after a crash
 * the router writes again what it is not sure to have written. Where two overlap they agree, so a
 * reader takes of each only what is past what it has. A stretch that begins past that is a hole,
 * whose messages can't be told from those that were not routed.
 *
 * <p>Channels are told by {@link ChannelFingerprint}: who reads a message by its offset has to
 * compare its tenant and channel. Immutable, a view of the record's bytes (see {@link
 * IndexRecordCodec}); the iterators make no object for an offset.
 */
public final class IndexRecord {
  private final Stretch stretch;
  private final byte[] bytes;
  private final int groups;
  private final int table;
  private final int data;

  /**
   * Where the record is of.
   *
   * @param log the incarnation of the inbound log
   * @param from the first offset that it says something about
   * @param to the first offset that it says nothing about any more; more than {@code from}
   */
  public record Stretch(Region region, LogId log, int partition, long from, long to) {
    public Stretch {
      if (partition < 0 || from < 0 || to <= from) {
        throw new IllegalArgumentException("a stretch begins at 0 or later, and is not empty");
      }
    }
  }

  /**
   * @param table where the groups' table begins in {@code bytes}
   */
  IndexRecord(Stretch stretch, byte[] bytes, int groups, int table) {
    this.stretch = stretch;
    this.bytes = bytes;
    this.groups = groups;
    this.table = table;
    this.data = table + groups * IndexRecordCodec.TABLE_ENTRY;
  }

  public Stretch stretch() {
    return stretch;
  }

  /** How many channels have messages in the stretch. */
  public int channels() {
    return groups;
  }

  /**
   * The fingerprint of a channel.
   *
   * @param channel from 0 to {@link #channels()}, exclusive; fingerprints rise as unsigned numbers
   */
  public long fingerprint(int channel) {
    return IndexRecordCodec.int64(bytes, table + channel * IndexRecordCodec.TABLE_ENTRY);
  }

  /** The offsets of all messages of the channel at this place, rising. */
  public PrimitiveIterator.OfLong offsets(int channel) {
    return new Offsets(start(channel), end(channel), -1, Long.MAX_VALUE);
  }

  /** The offsets of the channel's messages past the one and up to the other, rising. */
  public PrimitiveIterator.OfLong offsets(
      long fingerprint, long afterExclusive, long upToInclusive) {
    int channel = find(fingerprint);
    return channel < 0 || afterExclusive >= stretch.to() - 1 || upToInclusive < stretch.from()
        ? new Offsets(0, 0, 0, 0)
        : new Offsets(start(channel), end(channel), afterExclusive, upToInclusive);
  }

  private int find(long fingerprint) {
    int low = 0;
    int high = groups - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = Long.compareUnsigned(fingerprint(middle), fingerprint);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }

  private int start(int channel) {
    return channel == 0 ? data : end(channel - 1);
  }

  private int end(int channel) {
    return data + IndexRecordCodec.int32(bytes, table + channel * IndexRecordCodec.TABLE_ENTRY + 8);
  }

  /** Reads a group's deltas, which the codec has found to be whole. */
  private final class Offsets implements PrimitiveIterator.OfLong {
    private final int end;
    private final long upTo;
    private int at;
    private long offset;
    private boolean present;

    Offsets(int start, int end, long after, long upTo) {
      this.at = start;
      this.end = end;
      this.upTo = upTo;
      this.offset = stretch.from();
      do {
        advance();
      } while (present && offset <= after);
    }

    private void advance() {
      if (at >= end) {
        present = false;
        return;
      }
      long delta = 0;
      int shift = 0;
      byte b;
      do {
        b = bytes[at++];
        delta |= (long) (b & 0x7f) << shift;
        shift += 7;
      } while (b < 0);
      offset += delta;
      present = offset <= upTo;
    }

    @Override
    public boolean hasNext() {
      return present;
    }

    @Override
    public long nextLong() {
      if (!present) {
        throw new NoSuchElementException();
      }
      long next = offset;
      advance();
      return next;
    }
  }
}
