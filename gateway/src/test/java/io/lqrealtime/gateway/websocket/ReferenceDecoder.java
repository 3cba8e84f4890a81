package io.lqrealtime.gateway.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * RFC 6455 once more, over a stream that is all there, and RFC 7692 where it is negotiated: slow
 * and plain, with the JDK's UTF-8 decoder, sharing no code with {@link FrameDecoder}.
 */
final class ReferenceDecoder {

  private final List<Event> events = new ArrayList<>();
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private final FrameLimits limits;
  private final boolean mayDeflate;
  private final byte[] stream;
  private int position;
  private int fragments;
  private boolean deflated;

  private ReferenceDecoder(FrameLimits limits, boolean mayDeflate, byte[] stream) {
    this.limits = limits;
    this.mayDeflate = mayDeflate;
    this.stream = stream;
  }

  static List<Event> events(FrameLimits limits, byte[] stream) {
    return events(limits, false, stream);
  }

  static List<Event> events(FrameLimits limits, boolean mayDeflate, byte[] stream) {
    ReferenceDecoder decoder = new ReferenceDecoder(limits, mayDeflate, stream);
    try {
      while (decoder.position < stream.length) {
        decoder.frame();
      }
    } catch (Broken broken) {
      decoder.events.add(new Event.Violated(broken.violation));
    } catch (EndOfStream end) {
      // What is incomplete gives no event.
    }
    return decoder.events;
  }

  private void frame() throws Broken, EndOfStream {
    int first = next();
    boolean last = first >= 0x80;
    int opcode = first % 16;
    int reserved = (first >> 4) % 8;
    boolean marked = mayDeflate && reserved == 4 && (opcode == 1 || opcode == 2);
    must(reserved == 0 || marked, Violation.RESERVED_BITS);
    must(List.of(0, 1, 2, 8, 9, 10).contains(opcode), Violation.RESERVED_OPCODE);
    boolean control = opcode >= 8;
    must(last || !control, Violation.FRAGMENTED_CONTROL);
    must(fragments > 0 || opcode != 0, Violation.NOTHING_TO_CONTINUE);
    must(fragments == 0 || opcode == 0 || control, Violation.INTERLEAVED_MESSAGE);
    must(opcode != 2, Violation.BINARY);
    int second = next();
    must(second >= 0x80, Violation.UNMASKED);
    long length = second % 0x80;
    must(!control || length <= 125, Violation.CONTROL_TOO_LONG);
    if (length == 126) {
      length = number(2);
      must(length > 125, Violation.LENGTH_ENCODING);
    } else if (length == 127) {
      length = number(8);
      must(length > 65_535, Violation.LENGTH_ENCODING);
    }
    if (!control) {
      must(
          message.size() + length <= limits.maxMessageBytes() && length >= 0,
          Violation.MESSAGE_TOO_BIG);
      must(fragments < limits.maxFragmentsPerMessage(), Violation.TOO_MANY_FRAGMENTS);
    }
    int[] mask = {next(), next(), next(), next()};
    int there = (int) Math.min(length, stream.length - position);
    byte[] payload = Arrays.copyOfRange(stream, position, position + there);
    for (int index = 0; index < there; index++) {
      payload[index] = (byte) (payload[index] ^ mask[index % 4]);
    }
    position += there;
    if (control) {
      if (there < length) {
        throw new EndOfStream();
      }
      control(opcode, payload);
      return;
    }
    if (fragments == 0) {
      deflated = marked;
    }
    fragments++;
    message.writeBytes(payload);
    must(deflated || mayBegin(message.toByteArray()), Violation.NOT_UTF8);
    if (there < length) {
      throw new EndOfStream();
    }
    if (last) {
      byte[] text = deflated ? inflated() : message.toByteArray();
      must(isUtf8(text), Violation.NOT_UTF8);
      events.add(new Event.Text(new String(text, UTF_8)));
      message.reset();
      fragments = 0;
    }
  }

