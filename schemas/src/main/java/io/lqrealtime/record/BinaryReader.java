package io.lqrealtime.record;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Reads what {@link BinaryWriter} wrote. Every method throws {@link IndexOutOfBoundsException} or
 * {@link IllegalArgumentException} where the bytes are not of that form, and never allocates more
 * than they hold.
 */
public final class BinaryReader {
  private final byte[] bytes;
  private int at;

  public BinaryReader(byte[] bytes) {
    this(bytes, 0);
  }

  BinaryReader(byte[] bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  /** How many bytes have been read, and those before where the reader began. */
  public int position() {
    return at;
  }

  public boolean isAtEnd() {
    return at >= bytes.length;
  }

  public byte octet() {
    return bytes[at++];
  }

  public long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = bytes[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a varint of more than 10 bytes");
  }

  /** A varint from 0 to 2^63-1. */
  public long varint63() {
    long value = varint();
    if (value < 0) {
      throw new IllegalArgumentException("a number past 2^63-1");
    }
    return value;
  }

  /** A varint from 0 to 2^31-1. */
  public int varint32() {
    long value = varint();
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a number past 2^31-1");
    }
    return (int) value;
  }

  public long zigzag() {
    long value = varint();
    return value >>> 1 ^ -(value & 1);
  }

  public long int40() {
    return bigEndian(5);
  }

  public long int64() {
    return bigEndian(8);
  }

  private long bigEndian(int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      value = value << 8 | (bytes[at++] & 0xff);
    }
    return value;
  }

  public String text() {
    int length = varint32();
    Objects.checkFromIndexSize(at, length, bytes.length);
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return text;
  }
}
