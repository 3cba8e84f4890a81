package io.lqrealtime.bench.load;

/**
 * What names a message of a run: 36 hexadecimal digits, as long as a UUID, both in the message's
 * {@code id} and at the start of its payload. Eight digits are the run, four the publisher, twelve
 * its sequence number from 0, twelve the time the message was <i>due</i>, by {@link
 * System#nanoTime} modulo 2^48 (78 hours), which on Linux all processes of a machine share.
 *
 * <p>So no table of sent messages is needed to tell a message's latency, and a latency counts from
 * when the message should have been sent: a stall of the sender or of the server does not hide
 * itself (coordinated omission).
 *
 * <p>One is used again for stamp after stamp by one thread.
 */
public final class Stamp {

  /** Digits of a stamp. */
  public static final int LENGTH = 36;

  /** Publishers of a run. */
  public static final int MAX_PUBLISHERS = 1 << 16;

  private static final long TIME_MASK = (1L << 48) - 1;
  private static final byte[] DIGITS = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private int run;
  private int publisher;
  private long sequence;
  private long due;

  static void write(byte[] into, int at, int run, int publisher, long sequence, long dueNanos) {
    hex(into, at, 8, run);
    hex(into, at + 8, 4, publisher);
    hex(into, at + 12, 12, sequence);
    hex(into, at + 24, 12, dueNanos & TIME_MASK);
  }

  /** Reads a stamp at this place; false where there is none. */
  boolean read(byte[] from, int at, int end) {
    if (at < 0 || end - at < LENGTH) {
      return false;
    }
    long first = number(from, at, 8);
    long second = number(from, at + 8, 4);
    long third = number(from, at + 12, 12);
    long fourth = number(from, at + 24, 12);
    if ((first | second | third | fourth) < 0) {
      return false;
    }
    run = (int) first;
    publisher = (int) second;
    sequence = third;
    due = fourth;
    return true;
  }

  int run() {
    return run;
  }

  int publisher() {
    return publisher;
  }

  long sequence() {
    return sequence;
  }

  /** How long before {@code nowNanos} the message was due. */
  long age(long nowNanos) {
    return (nowNanos - due) & TIME_MASK;
  }

  private static void hex(byte[] into, int at, int digits, long number) {
    long rest = number;
    for (int i = at + digits - 1; i >= at; i--) {
      into[i] = DIGITS[(int) (rest & 15)];
      rest >>>= 4;
    }
  }

  /** Negative where a byte is no digit. */
  private static long number(byte[] from, int at, int digits) {
    long number = 0;
    int wrong = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = digitOf(from[i]);
      wrong |= digit;
      number = number << 4 | (digit & 15);
    }
    return wrong < 0 ? -1 : number;
  }

  private static int digitOf(byte b) {
    if (b >= '0' && b <= '9') {
      return b - '0';
    }
    return b >= 'a' && b <= 'f' ? b - 'a' + 10 : -1;
  }
}
