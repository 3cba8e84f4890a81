package io.lqrealtime.router.core;

import io.lqrealtime.record.FormatVersion;
import io.lqrealtime.record.RecordFormatException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Ids in the order in which they were first seen, 20 bytes each, in the very bytes that the store
 * keeps: a version (1 byte), the base's offset and time (8 bytes each); then for each id the
 * distances of its offset and its time from the base's (2 bytes each, unsigned) and its fingerprint
 * (16 bytes); all big-endian.
 *
 * <p>Not safe for several threads.
 */
final class IdChunk {
  private static final byte VERSION = FormatVersion.FIRST.octet();
  private static final int HEADER = 17;
  private static final int ENTRY = 20;
  private static final int MAX_DISTANCE = 0xffff;

  /** So that a chunk stays below the 1 MiB that brokers take by default. */
  static final int MAX_COUNT = 1 << 15;

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes;
  private int count;
  private boolean saved;

  private IdChunk(byte[] bytes, int count, boolean saved) {
    this.bytes = bytes;
    this.count = count;
    this.saved = saved;
  }

  /** A chunk to which ids can be added; the first will lie here. */
  static IdChunk open(long offset, long time) {
    byte[] bytes = new byte[HEADER + 8 * ENTRY];
    bytes[0] = VERSION;
    LONG.set(bytes, 1, offset);
    LONG.set(bytes, 9, time);
    return new IdChunk(bytes, 0, false);
  }

  /** A stored chunk, which shares the bytes. */
  static IdChunk of(byte[] value) {
    check(value);
    return new IdChunk(value, (value.length - HEADER) / ENTRY, true);
  }

  /**
   * Makes sure that the value is a chunk.
   *
   * @throws RecordFormatException if it is broken or of a newer version
   */
  static void check(byte[] value) {
    if (value.length < HEADER + ENTRY || (value.length - HEADER) % ENTRY != 0) {
      throw new RecordFormatException("ids in " + value.length + " bytes");
    }
    FormatVersion.check(value[0], "ids");
  }

  /** The chunk as it is to be stored. */
  static byte[] inVersion(byte[] value, FormatVersion version) {
    if (value[0] == version.octet()) {
      return value;
    }
    byte[] versioned = value.clone();
    versioned[0] = version.octet();
    return versioned;
  }

  /** Whether an id of this place can't be added. */
  boolean isClosedTo(long offset, long time) {
    return saved
        || count == MAX_COUNT
        || offset - base() > MAX_DISTANCE
        || time < baseTime()
        || time - baseTime() > MAX_DISTANCE;
  }

  void add(IdFingerprint id, long offset, long time) {
    int at = HEADER + count * ENTRY;
    if (at == bytes.length) {
      bytes = Arrays.copyOf(bytes, HEADER + 2 * count * ENTRY);
    }
    SHORT.set(bytes, at, (short) (offset - base()));
    SHORT.set(bytes, at + 2, (short) (time - baseTime()));
    LONG.set(bytes, at + 4, id.high());
    LONG.set(bytes, at + 12, id.low());
    count++;
  }

  int count() {
    return count;
  }

  boolean isSaved() {
    return saved;
  }

  Chunk name() {
    return new Chunk(Chunk.Kind.IDS, base(), offset(count - 1) + 1);
  }

  /** The bytes to store. */
  byte[] value() {
    int length = HEADER + count * ENTRY;
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }

  /** From here on the stored bytes are this chunk's, and nothing is added. */
  void saved(byte[] value) {
    bytes = value;
    saved = true;
  }

  boolean is(int index, IdFingerprint id) {
    int at = HEADER + index * ENTRY;
    return low(index) == id.low() && (long) LONG.get(bytes, at + 4) == id.high();
  }

  long high(int index) {
    return (long) LONG.get(bytes, HEADER + index * ENTRY + 4);
  }

  long low(int index) {
    return (long) LONG.get(bytes, HEADER + index * ENTRY + 12);
  }

  long offset(int index) {
    return base() + Short.toUnsignedInt((short) SHORT.get(bytes, HEADER + index * ENTRY));
  }

  long time(int index) {
    return baseTime() + Short.toUnsignedInt((short) SHORT.get(bytes, HEADER + index * ENTRY + 2));
  }

  private long base() {
    return (long) LONG.get(bytes, 1);
  }

  private long baseTime() {
    return (long) LONG.get(bytes, 9);
  }
}
