package io.lqrealtime.gateway.websocket;

import io.lqrealtime.text.Utf8;
import java.util.Arrays;

/**
 * What a {@link FrameDecoder} keeps between two reads: a frame that is not whole yet, or a message
 * whose last fragment has not come. It exists only while there is such, so that a connection
 * without pays for none of its fields.
 *
 * <p>Two kinds of bytes are kept. The <em>head</em> is the beginning of a frame as it came: a
 * header, or a control frame (which is short, and means nothing before it is whole), 131 bytes at
 * most. The <em>message</em> is what came of the payloads of the data frames, unmasked, and checked
 * already if it is not deflated. It grows by doubling with what has arrived, so that a peer that
 * announces much and sends little costs little, and never beyond the longest message.
 *
 * <p>It stores and counts; what is allowed, the decoder decides.
 */
final class Assembly {

  private static final byte[] NONE = {};

  /** This object's fields, with compact headers and without its arrays. */
  private static final int OWN_BYTES = 48;

  private static final int INITIAL_HEAD = 14;
  private static final int INITIAL_MESSAGE = 512;

  private byte[] head = NONE;
  private int headLength;

  private byte[] message = NONE;
  private int messageLength;
  private int fragments;
  private int utf8 = Utf8.COMPLETE;
  private boolean deflated;

  // The data frame whose payload is arriving.
  private boolean last;
  private int remaining;
  private int mask;

  byte[] head() {
    return head;
  }

  int headLength() {
    return headLength;
  }

  /** Keeps further bytes of a head; more than {@code total} are not needed. */
  void keepHead(byte[] bytes, int offset, int count, int total) {
    if (head.length < headLength + count) {
      head = Arrays.copyOf(head, Math.max(total, INITIAL_HEAD));
    }
    System.arraycopy(bytes, offset, head, headLength, count);
    headLength += count;
  }

  void dropHead() {
    head = NONE;
    headLength = 0;
  }

  /** Whether a fragment of a message has begun, so that a continuation may follow. */
  boolean hasMessage() {
    return fragments > 0;
  }

  int fragments() {
    return fragments;
  }

  byte[] message() {
    return message;
  }

  int messageLength() {
    return messageLength;
  }

  /** A message begins that is deflated: what it says is not text before it is whole. */
  void beginDeflated() {
    deflated = true;
  }

  boolean isDeflated() {
    return deflated;
  }

  /** A data frame begins. */
  void beginFrame(boolean isLast, int length, int frameMask) {
    fragments++;
    last = isLast;
    remaining = length;
    mask = frameMask;
  }

  /** Whether the frame that began last is the last of its message. */
  boolean isLastFrame() {
    return last;
  }

  /** The bytes of the data frame's payload that are still to come. */
  int remaining() {
    return remaining;
  }

  /**
   * Removes the mask from further bytes of the payload, in place, checks them if they are text, and
   * keeps them unless they are malformed.
   *
   * @return the state of {@link Utf8} after them
   */
  int keepPayload(byte[] bytes, int offset, int count, int maxMessageBytes) {
    boolean ascii = Mask.remove(bytes, offset, count, mask);
    if (!deflated && (!ascii || utf8 != Utf8.COMPLETE)) {
      utf8 = Utf8.advance(utf8, bytes, offset, count);
    }
    if (utf8 != Utf8.MALFORMED) {
      int needed = messageLength + count;
      if (message.length < needed) {
        int bound = last ? messageLength + remaining : maxMessageBytes;
        long roomy = Math.max(INITIAL_MESSAGE, 2L * message.length);
        message = Arrays.copyOf(message, (int) Math.min(bound, Math.max(needed, roomy)));
      }
      System.arraycopy(bytes, offset, message, messageLength, count);
      messageLength = needed;
      remaining -= count;
      mask = Mask.after(mask, count);
    }
    return utf8;
  }

  /** Whether the message so far ends with a whole character, if it is text. */
  boolean endsWithWholeCharacter() {
    return utf8 == Utf8.COMPLETE;
  }

  int retainedBytes() {
    return OWN_BYTES + head.length + message.length;
  }
}
