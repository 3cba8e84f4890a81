package io.lqrealtime.gateway.websocket;

import io.lqrealtime.text.Utf8;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a server's WebSocket connection (RFC 6455): the bytes that a client sent,
 * in whatever pieces, become calls of a {@link FrameHandler}. Does no I/O, sends nothing and knows
 * no clock: answering pings and closes, and how many frames a second are too many, is its owner's
 * business.
 *
 * <p><strong>Guarantees.</strong> What the handler sees depends on the bytes alone, not on how they
 * were cut into reads. A rule that is broken is reported at the first byte that shows it, not when
 * the frame is whole; the rules and their codes are the constants of {@link Violation}. Control
 * frames between fragments are delivered at once. After a Close frame, a violation or {@link
 * #stop()} further bytes are ignored (section 1.4: nothing follows a Close). Whatever a client
 * sends, {@code decode} does not throw; if the handler does, the decoder stops, and the exception
 * goes to the caller.
 *
 * <p><strong>Memory.</strong> Two references: 16 bytes with compact object headers, on a connection
 * from which nothing is incomplete. A whole text frame is unmasked, checked and delivered within
 * the read buffer that all connections of an I/O thread share, and costs no allocation; so does a
 * whole control frame, but for the reason of a Close. What is incomplete at the end of a read is
 * copied out, at most {@link FrameLimits#maxMessageBytes} plus 179 bytes ({@link
 * #retainedBytes()}), and dropped as soon as it is complete. A deflated message is inflated when it
 * is whole, into the buffer of the {@link MessageInflater} that all connections of an I/O thread
 * share.
 *
 * <p><strong>Backpressure.</strong> There is no pause here: a transport that is to pause stops
 * reading, and does not call {@code decode}. The frames behind the one at which the owner decided
 * so, in the same read, are still delivered. So an owner that pauses gets at most one read buffer
 * more: with 16 KiB that is at most 16 KiB of payload (and what was incomplete before it) in at
 * most 2,730 frames, since none is shorter than 6 bytes. Of deflated messages it may be a thousand
 * times as much: who takes them reads less at a time.
 *
 * <p><strong>Threading.</strong> None of its own; calls must not overlap, as on one I/O thread.
 */
public final class FrameDecoder {

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  // Section 5.2. In the first byte the sign is FIN, in the second it is MASK.
  private static final int RESERVED_BITS = 0x70;

  /** RFC 7692 section 6: set in the first frame of a message that is deflated. */
  private static final int RSV1 = 0x40;

  private static final int OPCODE_BITS = 0x0F;
  private static final int LENGTH_BITS = 0x7F;
  private static final int LENGTH_IN_16_BITS = 126;
  private static final int LENGTH_IN_64_BITS = 127;
  private static final int MASK_BYTES = 4;
  private static final int SHORTEST_HEADER = 2 + MASK_BYTES;

  /**
   * Stands in place of an assembly once input is ignored, which saves the field that would say so.
   * Never changed.
   */
  private static final Assembly STOPPED = new Assembly();

  private final FrameRules rules;

  /** What is incomplete; null on most connections most of the time. */
  private @Nullable Assembly assembly;

  public FrameDecoder(FrameRules rules) {
    this.rules = rules;
  }

  /**
   * Consumes all that remains in the buffer, and writes into it: payloads are unmasked in place.
   *
   * @param in a buffer with an array that may be written; its position is at its limit from the
   *     first call of the handler on
   * @throws UnsupportedOperationException if the buffer has no such array
   */
  public void decode(ByteBuffer in, FrameHandler handler) {
    byte[] bytes = in.array();
    int position = in.arrayOffset() + in.position();
    int end = in.arrayOffset() + in.limit();
    in.position(in.limit());
    boolean returned = false;
    try {
      while (position < end && assembly != STOPPED) {
        position = advance(bytes, position, end, handler);
      }
      returned = true;
    } finally {
      if (!returned) {
        // The handler threw in the middle of a stream that cannot be read from there again.
        stop();
      }
    }
  }

  /**
   * Ignores all further bytes, those behind the current frame included, and drops what was
   * incomplete.
   */
  public void stop() {
    assembly = STOPPED;
  }

  /**
   * The memory that is held beside the decoder itself: 0 if nothing is incomplete, else some
   * bookkeeping and the buffers. For an owner that has a budget for many connections.
   */
  public int retainedBytes() {
    Assembly open = assembly;
    return open == null || open == STOPPED ? 0 : open.retainedBytes();
  }

  /**
   * Looks at some of the bytes, one at least, and returns where those begin that it has not
   * consumed.
   */
  private int advance(byte[] bytes, int position, int end, FrameHandler handler) {
    Assembly open = assembly;
    if (open != null && open.remaining() > 0) {
      return payload(open, bytes, position, end, handler);
    }
    if (open != null && open.headLength() > 0) {
      return head(open, bytes, position, end, handler);
    }
    int next = frame(bytes, position, end, handler);
    if (next > position) {
      return next;
    }
    int count = end - position;
    open().keepHead(bytes, position, count, count);
    return end;
  }

  private Assembly open() {
    Assembly open = assembly;
    if (open == null) {
      open = new Assembly();
      assembly = open;
    }
    return open;
  }

  /** Adds as many bytes to a head as are known to be missing, and looks at it again. */
  private int head(Assembly open, byte[] bytes, int position, int end, FrameHandler handler) {
    int needed = headSize(open.head(), open.headLength());
    int count = Math.min(needed - open.headLength(), end - position);
    open.keepHead(bytes, position, count, needed);
    frame(open.head(), 0, open.headLength(), handler);
    return position + count;
  }

  /** The size of a header, or of a whole control frame, as far as its bytes say. */
  private static int headSize(byte[] head, int length) {
    if (length < 2) {
      return 2;
    }
    int announced = head[1] & LENGTH_BITS;
    if (Opcode.isControl(head[0] & OPCODE_BITS)) {
      return SHORTEST_HEADER + announced;
    }
    return switch (announced) {
      case LENGTH_IN_16_BITS -> SHORTEST_HEADER + Short.BYTES;
      case LENGTH_IN_64_BITS -> SHORTEST_HEADER + Long.BYTES;
      default -> SHORTEST_HEADER;
    };
  }

  /**
   * A frame begins at {@code from}, and at least one byte of it is there.
   *
   * @return where what it consumed ends; {@code from} if a header or a control frame is not whole
   */
  private int frame(byte[] bytes, int from, int to, FrameHandler handler) {
    Assembly open = assembly;
    boolean continues = open != null && open.hasMessage();
    int first = bytes[from];
    boolean last = first < 0;
    int opcode = first & OPCODE_BITS;
    int reserved = first & RESERVED_BITS;
    if (reserved != 0 && (reserved != RSV1 || !mayBeDeflated(opcode))) {
      return fail(Violation.RESERVED_BITS, to, handler);
    }
    switch (opcode) {
      case Opcode.TEXT, Opcode.BINARY -> {
        if (continues) {
          return fail(Violation.INTERLEAVED_MESSAGE, to, handler);
        }
        if (opcode == Opcode.BINARY) {
          return fail(Violation.BINARY, to, handler);
        }
      }
      case Opcode.CONTINUATION -> {
        if (!continues) {
          return fail(Violation.NOTHING_TO_CONTINUE, to, handler);
        }
      }
      case Opcode.CLOSE, Opcode.PING, Opcode.PONG -> {
        if (!last) {
          return fail(Violation.FRAGMENTED_CONTROL, to, handler);
        }
      }
      default -> {
        return fail(Violation.RESERVED_OPCODE, to, handler);
      }
    }
    if (to - from < 2) {
      return from;
    }
    int second = bytes[from + 1];
    if (second >= 0) {
      return fail(Violation.UNMASKED, to, handler);
    }
    int announced = second & LENGTH_BITS;
    return Opcode.isControl(opcode)
        ? controlFrame(opcode, announced, bytes, from, to, handler)
        : dataFrame(last, reserved != 0, announced, bytes, from, to, handler);
  }

  private boolean mayBeDeflated(int opcode) {
    return rules.inflater() != null && (opcode == Opcode.TEXT || opcode == Opcode.BINARY);
  }

  private int dataFrame(
      boolean last,
      boolean deflated,
      int announced,
      byte[] bytes,
      int from,
      int to,
      FrameHandler handler) {
    long length = announced;
    int payload = from + SHORTEST_HEADER;
    if (announced == LENGTH_IN_16_BITS) {
      payload += Short.BYTES;
      if (to - from < 2 + Short.BYTES) {
        return from;
      }
      length = (short) SHORT.get(bytes, from + 2) & 0xFFFF;
      if (length < LENGTH_IN_16_BITS) {
        return fail(Violation.LENGTH_ENCODING, to, handler);
      }
    } else if (announced == LENGTH_IN_64_BITS) {
      payload += Long.BYTES;
      if (to - from < 2 + Long.BYTES) {
        return from;
      }
      length = (long) LONG.get(bytes, from + 2);
      // Also where the highest bit is set, which makes it negative.
      if (length <= 0xFFFF) {
        return fail(Violation.LENGTH_ENCODING, to, handler);
      }
    }
    FrameLimits limits = rules.limits();
    Assembly open = assembly;
    int before = open == null ? 0 : open.messageLength();
    if (length > limits.maxMessageBytes() - before) {
      return fail(Violation.MESSAGE_TOO_BIG, to, handler);
    }
    int fragments = open == null ? 0 : open.fragments();
    if (fragments >= limits.maxFragmentsPerMessage()) {
      return fail(Violation.TOO_MANY_FRAGMENTS, to, handler);
    }
    if (payload > to) {
      return from;
    }
    int mask = Mask.read(bytes, payload - MASK_BYTES);
    int size = (int) length;
    if (last && fragments == 0 && to - payload >= size) {
      if (open != null) {
        assembly = null;
      }
      boolean ascii = Mask.remove(bytes, payload, size, mask);
      if (deflated) {
        return inflate(bytes, payload, size, handler) ? payload + size : to;
      }
      if (!ascii && !Utf8.isValid(bytes, payload, size)) {
        return fail(Violation.NOT_UTF8, to, handler);
      }
      handler.onText(bytes, payload, size, size);
      return payload + size;
    }
    Assembly message = open();
    message.dropHead();
    if (deflated) {
      message.beginDeflated();
    }
    message.beginFrame(last, size, mask);
    if (size == 0) {
      endFrame(message, handler);
    }
    return payload;
  }

  private int payload(Assembly open, byte[] bytes, int position, int end, FrameHandler handler) {
    int count = Math.min(open.remaining(), end - position);
    int bound = rules.limits().maxMessageBytes();
    if (open.keepPayload(bytes, position, count, bound) == Utf8.MALFORMED) {
      return fail(Violation.NOT_UTF8, end, handler);
    }
    if (open.remaining() == 0) {
      endFrame(open, handler);
    }
    return position + count;
  }

  private void endFrame(Assembly open, FrameHandler handler) {
    if (!open.isLastFrame()) {
      return;
    }
    assembly = null;
    int length = open.messageLength();
    if (open.isDeflated()) {
      inflate(open.message(), 0, length, handler);
    } else if (open.endsWithWholeCharacter()) {
      handler.onText(open.message(), 0, length, length);
    } else {
      fail(Violation.NOT_UTF8, 0, handler);
    }
  }

  /** Returns false if the message broke a rule. */
  private boolean inflate(byte[] bytes, int offset, int count, FrameHandler handler) {
    MessageInflater inflater = Objects.requireNonNull(rules.inflater());
    int length = inflater.inflate(bytes, offset, count);
    Violation violation =
        switch (length) {
          case MessageInflater.TOO_LONG -> Violation.MESSAGE_TOO_BIG;
          case MessageInflater.MALFORMED -> Violation.NOT_DEFLATED;
          default -> Utf8.isValid(inflater.message(), 0, length) ? null : Violation.NOT_UTF8;
        };
    if (violation != null) {
      fail(violation, 0, handler);
      return false;
    }
    handler.onText(inflater.message(), 0, length, count);
    return true;
  }

  private int controlFrame(
      int opcode, int length, byte[] bytes, int from, int to, FrameHandler handler) {
    if (length > FrameEncoder.MAX_CONTROL_PAYLOAD) {
      return fail(Violation.CONTROL_TOO_LONG, to, handler);
    }
    int payload = from + SHORTEST_HEADER;
    if (to - payload < length) {
      return from;
    }
    Mask.remove(bytes, payload, length, Mask.read(bytes, payload - MASK_BYTES));
    dropHead();
    switch (opcode) {
      case Opcode.PING -> handler.onPing(bytes, payload, length);
      case Opcode.PONG -> handler.onPong(bytes, payload, length);
      default -> close(bytes, payload, length, handler);
    }
    return payload + length;
  }

  /**
   * A control frame that came in pieces is whole; a message that it came between the fragments of
   * is not.
   */
  private void dropHead() {
    Assembly open = assembly;
    if (open != null) {
      open.dropHead();
      if (!open.hasMessage()) {
        assembly = null;
      }
    }
  }

  private void close(byte[] bytes, int payload, int length, FrameHandler handler) {
    stop();
    if (length == 0) {
      handler.onClose(CloseCode.NO_STATUS, "");
      return;
    }
    if (length == 1) {
      handler.onViolation(Violation.CLOSE_TOO_SHORT);
      return;
    }
    int code = (short) SHORT.get(bytes, payload) & 0xFFFF;
    int reason = payload + Short.BYTES;
    int reasonLength = length - Short.BYTES;
    if (!CloseCode.isAllowedOnWire(code)) {
      handler.onViolation(Violation.CLOSE_CODE);
    } else if (!Utf8.isValid(bytes, reason, reasonLength)) {
      handler.onViolation(Violation.NOT_UTF8);
    } else {
      handler.onClose(code, new String(bytes, reason, reasonLength, StandardCharsets.UTF_8));
    }
  }

  /**
   * Nothing behind what broke a rule is looked at: the caller goes on at the end, which this
   * returns.
   */
  private int fail(Violation violation, int end, FrameHandler handler) {
    stop();
    handler.onViolation(violation);
    return end;
  }
}
