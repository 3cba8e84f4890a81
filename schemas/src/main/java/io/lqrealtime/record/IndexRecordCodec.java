package io.lqrealtime.record;

import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Region;
import io.lqrealtime.record.IndexRecord.Stretch;
import java.util.Arrays;

/**
 * Index records as they lie in the index topic: no key, all in the value, in the partition of the
 * same number as the inbound one. The record's timestamp is the append time of the last inbound
 * record of the stretch, so that Kafka's search by time finds the stretch of an instant.
 *
 * <p>The value is:
 *
 * <ol>
 *   <li>version, 1 byte;
 *   <li>the region, as a varint length and UTF-8; the log, 5 bytes; the partition; the first offset
 *       of the stretch; how many offsets it has; how many channels: varints (LEB128);
 *   <li>a table with an entry for each channel, in the order of the fingerprints as unsigned
 *       numbers: the fingerprint, 8 bytes, and the length of the offsets of this channel and those
 *       before it, 4 bytes, both big-endian: a channel is found by halving, without reading the
 *       others;
 *   <li>the channels' offsets in that order: rising, each as the varint distance from the one
 *       before, the first as the distance from the stretch's first offset.
 * </ol>
 *
 * <p>Readers ignore bytes after that, so fields can be appended; the {@linkplain FormatVersion
 * version} rises only with a change that older readers must not ignore.
 */
public final class IndexRecordCodec {
  static final int TABLE_ENTRY = 12;

  private static final long SIGN = Long.MIN_VALUE;

  private IndexRecordCodec() {}

  /**
   * Encodes what was routed.
   *
   * @param offsets of the messages, rising strictly, all within the stretch
   * @param fingerprints of the messages' channels, in the order of the offsets
   * @param count how many of both arrays count
   */
  public static byte[] encode(
      Stretch stretch, long[] offsets, long[] fingerprints, int count, FormatVersion version) {
    check(stretch, offsets, count);
    long[] channels = distinct(fingerprints, count);
    int[] group = new int[count];
    int[] ends = new int[channels.length];
    for (int i = 0; i < count; i++) {
      group[i] = Arrays.binarySearch(channels, fingerprints[i] ^ SIGN);
      ends[group[i]]++;
    }
    int[] place = new int[channels.length];
    for (int g = 1; g < channels.length; g++) {
      place[g] = place[g - 1] + ends[g - 1];
    }
    long[] sorted = new long[count];
    for (int i = 0; i < count; i++) {
      sorted[place[group[i]]++] = offsets[i];
    }
    BinaryWriter data = new BinaryWriter();
    int at = 0;
    for (int g = 0; g < channels.length; g++) {
      long last = stretch.from();
      for (; at < place[g]; at++) {
        data.varint(sorted[at] - last);
        last = sorted[at];
      }
      ends[g] = data.length();
    }
    return assemble(stretch, channels, ends, data, version);
  }

  private static byte[] assemble(
      Stretch stretch, long[] channels, int[] ends, BinaryWriter data, FormatVersion version) {
    BinaryWriter out = new BinaryWriter();
    out.octet(version.octet());
    out.text(stretch.region().value());
    out.int40(stretch.log().bits());
    out.varint(stretch.partition());
    out.varint(stretch.from());
    out.varint(stretch.to() - stretch.from());
    out.varint(channels.length);
    for (int g = 0; g < channels.length; g++) {
      out.int64(channels[g] ^ SIGN);
      out.int32(ends[g]);
    }
    out.bytes(data);
    version.end(out);
    return out.toByteArray();
  }

  /**
   * Reads a record's value, which the result keeps.
   *
   * @throws RecordFormatException if it is broken or of a newer version
   */
  public static IndexRecord decode(byte[] value) {
    try {
      BinaryReader in = new BinaryReader(value);
      FormatVersion.check(in.octet(), "an index record");
      Region region = new Region(in.text());
      LogId log = new LogId(in.int40());
      int partition = in.varint32();
      long from = in.varint63();
      Stretch stretch =
          new Stretch(region, log, partition, from, Math.addExact(from, in.varint63()));
      int groups = in.varint32();
      if (groups > (value.length - in.position()) / TABLE_ENTRY) {
        throw new IllegalArgumentException("more channels than bytes");
      }
      verify(stretch, value, groups, in.position());
      return new IndexRecord(stretch, value, groups, in.position());
    } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
      throw new RecordFormatException("an index record is broken", e);
    }
  }

  /** Makes sure that reading the groups can neither leave the bytes nor the stretch. */
  private static void verify(Stretch stretch, byte[] value, int groups, int table) {
    int data = table + groups * TABLE_ENTRY;
    BinaryReader in = new BinaryReader(value, data);
    long messages = 0;
    for (int g = 0; g < groups; g++) {
      int entry = table + g * TABLE_ENTRY;
      if (g > 0
          && Long.compareUnsigned(int64(value, entry - TABLE_ENTRY), int64(value, entry)) >= 0) {
        throw new IllegalArgumentException("channels are not in order");
      }
      int end = int32(value, entry + 8);
      if (end <= in.position() - data || end > value.length - data) {
        throw new IllegalArgumentException("a channel without offsets, or past the end");
      }
      long last = -1;
      while (in.position() - data < end) {
        long delta = in.varint63();
        if (last >= 0 && delta == 0) {
          throw new IllegalArgumentException("an offset twice");
        }
        last = Math.addExact(last < 0 ? stretch.from() : last, delta);
        if (last >= stretch.to()) {
          throw new IllegalArgumentException("an offset outside of the stretch");
        }
        messages++;
      }
      if (in.position() - data != end) {
        throw new IllegalArgumentException("an offset across the end of its channel");
      }
    }
    if (messages > stretch.to() - stretch.from()) {
      throw new IllegalArgumentException("more messages than offsets");
    }
  }

  static long int64(byte[] bytes, int at) {
    return (long) int32(bytes, at) << 32 | int32(bytes, at + 4) & 0xffffffffL;
  }

  static int int32(byte[] bytes, int at) {
    return bytes[at] << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | bytes[at + 3] & 0xff;
  }

  private static void check(Stretch stretch, long[] offsets, int count) {
    long last = stretch.from() - 1;
    for (int i = 0; i < count; i++) {
      if (offsets[i] <= last) {
        throw new IllegalArgumentException("offsets rise, from the stretch's first one");
      }
      last = offsets[i];
    }
    if (last >= stretch.to()) {
      throw new IllegalArgumentException("an offset past the stretch");
    }
  }

  /** The fingerprints once each, with the sign bit turned so that they sort as unsigned numbers. */
  private static long[] distinct(long[] fingerprints, int count) {
    long[] all = Arrays.copyOf(fingerprints, count);
    for (int i = 0; i < count; i++) {
      all[i] ^= SIGN;
    }
    Arrays.sort(all);
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || all[i] != all[i - 1]) {
        all[kept++] = all[i];
      }
    }
    return Arrays.copyOf(all, kept);
  }
}
