package io.lqrealtime.gateway.transport;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The frames that wait for a socket, in order: a ring of references to arrays that are shared with
 * other connections. Confined to an I/O thread, and owned by a connection only while something
 * waits.
 */
final class FrameQueue {
  private static final int INITIAL = 16;

  /** Fills free places, so that what has gone out is not held on to. */
  private static final byte[] NONE = new byte[0];

  private byte[][] ring = new byte[INITIAL][];
  private int head;
  private int size;

  /** How much of the first frame has gone out already. */
  private int sentOfFirst;

  private long bytes;

  boolean isEmpty() {
    return size == 0;
  }

  /** What still has to go out. */
  long bytes() {
    return bytes;
  }

  void add(byte[] frame) {
    if (size == ring.length) {
      grow();
    }
    ring[(head + size) & (ring.length - 1)] = frame;
    size++;
    bytes += frame.length;
  }

  /**
   * Copies as much from the front as fits into the buffer; what goes out of it is told to {@link
   * #sent}.
   */
  void copyTo(ByteBuffer buffer) {
    int skip = sentOfFirst;
    for (int i = 0; i < size && buffer.hasRemaining(); i++) {
      byte[] frame = frameAt(i);
      int length = Math.min(frame.length - skip, buffer.remaining());
      buffer.put(frame, skip, length);
      skip = 0;
    }
  }

  void sent(int count) {
    bytes -= count;
    int left = sentOfFirst + count;
    while (size > 0 && left >= frameAt(0).length) {
      left -= frameAt(0).length;
      ring[head] = NONE;
      head = (head + 1) & (ring.length - 1);
      size--;
    }
    sentOfFirst = left;
  }

  /** Drops every frame that has not begun to go out. */
  void dropUnsent() {
    int keep = sentOfFirst > 0 ? 1 : 0;
    for (int i = keep; i < size; i++) {
      bytes -= frameAt(i).length;
      ring[(head + i) & (ring.length - 1)] = NONE;
    }
    size = Math.min(size, keep);
  }

  /** Whether the ring is of its first size, so that it may serve another connection. */
  boolean isSmall() {
    return ring.length == INITIAL;
  }

  private byte[] frameAt(int index) {
    return ring[(head + index) & (ring.length - 1)];
  }

  private void grow() {
    byte[][] wider = Arrays.copyOfRange(ring, head, head + ring.length * 2);
    int first = ring.length - head;
    Arrays.fill(wider, first, wider.length, NONE);
    System.arraycopy(ring, 0, wider, first, head);
    ring = wider;
    head = 0;
  }
}
