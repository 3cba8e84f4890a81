package io.lqrealtime.gateway.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule of RFC 6455 and every limit: which code breaking it gives, and at which byte. */
class FrameDecoderRulesTest {

  private static final FrameLimits LIMITS = new FrameLimits(100_000, 4);

  /**
   * A row of the table.
   *
   * @param stream breaks the rule with its last byte, and not before
   */
  record Broken(String rule, ClientFrames stream, Violation violation, int code) {
    @Override
    public String toString() {
      return rule;
    }
  }

  private static ClientFrames client() {
    return new ClientFrames();
  }

  private static Broken raw(String rule, String hex, Violation violation, int code) {
    return new Broken(rule + ": " + hex, client().raw(hex), violation, code);
  }

  static Stream<Broken> rules() {
    return Stream.of(
            firstBytes(),
            masks(),
            lengths(),
            controlFrames(),
            fragments(),
            limits(),
            texts(),
            closes())
        .flatMap(rules -> rules);
  }

  /** Section 5.2, and section 7.4.1 for binary frames: known with the first byte. */
  private static Stream<Broken> firstBytes() {
    Stream<Broken> reserved =
        Stream.of("C1", "A1", "91", "F1", "41", "C9", "8A 80 00000000 D8")
            .map(hex -> raw("RSV", hex, Violation.RESERVED_BITS, 1002));
    Stream<Broken> opcodes =
        Stream.of("83", "84", "85", "86", "87", "8B", "8C", "8D", "8E", "8F", "03", "0B")
            .map(hex -> raw("opcode", hex, Violation.RESERVED_OPCODE, 1002));
    Stream<Broken> binary =
        Stream.of("82", "02").map(hex -> raw("binary", hex, Violation.BINARY, 1003));
    return Stream.of(reserved, opcodes, binary).flatMap(rules -> rules);
  }

  /** Section 5.1: known with the second byte. */
  private static Stream<Broken> masks() {
    return Stream.concat(
        Stream.of("81 00", "81 05", "81 7E", "81 7F", "89 00", "88 02", "01 00")
            .map(hex -> raw("no mask", hex, Violation.UNMASKED, 1002)),
        Stream.of(
            new Broken(
                "no mask in a continuation",
                client().text(false, "a").raw("80 01"),
                Violation.UNMASKED,
                1002)));
  }

  /** Section 5.2: known with the last byte of the length. */
  private static Stream<Broken> lengths() {
    return Stream.of(
            "81 FE 0000",
            "81 FE 007D",
            "81 FF 0000000000000000",
            "81 FF 000000000000007D",
            "81 FF 000000000000FFFF",
            "81 FF 8000000000000000",
            "81 FF 8000000000010000",
            "81 FF FFFFFFFFFFFFFFFF")
        .map(hex -> raw("length", hex, Violation.LENGTH_ENCODING, 1002));
  }

  /** Section 5.5. */
  private static Stream<Broken> controlFrames() {
    Stream<Broken> fragmented =
        Stream.of("08", "09", "0A")
            .map(hex -> raw("fragment", hex, Violation.FRAGMENTED_CONTROL, 1002));
    Stream<Broken> tooLong =
        Stream.of("88 FE", "89 FE", "8A FE", "88 FF", "89 FF", "8A FF")
            .map(hex -> raw("long", hex, Violation.CONTROL_TOO_LONG, 1002));
    Stream<Broken> within =
        Stream.of(
            new Broken(
                "long ping within a message",
                client().text(false, "a").raw("89 FE"),
                Violation.CONTROL_TOO_LONG,
                1002));
    return Stream.of(fragmented, tooLong, within).flatMap(rules -> rules);
  }

  /** Section 5.4. */
  private static Stream<Broken> fragments() {
    return Stream.of(
        raw("continuation first", "80", Violation.NOTHING_TO_CONTINUE, 1002),
        raw("continuation that is to go on first", "00", Violation.NOTHING_TO_CONTINUE, 1002),
        new Broken(
            "continuation after a whole message",
            client().text("a").raw("80"),
            Violation.NOTHING_TO_CONTINUE,
            1002),
        new Broken(
            "continuation after the last fragment",
            client().text(false, "a").more(true, "b").raw("80"),
            Violation.NOTHING_TO_CONTINUE,
            1002),
        new Broken(
            "text within a message",
            client().text(false, "a").raw("81"),
            Violation.INTERLEAVED_MESSAGE,
            1002),
        new Broken(
            "text within a message whose fragments are empty",
            client().text(false, "").more(false, "").raw("01"),
            Violation.INTERLEAVED_MESSAGE,
            1002),
        new Broken(
            "binary within a message",
            client().text(false, "a").raw("82"),
            Violation.INTERLEAVED_MESSAGE,
            1002));
  }

