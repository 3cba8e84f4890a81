package io.lqrealtime.record;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes the binary forms of this package into a growing array. Not safe for several threads. */
public final class BinaryWriter {
  private byte[] bytes = new byte[96];
  private int length;

  public void octet(byte value) {
    room(1);
    bytes[length++] = value;
  }

  /** Unsigned LEB128: 1 byte up to 127, 10 at the most. */
  public void varint(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  public void zigzag(long value) {
    varint(value << 1 ^ value >> 63);
  }

  public void int40(long value) {
    room(5);
    for (int shift = 32; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  void int32(int value) {
    room(4);
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  public void int64(long value) {
    room(8);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
  }

  public void text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    varint(utf8.length);
    room(utf8.length);
    System.arraycopy(utf8, 0, bytes, length, utf8.length);
    length += utf8.length;
  }

  /** Appends bytes as they are. */
  public void bytes(byte[] value) {
    bytes(value, value.length);
  }

  /** Appends what another has written. */
  void bytes(BinaryWriter other) {
    bytes(other.bytes, other.length);
  }

  private void bytes(byte[] value, int count) {
    room(count);
    System.arraycopy(value, 0, bytes, length, count);
    length += count;
  }

  /** The number of bytes written. */
  int length() {
    return length;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
