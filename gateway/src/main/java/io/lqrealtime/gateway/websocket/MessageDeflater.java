package io.lqrealtime.gateway.websocket;

import java.util.zip.Deflater;

/**
 * Deflates text frames for clients that negotiated permessage-deflate (RFC 7692 section 7.2.1),
 * each by itself: any of these clients can read any of them, so that a frame which goes to many of
 * them in a row is deflated once.
 *
 * <p><strong>Bounds.</strong> A frame of more than {@value #MAX_BYTES} bytes goes out as it is: it
 * would keep the thread for too long. zlib holds about 270 KB, and two frames are held beside it.
 *
 * <p>For one thread.
 */
final class MessageDeflater {

  /** About a millisecond of work. */
  static final int MAX_BYTES = 64 * 1024;

  private static final int WHOLE_TEXT = 0x80 | Opcode.TEXT;

  /** The end of what a flush writes, which is left out. */
  private static final int TAIL_BYTES = 4;

  private static final byte[] NONE = {};

  // Higher levels take up to six times as long, and leave 2 to 8 % less of such short texts.
  private final Deflater zlib = new Deflater(Deflater.BEST_SPEED, true);
  private final int minBytes;
  private byte[] out = NONE;
  private byte[] last = NONE;
  private byte[] lastDeflated = NONE;

  /**
   * @param minBytes a shorter text goes out as it is
   */
  MessageDeflater(int minBytes) {
    this.minBytes = minBytes;
  }

  /**
   * The frame with its text deflated; the frame itself if it is no whole text, is too short or too
   * long, or would not become shorter. The same for the same array in a row.
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
    byte[] deflated = deflate(frame, header, length);
    last = frame;
    lastDeflated = deflated;
    return deflated;
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
