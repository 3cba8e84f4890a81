package io.lqrealtime.gateway.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Keeps what a decoder reports, and feeds decoders as a transport does. */
class Events implements FrameHandler {

  private static final int SLACK = 3;

  private final List<Event> seen = new ArrayList<>();

  List<Event> seen() {
    return seen;
  }

  /** What a fresh decoder reports for a stream that is read in one piece. */
  static List<Event> of(FrameLimits limits, byte[] stream) {
    return of(limits, stream, stream.length);
  }

  /** The same, read in pieces that end at these places of the stream. */
  static List<Event> of(FrameLimits limits, byte[] stream, int... ends) {
    return of(FrameRules.plain(limits), stream, ends);
  }

  static List<Event> of(FrameRules rules, byte[] stream, int... ends) {
    Events events = new Events();
    FrameDecoder decoder = new FrameDecoder(rules);
    int from = 0;
    for (int end : ends) {
      events.read(decoder, Arrays.copyOfRange(stream, from, end));
      from = end;
    }
    return events.seen();
  }

  static List<Event> byteByByte(FrameLimits limits, byte[] stream) {
    int[] ends = new int[stream.length];
    Arrays.setAll(ends, index -> index + 1);
    return of(limits, stream, ends);
  }

  /**
   * One read: the bytes lie within a buffer that has others before and behind them, and is filled
   * with something else afterwards, as a shared read buffer is. A decoder that keeps a slice
   * instead of a copy shows.
   */
  void read(FrameDecoder decoder, byte[] piece) {
    byte[] array = new byte[SLACK + SLACK + piece.length + SLACK];
    Arrays.fill(array, (byte) 0x81);
    ByteBuffer buffer = ByteBuffer.wrap(array).slice(SLACK, SLACK + piece.length + SLACK);
    buffer.put(SLACK, piece).position(SLACK).limit(SLACK + piece.length);
    decoder.decode(buffer, this);
    if (buffer.hasRemaining()) {
      throw new AssertionError("not all was consumed: " + buffer);
    }
    for (int index = 0; index < SLACK; index++) {
      if (array[SLACK + index] != (byte) 0x81 || array[array.length - 1 - index] != (byte) 0x81) {
        throw new AssertionError("wrote outside of what was read");
      }
    }
    Arrays.fill(array, (byte) 0xFF);
  }

  @Override
  public void onText(byte[] buffer, int offset, int length, int received) {
    seen.add(new Event.Text(new String(buffer, offset, length, UTF_8)));
  }

  @Override
  public void onPing(byte[] buffer, int offset, int length) {
    seen.add(new Event.Ping(new String(buffer, offset, length, ISO_8859_1)));
  }

  @Override
  public void onPong(byte[] buffer, int offset, int length) {
    seen.add(new Event.Pong(new String(buffer, offset, length, ISO_8859_1)));
  }

  @Override
  public void onClose(int code, String reason) {
    seen.add(new Event.Close(code, reason));
  }

  @Override
  public void onViolation(Violation violation) {
    seen.add(new Event.Violated(violation));
  }
}
