package io.lqrealtime.gateway.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The masking of client frames (RFC 6455 section 5.3), undone in place, eight bytes at a time. A
 * mask is an int whose lowest byte is the mask's first: what {@link #read} gives.
 */
final class Mask {

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle MASK =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

  private Mask() {}

  static int read(byte[] bytes, int offset) {
    return (int) MASK.get(bytes, offset);
  }

  /** The mask as it applies to what follows after {@code count} bytes of the payload. */
  static int after(int mask, int count) {
    return Integer.rotateRight(mask, (count & 3) << 3);
  }

  /**
   * Removes the mask, and says whether what was below it is ASCII altogether. Most text is, and
   * asking here, where every byte is in a register, saves the check of UTF-8 a pass of its own.
   */
  static boolean remove(byte[] bytes, int offset, int length, int mask) {
    long wide = mask & 0xFFFF_FFFFL;
    wide |= wide << 32;
    long seen = 0;
    int index = offset;
    int end = offset + length;
    for (; index <= end - Long.BYTES; index += Long.BYTES) {
      long word = (long) WORD.get(bytes, index) ^ wide;
      WORD.set(bytes, index, word);
      seen |= word;
    }
    for (; index < end; index++) {
      byte b = (byte) (bytes[index] ^ wide);
      bytes[index] = b;
      // A byte that is not ASCII is negative, and widening it sets the bits that are asked for
      // below.
      seen |= b;
      wide >>>= 8;
    }
    return (seen & NOT_ASCII) == 0;
  }
}
