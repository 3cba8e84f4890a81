package io.lqrealtime.it;

import static io.lqrealtime.it.fixture.RawSocket.masked;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.lqrealtime.it.fixture.Deflate;
import io.lqrealtime.it.fixture.RawSocket;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Bytes that break RFC 6455 or a bound of this service, and the code that the connection is closed
 * with.
 */
record FrameAttack(String name, byte[] bytes, int closeCode) {
  private static final int FIN = 0x80;
  private static final int TEXT = FIN | RawSocket.TEXT;
  private static final int TEXT_BEGIN = RawSocket.TEXT;
  private static final int DEFLATED_TEXT = TEXT | 0x40;
  private static final int DEFLATED_TEXT_BEGIN = TEXT_BEGIN | 0x40;
  private static final int CONTINUE = 0;
  private static final int CONTINUE_END = FIN;
  private static final int CLOSE = FIN | RawSocket.CLOSE;
  private static final int PING = FIN | 9;
  private static final int PONG = FIN | 10;
  private static final byte[] EMPTY = {};
  private static final byte[] JSON = "{\"type\":\"ping\"}".getBytes(UTF_8);

  /** The payload is a bomb to a server that inflates it: a megabyte of zeros in deflate blocks. */
  private static final byte[] DEFLATED = hex("ecc1010d000000c2a0f74f6d0f07140000f06e00".repeat(50));

  static List<FrameAttack> all() {
    return List.of(
        new FrameAttack("RSV1", masked(TEXT | 0x40, JSON), 1002),
        new FrameAttack("RSV1, a bomb of deflate", masked(TEXT | 0x40, DEFLATED), 1002),
        new FrameAttack("RSV2", masked(TEXT | 0x20, JSON), 1002),
        new FrameAttack("RSV3", masked(TEXT | 0x10, JSON), 1002),
        new FrameAttack("RSV1 on a continuation", two(TEXT_BEGIN, "{", FIN | 0x40, "}"), 1002),
        new FrameAttack("RSV1 on a ping", masked(PING | 0x40, EMPTY), 1002),
        new FrameAttack("reserved opcode 3", masked(FIN | 3, EMPTY), 1002),
        new FrameAttack("reserved opcode 7", masked(FIN | 7, EMPTY), 1002),
        new FrameAttack("reserved opcode 11", masked(FIN | 11, EMPTY), 1002),
        new FrameAttack("reserved opcode 15", masked(FIN | 15, EMPTY), 1002),
        new FrameAttack("binary", masked(FIN | RawSocket.BINARY, JSON), 1003),
        new FrameAttack("binary, fragmented", masked(RawSocket.BINARY, JSON), 1003),
        new FrameAttack("unmasked text", hex("81027b7d"), 1002),
        new FrameAttack("unmasked ping", hex("8900"), 1002),
        new FrameAttack("unmasked close", hex("880203e8"), 1002),
        new FrameAttack("fragmented ping", masked(9, EMPTY), 1002),
        new FrameAttack("fragmented close", masked(8, EMPTY), 1002),
        new FrameAttack("ping of 126 bytes", masked(PING, new byte[126]), 1002),
        new FrameAttack("pong of 70,000 bytes", masked(PONG, new byte[70_000]), 1002),
        new FrameAttack("close of 126 bytes", masked(CLOSE, new byte[126]), 1002),
        new FrameAttack("nothing to continue", masked(CONTINUE_END, JSON), 1002),
        new FrameAttack("nothing to continue, more to come", masked(CONTINUE, JSON), 1002),
        new FrameAttack(
            "continuation after the end",
            join(masked(TEXT, JSON), masked(CONTINUE_END, JSON)),
            1002),
        new FrameAttack("text within a message", two(TEXT_BEGIN, "{", TEXT, "{}"), 1002),
        new FrameAttack("16 bits for a short length", hex("81fe007d00000000"), 1002),
        new FrameAttack("64 bits for a short length", hex("81ff000000000000ffff00000000"), 1002),
        new FrameAttack("64 bits for a length of 0", hex("81ff000000000000000000000000"), 1002),
        new FrameAttack("the highest bit of a length", hex("81ff800000000000000000000000"), 1002),
        new FrameAttack("a length of 2^63 - 1", hex("81ff7fffffffffffffff00000000"), 1009),
        new FrameAttack("a length of 2^32", hex("81ff000000010000000000000000"), 1009),
        new FrameAttack("fragments that grow too big", fragments(spaces(60_000), 20), 1009),
        new FrameAttack("1,100 fragments of a byte", fragments(spaces(1), 1100), 1008),
        new FrameAttack("100,000 empty fragments", fragments(EMPTY, 100_000), 1008),
        new FrameAttack("10,000 pings", repeated(masked(PING, EMPTY), 10_000), 1008),
        new FrameAttack("10,000 pongs", repeated(masked(PONG, new byte[125]), 10_000), 1008),
        close("1 byte", "03", 1002),
        close("code 0", "0000", 1002),
        close("code 999", "03e7", 1002),
        close("code 1004", "03ec", 1002),
        close("code 1005", "03ed", 1002),
        close("code 1006", "03ee", 1002),
        close("code 1015", "03f7", 1002),
        close("code 1016", "03f8", 1002),
        close("code 2999", "0bb7", 1002),
        close("code 5000", "1388", 1002),
        close("code 65535", "ffff", 1002),
        close("a reason that is not UTF-8", "03e8ff", 1007),
        close("half a character as reason", "03e8e282", 1007),
        close("code 1000: it is answered", "03e8", 1000),
        close("code 4999: it is answered", "1387", 4999),
        close("no code: it is answered", "", 1005),
        new FrameAttack(
            "frames after a close", join(masked(CLOSE, hex("03e8")), masked(TEXT, JSON)), 1000),
        text("a byte that never occurs", "22ff22"),
        text("a continuation byte alone", "228022"),
        text("too long a form", "22c0af22"),
        text("a surrogate", "22eda08022"),
        text("beyond Unicode", "22f490808022"),
        text("half a character at the end", "22e282"),
        new FrameAttack(
            "a character broken by a fragment's end",
            join(masked(TEXT_BEGIN, hex("22c3")), masked(CONTINUE_END, hex("2822"))),
            1007),
        new FrameAttack(
            "half a character in the last fragment",
            join(masked(TEXT_BEGIN, hex("22e2")), masked(CONTINUE_END, hex("82"))),
            1007),
        new FrameAttack(
            "bytes that never occur, before the end of a fragment",
            masked(TEXT_BEGIN, hex("22ff")),
            1007));
  }

