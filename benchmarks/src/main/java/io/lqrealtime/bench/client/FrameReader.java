package io.lqrealtime.bench.client;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Cuts the bytes of a connection into frames (RFC 6455 section 5) and puts fragments together. One
 * serves all connections of a selector thread: what must outlast a read (an unfinished frame, the
 * fragments so far) is kept by the {@link Connection}, and only while there is such a thing.
 */
final class FrameReader {

  private final int maxMessageBytes;

  FrameReader(int maxMessageBytes) {
    this.maxMessageBytes = maxMessageBytes;
  }

  /** The fragments of a message that has not ended. */
  static final class Fragments {
    private byte[] bytes;
    private int length;

    Fragments(byte[] from, int offset, int length) {
      bytes = Arrays.copyOfRange(from, offset, offset + length);
      this.length = length;
    }

    private void add(byte[] from, int offset, int more) {
      if (length + more > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
      }
      System.arraycopy(from, offset, bytes, length, more);
      length += more;
    }
  }

  /** Hands over every whole frame in the bytes, and returns how many bytes those were. */
  int read(Connection to, byte[] bytes, int from, int end) {
    int at = from;
    while (end - at >= 2 && to.reading()) {
      int second = bytes[at + 1];
      long length = second & 0x7f;
      int header = 2;
      if (length == 126) {
        header = 4;
      } else if (length == 127) {
        header = 10;
      }
      if (end - at < header) {
        break;
      }
      if (header == 4) {
        length = number(bytes, at + 2, 2);
      } else if (header == 10) {
        length = number(bytes, at + 2, 8);
      }
      if (second < 0) {
        to.violation(1002, "a masked frame");
        break;
      }
      if (length < 0 || length > maxMessageBytes) {
        to.violation(1009, "a frame of " + Long.toUnsignedString(length) + " bytes");
        break;
      }
      if (end - at < header + length) {
        break;
      }
      frame(to, bytes[at], bytes, at + header, (int) length);
      at += header + (int) length;
    }
    return at - from;
  }

  private void frame(Connection to, byte first, byte[] bytes, int offset, int length) {
    boolean last = first < 0;
    int opcode = first & 0x0f;
    if ((first & 0x70) != 0) {
      to.violation(1002, "a reserved bit");
    } else if (opcode >= OutgoingFrames.CLOSE) {
      control(to, last, opcode, bytes, offset, length);
    } else if (opcode == OutgoingFrames.BINARY) {
      to.violation(1003, "a binary frame");
    } else if (opcode == OutgoingFrames.TEXT) {
      if (to.fragments() != null) {
        to.violation(1002, "a new message inside a fragmented one");
      } else if (last) {
        to.text(bytes, offset, length);
      } else {
        to.fragments(new Fragments(bytes, offset, length));
      }
    } else if (opcode == OutgoingFrames.CONTINUATION) {
      continuation(to, last, bytes, offset, length);
    } else {
      to.violation(1002, "opcode " + opcode);
    }
  }

  private void continuation(Connection to, boolean last, byte[] bytes, int offset, int length) {
    Fragments so = to.fragments();
    if (so == null) {
      to.violation(1002, "a continuation of nothing");
    } else if (so.length + (long) length > maxMessageBytes) {
      to.violation(1009, "fragments of more than " + maxMessageBytes + " bytes");
    } else {
      so.add(bytes, offset, length);
      if (last) {
        to.fragments(null);
        to.text(so.bytes, 0, so.length);
      }
    }
  }

  private static void control(
      Connection to, boolean last, int opcode, byte[] bytes, int offset, int length) {
    if (!last || length > 125) {
      to.violation(1002, "a control frame that is long or fragmented");
    } else if (opcode == OutgoingFrames.PING) {
      to.ping(bytes, offset, length);
    } else if (opcode == OutgoingFrames.PONG) {
      to.pong(bytes, offset, length);
    } else if (opcode != OutgoingFrames.CLOSE) {
      to.violation(1002, "opcode " + opcode);
    } else if (length == 1) {
      to.violation(1002, "half a close code");
    } else if (length == 0) {
      to.closeFrame(1005, "");
    } else {
      String reason = new String(bytes, offset + 2, length - 2, StandardCharsets.UTF_8);
      to.closeFrame((int) number(bytes, offset, 2), reason);
    }
  }

  private static long number(byte[] bytes, int at, int width) {
    long number = 0;
    for (int i = 0; i < width; i++) {
      number = number << 8 | (bytes[at + i] & 0xff);
    }
    return number;
  }
}