  /** Section 10.4: known with the last byte of the length that goes beyond a limit. */
  private static Stream<Broken> limits() {
    return Stream.of(
        new Broken(
            "a frame one byte too long",
            client().header(true, Opcode.TEXT, 100_001),
            Violation.MESSAGE_TOO_BIG,
            1009),
        raw("2^63-1 bytes", "81 FF 7FFFFFFFFFFFFFFF", Violation.MESSAGE_TOO_BIG, 1009),
        raw("2^32 bytes", "81 FF 0000000100000000", Violation.MESSAGE_TOO_BIG, 1009),
        new Broken(
            "a fragment that makes the sum one byte too long",
            client().text(false, "a".repeat(99_900)).header(true, Opcode.CONTINUATION, 101),
            Violation.MESSAGE_TOO_BIG,
            1009),
        new Broken(
            "fragments one byte too long, with a ping between",
            client()
                .text(false, "a".repeat(99_999))
                .more(false, "b")
                .ping("")
                .header(false, Opcode.CONTINUATION, 1),
            Violation.MESSAGE_TOO_BIG,
            1009),
        new Broken(
            "one fragment too many",
            client()
                .text(false, "a")
                .more(false, "b")
                .more(false, "c")
                .more(false, "d")
                .header(true, Opcode.CONTINUATION, 0),
            Violation.TOO_MANY_FRAGMENTS,
            1008),
        new Broken(
            "one empty fragment too many",
            client()
                .text(false, "")
                .more(false, "")
                .more(false, "")
                .more(false, "")
                .header(false, Opcode.CONTINUATION, 0),
            Violation.TOO_MANY_FRAGMENTS,
            1008));
  }

  /**
   * Section 8.1: known at the byte that no text could have; masks of zeros, so that payloads can be
   * read here.
   */
  private static Stream<Broken> texts() {
    Stream<Broken> malformed =
        Stream.of(
                "FF",
                "61 80",
                "C0",
                "C1",
                "E0 80",
                "E0 9F",
                "ED A0",
                "F0 8F",
                "F4 90",
                "F5",
                "C3 41",
                "CE BA E1 BD B9 CF 83 CE BC CE B5 ED A0")
            .flatMap(
                text ->
                    Stream.of(
                        raw("in a frame", "81 C0 00000000" + text, Violation.NOT_UTF8, 1007),
                        new Broken(
                            "in a fragment: " + text,
                            client().text(false, "€").raw("00 C0 00000000" + text),
                            Violation.NOT_UTF8,
                            1007)));
    Stream<Broken> across =
        Stream.of(
                "01 81 00000000 ED 80 81 00000000 A0",
                "01 82 00000000 F0 9F 00 81 00000000 98 80 82 00000000 41",
                // Cut off at the end of a message.
                "81 83 00000000 61 E2 82",
                "01 81 00000000 F0 80 82 00000000 9F 98",
                "01 81 00000000 C3 80 80 00000000")
            .map(hex -> raw("in a message", hex, Violation.NOT_UTF8, 1007));
    return Stream.concat(malformed, across);
  }

  /** Sections 5.5.1 and 7.4. */
  private static Stream<Broken> closes() {
    Stream<Broken> codes =
        IntStream.of(0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65_535)
            .boxed()
            .flatMap(
                code ->
                    Stream.of("", "bye")
                        .map(
                            reason ->
                                new Broken(
                                    "close " + code + " " + reason,
                                    client().close(code, reason),
                                    Violation.CLOSE_CODE,
                                    1002)));
    return Stream.concat(
        codes,
        Stream.of(
            raw("close with one byte", "88 81 00000000 03", Violation.CLOSE_TOO_SHORT, 1002),
            raw("malformed reason", "88 84 00000000 03E8 C080", Violation.NOT_UTF8, 1007),
            raw("reason cut off", "88 84 00000000 03E8 E282", Violation.NOT_UTF8, 1007)));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void decode_ofABrokenRule_reportsItOnceAndIgnoresWhatFollows(Broken broken) {
    byte[] followed =
        new ClientFrames().raw("00".repeat(14)).text("ignored").close(1000, "").bytes();
    int length = broken.stream().size();
    byte[] stream = Arrays.copyOf(broken.stream().bytes(), length + followed.length);
    System.arraycopy(followed, 0, stream, length, followed.length);

    List<Event> whole = Events.of(LIMITS, stream);

    assertThat(whole.getLast()).isEqualTo(new Event.Violated(broken.violation()));
    assertThat(whole).filteredOn(event -> event instanceof Event.Violated).hasSize(1);
    assertThat(whole).doesNotContain(new Event.Text("ignored"), new Event.Close(1000, ""));
    assertThat(broken.violation().closeCode()).isEqualTo(broken.code());
    assertThat(Events.byteByByte(LIMITS, stream)).isEqualTo(whole);
    assertThat(Events.of(LIMITS, stream, length, stream.length)).isEqualTo(whole);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void decode_ofABrokenRule_reportsItWithTheByteThatBreaksIt(Broken broken) {
    byte[] stream = broken.stream().bytes();

    assertThat(Events.of(LIMITS, stream)).endsWith(new Event.Violated(broken.violation()));
    assertThat(Events.of(LIMITS, Arrays.copyOf(stream, stream.length - 1)))
        .noneMatch(event -> event instanceof Event.Violated);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void decode_ofABrokenRule_leavesNoBuffer(Broken broken) {
    FrameDecoder decoder = new FrameDecoder(FrameRules.plain(LIMITS));
    Events events = new Events();
    for (byte b : broken.stream().bytes()) {
      events.read(decoder, new byte[] {b});
    }
    assertThat(decoder.retainedBytes()).isZero();
  }
}
