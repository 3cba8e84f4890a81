package io.lqrealtime.gateway.websocket;

import java.util.function.LongSupplier;
import java.util.zip.Deflater;

/**
 * Deflates text frames for clients that negotiated permessage-deflate (RFC 7692 section 7.2.1),
 * each by itself: any of these clients can read any of them, so that a frame which goes to many of
 * them in a row is deflated once.
 *
 * <p><strong>Bounds.</strong> A frame of more than {@value #MAX_BYTES} bytes goes out as it is: it
 * would keep the thread for too long. So do those that would cost more than {@value #SHARE} of the
 * thread's time, which is there for all clients, once {@value #BURST_NANOS} ns of it have been used
 * up. zlib holds about 270 KB, and two frames are held beside it.
 *
 * <p>For one thread.
 */
final class MessageDeflater {

  /** About a millisecond of work. */
  static final int MAX_BYTES = 64 * 1024;

  /** Of the time of the thread, in which it may deflate: one part of so many. */
  static final int SHARE = 4;

  /** What may be deflated at once after a rest: a few hundred short frames. */
  static final long BURST_NANOS = 4_000_000;

  // About what it takes, as measured: so that what is deflated does not depend on how busy the
  // machine is.
  static final long NANOS_A_FRAME = 6_000;
  static final long NANOS_A_BYTE = 12;

  private static final int WHOLE_TEXT = 0x80 | Opcode.TEXT;

  /** The end of what a flush writes, which is left out. */
  private static final int TAIL_BYTES = 4;

  private static final byte[] NONE = {};

  // Higher levels take up to six times as long, and leave 2 to 8 % less of such short texts.
  private final Deflater zlib = new Deflater(Deflater.BEST_SPEED, true);
  private final int minBytes;
  private final LongSupplier nanos;
  private final Runnable skipped;

  /** When the time used so far will have been made up for. */
  private long madeUpForAt;

  private byte[] out = NONE;
  private byte[] last = NONE;
  private byte[] lastDeflated = NONE;

  /**
   * @param minBytes a shorter text goes out as it is
   * @param nanos a clock that only rises
   * @param skipped run for each frame that goes out as it is for want of time
   */
  MessageDeflater(int minBytes, LongSupplier nanos, Runnable skipped) {
    this.minBytes = minBytes;
    this.nanos = nanos;
    this.skipped = skipped;
    this.madeUpForAt = nanos.getAsLong();
  }

  /**
   * The frame with its text deflated; the frame itself if it is no whole text, is too short or too
   * long, would not become shorter, or there is no time. The same for the same array in a row.
   */
  @SuppressWarnings("ReferenceEquality") // The very array: what it says was deflated just now.
  byte[] deflated(byte[] frame) {
    if (frame == last) {
      return lastDeflated;
    }
    if ((frame[0] & 0xFF) != WHOLE_TEXT) {
      return frame;
    }
    int header = FrameEncoder.headerLengthOf(frame);
    int length = frame.length - header;
    if (length < minBytes || length > MAX_BYTES) {
      return frame;
    }
    byte[] deflated = frame;
    if (hasTimeFor(length)) {
      deflated = deflate(frame, header, length);
    } else {
      skipped.run();
    }
    last = frame;
    lastDeflated = deflated;
    return deflated;
  }

  /** Counts the time that it takes, if there is some. (A leaky bucket as a meter, ITU-T I.371.) */
  private boolean hasTimeFor(int length) {
    long now = nanos.getAsLong();
    long since = Math.max(madeUpForAt, now);
    if (since - now > (BURST_NANOS - 1) * SHARE) {
      return false;
    }
    madeUpForAt = since + (NANOS_A_FRAME + NANOS_A_BYTE * length) * SHARE;
    return true;
  }

  private byte[] deflate(byte[] frame, int from, int length) {
    if (out.length < length) {
      out = new byte[Math.min(MAX_BYTES, Math.max(length, 2 * out.length))];
    }
    zlib.reset();
    zlib.setInput(frame, from, length);
    // With no more room than the text takes: what fills it has not become shorter.
    int count = zlib.deflate(out, 0, length, Deflater.SYNC_FLUSH);
    if (count >= length) {
      return frame;
    }
    int size = count - TAIL_BYTES;
    byte[] deflated = new byte[FrameEncoder.headerLength(size) + size];
    int start = FrameEncoder.writeDeflatedTextHeader(deflated, 0, size);
    System.arraycopy(out, 0, deflated, start, size);
    return deflated;
  }
}
