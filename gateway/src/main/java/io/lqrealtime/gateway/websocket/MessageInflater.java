package io.lqrealtime.gateway.websocket;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Inflates messages of permessage-deflate (RFC 7692 section 7.2.2), each by itself: nothing is kept
 * from one message to the next.
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

  /** What was received does not inflate. */
  static final int MALFORMED = -2;

  private static final int INITIAL_BYTES = 4096;

  /**
   * Section 7.2.3.4 lets a sender end a block as the last one and go on behind it; zlib has to
   * start anew for each.
   */
  private static final int MAX_FINAL_BLOCKS = 16;

  /** What the sender has left out (section 7.2.1). */
  private static final byte[] TAIL = {0, 0, (byte) 0xFF, (byte) 0xFF};

  private final Inflater zlib = new Inflater(true);
  private final int maxMessageBytes;
  private byte[] message = {};
  private int length;
  private int lengthAtReset;
  private int finalBlocks;

  public MessageInflater(int maxMessageBytes) {
    this.maxMessageBytes = maxMessageBytes;
  }

  /**
   * Inflates a whole message into {@link #message()}.
   *
   * @return its length, {@link #TOO_LONG} or {@link #MALFORMED}
   */
  int inflate(byte[] bytes, int offset, int count) {
    length = 0;
    lengthAtReset = 0;
    finalBlocks = 0;
    zlib.reset();
    try {
      return add(bytes, offset, count) && add(TAIL, 0, TAIL.length) ? length : TOO_LONG;
    } catch (DataFormatException e) {
      // What it had written before it came to that is not in the length.
      return lengthAtReset + zlib.getBytesWritten() > maxMessageBytes ? TOO_LONG : MALFORMED;
    }
  }

  /** Where the message that was inflated last begins; written again by the next. */
  byte[] message() {
    return message;
  }

  /** Returns false where the message becomes too long. */
  private boolean add(byte[] bytes, int offset, int count) throws DataFormatException {
    zlib.setInput(bytes, offset, count);
    while (true) {
      if (length == message.length) {
        long roomy = Math.max(INITIAL_BYTES, 2L * length);
        message = Arrays.copyOf(message, (int) Math.min(maxMessageBytes + 1L, roomy));
      }
      int more = zlib.inflate(message, length, message.length - length);
      length += more;
      if (length > maxMessageBytes) {
        return false;
      }
      if (zlib.finished()) {
        int left = zlib.getRemaining();
        if (++finalBlocks > MAX_FINAL_BLOCKS) {
          throw new DataFormatException("too many last blocks");
        }
        zlib.reset();
        lengthAtReset = length;
        zlib.setInput(bytes, offset + count - left, left);
      } else if (more == 0) {
        if (!zlib.needsInput()) {
          throw new DataFormatException("zlib does not go on");
        }
        return true;
      }
    }
  }
}
