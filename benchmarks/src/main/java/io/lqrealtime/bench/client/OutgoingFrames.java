package io.lqrealtime.bench.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Masked frames, one after the other, to go out in one write: {@link Connection#send} takes them
 * all or none, and leaves this empty to be filled again. Not for several threads.
 *
 * <p>The masking keys come from a fast generator, not from the strong one that RFC 6455 section 5.3
 * asks of browsers: no proxy cache that could be poisoned stands between a load generator and its
 * gateway.
 *
 * <p>{@link #frame} and {@link #raw} also build what a well-behaved client never sends, for tests
 * of the server.
 */
public final class OutgoingFrames {

  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private static final int MASKED = 0x80;
  private static final int LONGEST_HEADER = 14;

  private ByteBuffer buffer = ByteBuffer.allocate(512);

  public OutgoingFrames text(byte[] utf8, int offset, int length) {
    return frame(true, TEXT, utf8, offset, length);
  }

  public OutgoingFrames text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return text(utf8, 0, utf8.length);
  }

  public OutgoingFrames binary(byte[] bytes) {
    return frame(true, BINARY, bytes, 0, bytes.length);
  }

  public OutgoingFrames ping(byte[] bytes) {
    return frame(true, PING, bytes, 0, bytes.length);
  }

  OutgoingFrames pong(byte[] bytes, int offset, int length) {
    return frame(true, PONG, bytes, offset, length);
  }

  /** A close frame; without a code (an empty body) for 1005. */
  OutgoingFrames close(int code, String reason) {
    if (code == 1005) {
      return frame(true, CLOSE, new byte[0], 0, 0);
    }
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, 123);
    byte[] body = new byte[2 + length];
    body[0] = (byte) (code >> 8);
    body[1] = (byte) code;
    System.arraycopy(text, 0, body, 2, length);
    return frame(true, CLOSE, body, 0, body.length);
  }

  /**
   * One masked frame of any kind.
   *
   * @param last whether FIN is set
   * @param opcode 0 to 15
   */
  public OutgoingFrames frame(boolean last, int opcode, byte[] bytes, int offset, int length) {
    room(LONGEST_HEADER + length);
    ByteBuffer out = buffer;
    out.put((byte) ((last ? 0x80 : 0) | (opcode & 0x0f)));
    if (length < 126) {
      out.put((byte) (MASKED | length));
    } else if (length < 1 << 16) {
      out.put((byte) (MASKED | 126)).putShort((short) length);
    } else {
      out.put((byte) (MASKED | 127)).putLong(length);
    }
    int key = ThreadLocalRandom.current().nextInt();
    out.putInt(key);
    int start = out.position();
    out.put(bytes, offset, length);
    mask(out, start, length, key);
    return this;
  }

  /** Bytes as they are. */
  public OutgoingFrames raw(byte[] bytes) {
    room(bytes.length);
    buffer.put(bytes);
    return this;
  }

  public boolean isEmpty() {
    return buffer.position() == 0;
  }

  /** Bytes of all frames. */
  public int size() {
    return buffer.position();
  }

  /** A copy of all of them, to be sent again as {@link #raw} ones. */
  public byte[] bytes() {
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  void clear() {
    buffer.clear();
  }

  /** What is to be written; valid until the next change. */
  ByteBuffer toWrite() {
    return ByteBuffer.wrap(buffer.array(), 0, buffer.position());
  }

  private static void mask(ByteBuffer out, int start, int length, int key) {
    long wide = ((long) key << 32) | (key & 0xffff_ffffL);
    int at = start;
    int end = start + length;
    for (; at + 8 <= end; at += 8) {
      out.putLong(at, out.getLong(at) ^ wide);
    }
    for (int shift = 56; at < end; at++, shift -= 8) {
      out.put(at, (byte) (out.get(at) ^ (wide >>> shift)));
    }
  }

  private void room(int more) {
    if (buffer.remaining() < more) {
      int needed = Math.addExact(buffer.position(), more);
      byte[] grown = Arrays.copyOf(buffer.array(), Math.max(needed, Math.min(needed, 1 << 29) * 2));
      int position = buffer.position();
      buffer = ByteBuffer.wrap(grown).position(position);
    }
  }
}
