package io.lqrealtime.gateway.transport;

import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.gateway.websocket.PerMessageDeflate;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.xnio.conduits.ConduitStreamSinkChannel;

/**
 * What waits for one client's socket: frames, as they go over the wire, within a bound that is
 * lower while the tenant's clients have used up their share of the memory for all. What waits is
 * counted there. It has a queue of its own only while something waits.
 *
 * <p>Whoever adds has to see to it that it is written. Confined to the I/O thread.
 */
final class Outbound {
  /** Of the bound: what is left when there is room again. */
  private static final int LOW_WATER = 4;

  private final EventLoop loop;
  private final MemoryBudget.Account memory;
  private final int maxBytes;

  /** The thread's, where the client negotiated it. */
  private final @Nullable PerMessageDeflate deflate;

  private @Nullable FrameQueue queue;

  /**
   * @param maxBytes the bound while there is memory
   * @param deflate the I/O thread's, if the client negotiated it
   */
  Outbound(
      EventLoop loop,
      MemoryBudget.Account memory,
      int maxBytes,
      @Nullable PerMessageDeflate deflate) {
    this.loop = loop;
    this.memory = memory;
    this.maxBytes = maxBytes;
    this.deflate = deflate;
  }

  /** Adds a frame, whatever waits already; how many bytes do then. */
  long add(byte[] frame) {
    return addOnWire(frame, onWire(frame));
  }

  /**
   * Adds a frame, if there is room for it; one that is longer than the bound has an empty queue.
   */
  boolean offer(byte[] frame) {
    byte[] sent = onWire(frame);
    long waiting = bytes();
    if (waiting > 0 && waiting + sent.length > bound()) {
      return false;
    }
    addOnWire(frame, sent);
    return true;
  }

  private byte[] onWire(byte[] frame) {
    return deflate == null ? frame : deflate.deflated(frame);
  }

  private long addOnWire(byte[] frame, byte[] sent) {
    FrameQueue frames = queue;
    if (frames == null) {
      frames = loop.takeQueue();
      queue = frames;
    }
    frames.add(sent);
    memory.queued(sent.length);
    if (deflate != null) {
      deflate.sent(
          sent.length - FrameEncoder.headerLengthOf(sent),
          frame.length - FrameEncoder.headerLengthOf(frame));
    }
    return frames.bytes();
  }

  /** What may wait at present. */
  int bound() {
    return memory.outboundBound(maxBytes);
  }

  /** What waits. */
  long bytes() {
    FrameQueue frames = queue;
    return frames == null ? 0 : frames.bytes();
  }

  boolean isEmpty() {
    return bytes() == 0;
  }

  /** Whether so little waits that there is room again. */
  boolean isLow() {
    return bytes() <= bound() / LOW_WATER;
  }

  /**
   * What may be added for a client that catches up, so that live frames find room; may be less than
   * 0.
   */
  long room() {
    return memory.answersBound(maxBytes) / 2 - bytes();
  }

  /** Whether an answer of so many bytes may be added. */
  boolean mayAnswer(int bytes) {
    int bound = memory.answersBound(maxBytes);
    return bound == maxBytes || bytes() + bytes <= bound;
  }

  /**
   * Writes as much as fits into the thread's buffer.
   *
   * @return whether the socket took it all
   */
  boolean write(ConduitStreamSinkChannel sink, boolean secure) throws IOException {
    FrameQueue frames = queue;
    if (frames == null) {
      return true;
    }
    ByteBuffer buffer = loop.writeBuffer();
    frames.copyTo(buffer);
    buffer.flip();
    int sent = secure ? writeRecords(sink, buffer) : sink.write(buffer);
    if (sent > 0) {
      frames.sent(sent);
      memory.queued(-sent);
    }
    return !buffer.hasRemaining();
  }

  /** Returns what was taken. */
  private static int writeRecords(ConduitStreamSinkChannel sink, ByteBuffer buffer)
      throws IOException {
    int before;
    do {
      before = buffer.remaining();
      sink.write(buffer);
      // Not what a write returns, which is 0 where a record of TLS itself had to go out with it.
    } while (buffer.hasRemaining() && buffer.remaining() < before);
    return buffer.position();
  }

  /** Gives the queue back, once nothing waits. */
  void rest() {
    FrameQueue frames = queue;
    if (frames != null && frames.isEmpty()) {
      queue = null;
      loop.giveBack(frames);
    }
  }

  /** Drops every frame that has not begun to go out. */
  void dropUnsent() {
    FrameQueue frames = queue;
    if (frames != null) {
      long before = frames.bytes();
      frames.dropUnsent();
      memory.queued(frames.bytes() - before);
    }
  }

  /** Nothing goes out any more. */
  void close() {
    memory.queued(-bytes());
    queue = null;
  }
}