  /** What is sent by a client that has negotiated permessage-deflate. */
  static List<FrameAttack> deflated() {
    byte[] hello = hex("f248cdc9c90700");
    byte[] zeros = Deflate.deflate(new byte[64 << 20]);
    return List.of(
        new FrameAttack("a bomb: 64 MiB in 64 KiB", masked(DEFLATED_TEXT, zeros), 1009),
        new FrameAttack(
            "a bomb in fragments",
            join(
                masked(DEFLATED_TEXT_BEGIN, Arrays.copyOf(zeros, 100)),
                masked(CONTINUE_END, Arrays.copyOfRange(zeros, 100, zeros.length))),
            1009),
        new FrameAttack("no deflate at all", masked(DEFLATED_TEXT, JSON), 1007),
        new FrameAttack(
            "a reference to the message before",
            join(masked(DEFLATED_TEXT, hello), masked(DEFLATED_TEXT, hex("f200110000"))),
            1007),
        new FrameAttack(
            "last blocks without end", masked(DEFLATED_TEXT, repeated(hex("0300"), 10_000)), 1007),
        new FrameAttack("not UTF-8", masked(DEFLATED_TEXT, Deflate.deflate(hex("22ff22"))), 1007),
        new FrameAttack("deflated, binary", masked(FIN | 0x40 | RawSocket.BINARY, hello), 1003),
        new FrameAttack("deflated ping", masked(PING | 0x40, EMPTY), 1002),
        new FrameAttack("deflated close", masked(CLOSE | 0x40, EMPTY), 1002),
        new FrameAttack(
            "RSV1 in a continuation",
            join(
                masked(DEFLATED_TEXT_BEGIN, Arrays.copyOf(hello, 3)),
                masked(CONTINUE_END | 0x40, Arrays.copyOfRange(hello, 3, 7))),
            1002),
        new FrameAttack("RSV1 and RSV2", masked(DEFLATED_TEXT | 0x20, hello), 1002),
        new FrameAttack(
            "fragments that grow too big before they inflate",
            join(
                masked(DEFLATED_TEXT_BEGIN, spaces(60_000)),
                repeated(masked(CONTINUE, spaces(60_000)), 20)),
            1009));
  }

  private static FrameAttack close(String name, String body, int code) {
    return new FrameAttack("close, " + name, masked(CLOSE, hex(body)), code);
  }

  private static FrameAttack text(String name, String body) {
    return new FrameAttack("not UTF-8, " + name, masked(TEXT, hex(body)), 1007);
  }

  private static byte[] two(int first, String one, int second, String other) {
    return join(masked(first, one.getBytes(UTF_8)), masked(second, other.getBytes(UTF_8)));
  }

  /** The beginning of a message and so many continuations, without an end. */
  private static byte[] fragments(byte[] payload, int continuations) {
    return join(masked(TEXT_BEGIN, payload), repeated(masked(CONTINUE, payload), continuations));
  }

  private static byte[] repeated(byte[] frame, int times) {
    ByteArrayOutputStream all = new ByteArrayOutputStream(frame.length * times);
    for (int i = 0; i < times; i++) {
      all.writeBytes(frame);
    }
    return all.toByteArray();
  }

  private static byte[] join(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private static byte[] spaces(int count) {
    return " ".repeat(count).getBytes(UTF_8);
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  @Override
  public String toString() {
    return name;
  }
}
