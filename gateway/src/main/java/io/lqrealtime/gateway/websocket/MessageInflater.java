package io.lqrealtime.gateway.websocket;

import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Inflates messages of permessage-deflate (RFC 7692 section 7.2.2), each by itself: nothing is kept
 * from one message to the next. One that is cut off within a block is found out.
 *
 * <p><strong>Bounds.</strong> Its buffer grows with what has come out, never beyond the longest
 * message and a byte; a message that would be longer is given up at that byte, whatever it would
 * have come to. zlib holds about 40 KB beside it. How long a call takes is bounded by both ends:
 * what comes out is, and what goes in costs the most where it is table after table for no text
 * (which the frame's own bound cuts off).
 *
 * <p>For one thread.
 */
public final class MessageInflater {

  /** The message is longer than may be. */
  static final int TOO_LONG = -1;

  /** What was received does not inflate, or is not whole. */
  static final int MALFORMED = -2;

  private static final int INITIAL_BYTES = 4096;

  /**
   * Section 7.2.3.4 lets a sender end a block as the last one and go on behind it; zlib has to
   * start anew for each.
   */
  private static final int MAX_FINAL_BLOCKS = 16;

  /**
   * What the sender has left out (section 7.2.1), and a last block without text: zlib comes to its
   * end, and to no more text, if all before it are whole.
   */
  private static final byte[] END = {
    0, 0, (byte) 0xFF, (byte) 0xFF, 1, 0, 0, (byte) 0xFF, (byte) 0xFF
  };

  private final Inflater zlib = new Inflater(true);
  private final int maxMessageBytes;
  private final LongSupplier nanos;
  private final byte[] end = new byte[1];
  private byte[] message = {};
  private int length;

  /** The length when zlib started anew the last time. */
  private int lengthBefore;

  private long takenNanos;

  /**
   * @param nanos a clock that only rises
   */
  public MessageInflater(int maxMessageBytes, LongSupplier nanos) {
    this.maxMessageBytes = maxMessageBytes;
    this.nanos = nanos;
  }

  /**
   * Inflates a whole message into {@link #message()}.
   *
   * @return its length, {@link #TOO_LONG} or {@link #MALFORMED}
   */
  int inflate(byte[] bytes, int offset, int count) {
    long begin = nanos.getAsLong();
    try {
      return inflateAll(bytes, offset, count);
    } finally {
      takenNanos += nanos.getAsLong() - begin;
    }
  }

  /** The time that messages have taken since this was asked the last time. */
  long takenNanos() {
    long taken = takenNanos;
    takenNanos = 0;
    return taken;
  }

  private int inflateAll(byte[] bytes, int offset, int count) {
    length = 0;
    restart(bytes, offset, count);
    int finalBlocks = 0;
    try {
      while (advance()) {
        if (zlib.finished()) {
          if (++finalBlocks > MAX_FINAL_BLOCKS) {
            return MALFORMED;
          }
          int left = zlib.getRemaining();
          restart(bytes, offset + count - left, left);
        } else {
          return endsWhole() ? length : MALFORMED;
        }
      }
      return TOO_LONG;
    } catch (DataFormatException e) {
      // What it had written before it came to that is not in the length.
      return lengthBefore + zlib.getBytesWritten() > maxMessageBytes ? TOO_LONG : MALFORMED;
    }
  }

  /** Where the message that was inflated last begins; written again by the next. */
  byte[] message() {
    return message;
  }

  /** Whether nothing is missing, so that the end is just that, and no part of a block. */
  private boolean endsWhole() {
    zlib.setInput(END);
    try {
      boolean silent = zlib.inflate(end) == 0;
      return silent && zlib.finished() && zlib.getRemaining() == 0;
    } catch (DataFormatException e) {
      return false;
    }
  }

  private void restart(byte[] bytes, int offset, int count) {
    zlib.reset();
    lengthBefore = length;
    zlib.setInput(bytes, offset, count);
  }

  /** Goes on to the end of a last block or of the input; false where the message is too long. */
  private boolean advance() throws DataFormatException {
    int more;
    do {
      if (length == message.length) {
        long roomy = Math.max(INITIAL_BYTES, 2L * length);
        message = Arrays.copyOf(message, (int) Math.min(maxMessageBytes + 1L, roomy));
      }
      more = zlib.inflate(message, length, message.length - length);
      length += more;
      if (length > maxMessageBytes) {
        return false;
      }
    } while (!zlib.finished() && more > 0);
    return true;
  }
}
