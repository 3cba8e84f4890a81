package io.lqrealtime.frame;

import java.util.List;

/**
 * The text of a {@code history} frame, which is written where its sender wants it: it may have a
 * megabyte, and so is put together once, and not once for each layer. Immutable.
 */
public final class HistoryPage {

  /**
   * A message's text, from a place in an array to its end. Not copied.
   *
   * @param start of the text
   */
  public record Message(byte[] bytes, int start) {
    int length() {
      return bytes.length - start;
    }
  }

  private final byte[] head;
  private final List<Message> messages;
  private final byte[] tail;
  private final int length;

  /** Commas come between the messages, and nothing else is added. */
  HistoryPage(byte[] head, List<Message> messages, byte[] tail) {
    this.head = head;
    this.messages = List.copyOf(messages);
    this.tail = tail;
    this.length =
        head.length
            + messages.stream().mapToInt(Message::length).sum()
            + Math.max(0, messages.size() - 1)
            + tail.length;
  }

  /** Bytes of the text. */
  public int length() {
    return length;
  }

  /** Writes the text, which has to fit. */
  public void writeTo(byte[] target, int offset) {
    int at = put(head, 0, target, offset);
    boolean first = true;
    for (Message message : messages) {
      if (!first) {
        target[at++] = ',';
      }
      first = false;
      at = put(message.bytes(), message.start(), target, at);
    }
    int _ = put(tail, 0, target, at);
  }

  /** The text by itself. */
  public byte[] toByteArray() {
    byte[] text = new byte[length];
    writeTo(text, 0);
    return text;
  }

  private static int put(byte[] from, int start, byte[] target, int at) {
    int size = from.length - start;
    System.arraycopy(from, start, target, at, size);
    return at + size;
  }
}