  /** Section 7.2.2 of RFC 7692, with as many last blocks as this server takes. */
  private byte[] inflated() throws Broken {
    byte[] in = message.toByteArray();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] one = new byte[1];
    int from = 0;
    for (int lastBlocks = 0; ; lastBlocks++) {
      must(lastBlocks <= 16, Violation.NOT_DEFLATED);
      Inflater zlib = new Inflater(true);
      zlib.setInput(in, from, in.length - from);
      int before = out.size();
      try {
        while (zlib.inflate(one) == 1) {
          out.write(one[0]);
          must(out.size() <= limits.maxMessageBytes(), Violation.MESSAGE_TOO_BIG);
        }
      } catch (DataFormatException e) {
        // A byte that came before may not have been handed out.
        must(
            before + zlib.getBytesWritten() <= limits.maxMessageBytes(), Violation.MESSAGE_TOO_BIG);
        throw new Broken(Violation.NOT_DEFLATED);
      }
      if (!zlib.finished()) {
        must(isWhole(zlib), Violation.NOT_DEFLATED);
        return out.toByteArray();
      }
      from = in.length - zlib.getRemaining();
    }
  }

  /** With what is left out, and a last block, there is nothing more, and it is over. */
  private static boolean isWhole(Inflater zlib) {
    zlib.setInput(new byte[] {0, 0, (byte) 0xff, (byte) 0xff, 1, 0, 0, (byte) 0xff, (byte) 0xff});
    try {
      return zlib.inflate(new byte[10]) == 0 && zlib.finished() && zlib.getRemaining() == 0;
    } catch (DataFormatException e) {
      return false;
    }
  }

  private void control(int opcode, byte[] payload) throws Broken, EndOfStream {
    switch (opcode) {
      case 9 -> events.add(new Event.Ping(new String(payload, ISO_8859_1)));
      case 10 -> events.add(new Event.Pong(new String(payload, ISO_8859_1)));
      default -> {
        if (payload.length == 0) {
          events.add(new Event.Close(1005, ""));
          throw new EndOfStream();
        }
        must(payload.length > 1, Violation.CLOSE_TOO_SHORT);
        int code = ByteBuffer.wrap(payload).getShort() & 0xFFFF;
        must(
            (code >= 1000 && code <= 1003)
                || (code >= 1007 && code <= 1014)
                || (code >= 3000 && code <= 4999),
            Violation.CLOSE_CODE);
        byte[] reason = Arrays.copyOfRange(payload, 2, payload.length);
        must(isUtf8(reason), Violation.NOT_UTF8);
        events.add(new Event.Close(code, new String(reason, UTF_8)));
        throw new EndOfStream();
      }
    }
  }

  private int next() throws EndOfStream {
    if (position == stream.length) {
      throw new EndOfStream();
    }
    return stream[position++] & 0xFF;
  }

  private long number(int bytes) throws EndOfStream {
    long number = 0;
    for (int index = 0; index < bytes; index++) {
      number = number << 8 | next();
    }
    return number;
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** Whether some text begins like this: it is one, or is if one to three bytes follow. */
  private static boolean mayBegin(byte[] bytes) {
    if (isUtf8(bytes)) {
      return true;
    }
    for (int missing = 1; missing <= 3; missing++) {
      // One of these is right wherever the second byte of a character has a narrower range.
      for (int next : new int[] {0x80, 0x90, 0xA0}) {
        byte[] more = Arrays.copyOf(bytes, bytes.length + missing);
        Arrays.fill(more, bytes.length, more.length, (byte) 0x80);
        more[bytes.length] = (byte) next;
        if (isUtf8(more)) {
          return true;
        }
      }
    }
    return false;
  }

  private static void must(boolean holds, Violation otherwise) throws Broken {
    if (!holds) {
      throw new Broken(otherwise);
    }
  }

  private static final class Broken extends Exception {
    private final Violation violation;

    private Broken(Violation violation) {
      super(violation.reason());
      this.violation = violation;
    }
  }

  private static final class EndOfStream extends Exception {}
}
