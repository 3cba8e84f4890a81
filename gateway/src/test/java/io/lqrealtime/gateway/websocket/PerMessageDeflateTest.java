package io.lqrealtime.gateway.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.websocket.Handshake.Accepted;
import io.lqrealtime.gateway.websocket.Handshake.Rejected;
import io.lqrealtime.gateway.websocket.Handshake.Result;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7692: what is agreed to, and messages that are deflated, by the JDK or by hand. */
class PerMessageDeflateTest {
  private static final int RSV1 = 0x40;
  private static final int MAX_BYTES = 10_000;
  private static final FrameLimits LIMITS = new FrameLimits(MAX_BYTES, 16);
  private static final String HELLO = "f2 48 cd c9 c9 07 00";

  private final FrameRules rules =
      new FrameRules(LIMITS, new MessageInflater(MAX_BYTES, System::nanoTime));

  // What is agreed to.

  private static Result offering(String... lines) {
    Map<String, List<String>> headers =
        Map.of(
            "Host", List.of("a"),
            "Upgrade", List.of("websocket"),
            "Connection", List.of("Upgrade"),
            "Sec-WebSocket-Key", List.of("dGhlIHNhbXBsZSBub25jZQ=="),
            "Sec-WebSocket-Version", List.of("13"),
            "Sec-WebSocket-Extensions", List.of(lines));
    return Handshake.check("GET", "HTTP/1.1", name -> headers.getOrDefault(name, List.of()));
  }

  private static boolean isTaken(String... lines) {
    return offering(lines) instanceof Accepted accepted && accepted.deflate().isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate;client_max_window_bits=15;server_no_context_takeover",
        " permessage-deflate ; client_max_window_bits = \"9\" ; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits=15",
        "x-webkit-deflate-frame, permessage-deflate; client_max_window_bits=\"1\\0\"",
        // The first offer is one that this server can't take; it is to look at the next.
        "permessage-deflate; server_max_window_bits=10, permessage-deflate",
        "permessage-deflate; mode=fast, permessage-deflate; server_no_context_takeover",
      })
  void offerThatThisServerCanKeep_isTaken(String offers) {
    assertThat(isTaken(offers)).isTrue();
    assertThat(isTaken("other; a=1", offers)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "permessage-bzip2",
        "PERMESSAGE-DEFLATE",
        "permessage-deflate; unknown",
        "permessage-deflate; client_max_window_bits; client_max_window_bits",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover=true",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=14",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=015",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=08",
        "permessage-deflate; client_max_window_bits=99999999999999999999",
        "permessage-deflate; Client_max_window_bits",
      })
  void offerThatThisServerCannotKeep_isDeclined_andTheHandshakeGoesOn(String offers) {
    assertThat(offering(offers))
        .isInstanceOfSatisfying(
            Accepted.class, accepted -> assertThat(accepted.deflate()).isEmpty());
  }

  /** Section 7.1.2.1: it accepts the window by saying which. */
  @Test
  void answer_namesTheWindowToWhoAsksForIt_andToNobodyElse() {
    String answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    assertThat(answerTo("permessage-deflate; client_max_window_bits")).contains(answer);
    assertThat(answerTo("permessage-deflate; server_max_window_bits=15"))
        .contains(answer + "; server_max_window_bits=15");
    assertThat(answerTo("permessage-deflate; server_max_window_bits=9, permessage-deflate"))
        .contains(answer);
  }

  private static Optional<String> answerTo(String offers) {
    return ((Accepted) offering(offers)).deflate();
  }

  @Test
  void withoutOffers_thereIsNone() {
    assertThat(isTaken()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "permessage-deflate;",
        "permessage-deflate; =1",
        "permessage-deflate; client_max_window_bits=",
        "permessage-deflate; client_max_window_bits=\"\"",
        "permessage-deflate; client_max_window_bits=\"15",
        "permessage-deflate; client_max_window_bits=15\"",
        "permessage-deflate; client_max_window_bits=\"15\\\"",
        "permessage-deflate; client_max_window_bits=\"",
        "permessage-deflate; client max window bits",
        "permessage deflate",
        "permessage-deflate; a=\"b,c\"",
        "permessage-deflate; a=b=c",
        "permessage-deflate, ; a",
        "permessage-deflate\u0001",
        "é",
      })
  void headerThatIsNoListOfExtensions_isRefused(String offers) {
    assertThat(offering(offers))
        .isInstanceOfSatisfying(
            Rejected.class, rejected -> assertThat(rejected.status()).isEqualTo(400));
  }

  // What is received.

  private List<Event> events(ClientFrames frames) {
    byte[] stream = frames.bytes();
    List<Event> events = Events.of(rules, stream, stream.length);
    int[] everyByte = IntStream.rangeClosed(1, stream.length).toArray();
    assertThat(Events.of(rules, stream, everyByte)).isEqualTo(events);
    return events;
  }

  private static ClientFrames deflated(byte[] payload) {
    return new ClientFrames().frame(true, RSV1 | Opcode.TEXT, payload);
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** The examples of section 7.2.3, and more that say the same. */
  @ParameterizedTest
  @CsvSource({
    "one block, " + HELLO,
    "a stored block, 00 05 00 fa ff 48 65 6c 6c 6f 00",
    "a last block, f3 48 cd c9 c9 07 00 00",
    "two blocks, f2 48 05 00 00 00 ff ff ca c9 c9 07 00",
    "an empty last block before it, 03 00 f2 48 cd c9 c9 07 00",
  })
  void textIsInflated(String how, String payload) {
    assertThat(events(deflated(hex(payload)))).as(how).containsExactly(new Event.Text("Hello"));
  }

  @Test
  void textInFragments_isInflatedWhenItIsWhole_withControlFramesBetweenThem() {
    byte[] hello = hex(HELLO);
    ClientFrames frames =
        new ClientFrames()
            .frame(false, RSV1 | Opcode.TEXT, Arrays.copyOf(hello, 3))
            .ping("p")
            .frame(false, Opcode.CONTINUATION, new byte[0])
            .frame(true, Opcode.CONTINUATION, Arrays.copyOfRange(hello, 3, hello.length))
            .text("as it is")
            .frame(true, RSV1 | Opcode.TEXT, hello);

    assertThat(events(frames))
        .containsExactly(
            new Event.Ping("p"),
            new Event.Text("Hello"),
            new Event.Text("as it is"),
            new Event.Text("Hello"));
  }

  @Test
  void emptyText_isOneZeroByte() {
    assertThat(events(deflated(new byte[1]))).containsExactly(new Event.Text(""));
  }

  /** Whatever is missing at its end: it would else be taken for a shorter text. */
  @Test
  void textThatIsCutOff_isNotTakenForAShorterOne() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 100; i++) {
      // ASCII: a flush halves no letter, and no block of it is stored as it is, which would take
      // more bytes (section 3.2.6 of RFC 1951) and could be cut behind its first.
      String text = text(random, 1 + random.nextInt(500), "ab{\"");
      byte[] whole = deflate(text.getBytes(UTF_8), 1 + random.nextInt(9), random);
      byte[] cut = Arrays.copyOf(whole, random.nextInt(whole.length));
      Event event = events(deflated(cut)).getFirst();
      // Cut where a flush ends, it is a whole message.
      boolean betweenBlocks = endsWithABlock(whole, cut.length);
      assertThat(event.equals(new Event.Violated(Violation.NOT_DEFLATED)))
          .as("%s cut after %d bytes", text, cut.length)
          .isEqualTo(!betweenBlocks);
    }
  }

  /** Whether the next bytes are what a flush ends with, which is left out at the end. */
  private static boolean endsWithABlock(byte[] whole, int at) {
    return at + 4 <= whole.length
        && whole[at] == 0
        && whole[at + 1] == 0
        && whole[at + 2] == (byte) 0xFF
        && whole[at + 3] == (byte) 0xFF;
  }

  @Test
  void nothingIsKeptFromOneMessageToTheNext() {
    // Section 7.2.3.2: the second "Hello" by reference to the first.
    ClientFrames frames =
        deflated(hex(HELLO)).frame(true, RSV1 | Opcode.TEXT, hex("f2 00 11 00 00"));

    assertThat(events(frames))
        .containsExactly(new Event.Text("Hello"), new Event.Violated(Violation.NOT_DEFLATED));
  }

  @Test
  void whateverAClientDeflates_isInflated() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      String text = text(random, random.nextInt(i < 100 ? 50 : MAX_BYTES / 3));
      ClientFrames frames = new ClientFrames(random);
      byte[] payload = deflate(text.getBytes(UTF_8), random);
      if (payload.length > MAX_BYTES) {
        continue;
      }
      int cut = random.nextInt(payload.length + 1);
      frames
          .frame(false, RSV1 | Opcode.TEXT, Arrays.copyOf(payload, cut))
          .frame(true, Opcode.CONTINUATION, Arrays.copyOfRange(payload, cut, payload.length))
          .frame(true, RSV1 | Opcode.TEXT, payload);
      byte[] stream = frames.bytes();

      assertThat(Events.of(rules, stream, random.nextInt(stream.length) + 1, stream.length))
          .containsExactly(new Event.Text(text), new Event.Text(text));
    }
  }

  /** Letters of 1 to 4 bytes, with repetitions. */
  private static String text(Random random, int length) {
    return text(random, length, "ab{\"é€\uD83D\uDE00");
  }

  private static String text(Random random, int length, String of) {
    int[] letters = of.codePoints().toArray();
    int few = 1 + random.nextInt(letters.length);
    StringBuilder text = new StringBuilder();
    random.ints(length, 0, few).forEach(i -> text.appendCodePoint(letters[i]));
    return text.toString();
  }

  /** As clients do it: at any level, and in two parts. */
  private static byte[] deflate(byte[] text, Random random) {
    return deflate(text, random.nextInt(10), random);
  }

  private static byte[] deflate(byte[] text, int level, Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(level, true);
    deflater.setStrategy(random.nextInt(3));
    int cut = random.nextInt(text.length + 1);
    deflate(deflater, text, 0, cut, out);
    deflate(deflater, text, cut, text.length, out);
    deflater.end();
    byte[] withTail = out.toByteArray();
    return Arrays.copyOf(withTail, withTail.length - 4);
  }

  private static void deflate(
      Deflater deflater, byte[] text, int from, int to, ByteArrayOutputStream out) {
    deflater.setInput(text, from, to - from);
    byte[] some = new byte[1024];
    int count;
    do {
      count = deflater.deflate(some, 0, some.length, Deflater.SYNC_FLUSH);
      out.write(some, 0, count);
    } while (!deflater.needsInput() || count == some.length);
  }

  // What breaks a rule.

  private void assertViolation(Violation violation, ClientFrames frames) {
    assertThat(events(frames)).containsExactly(new Event.Violated(violation));
  }

  @ParameterizedTest
  @CsvSource({
    "no deflate at all, 7b 22 74 79 70 65 22 3a 31 7d",
    "a reserved kind of block, 06",
    "lengths that don't agree, 00 05 00 00 00 48 65 6c 6c 6f",
    "a distance before the beginning, f2 00 11 00 00",
    "the tail that is to be left out, f2 48 cd c9 c9 07 00 00 00 ff ff",
    "a last block and no other behind it, f3 48 cd c9 c9 07",
  })
  void whatDoesNotInflate_is1007(String what, String payload) {
    assertThat(Violation.NOT_DEFLATED.closeCode()).as(what).isEqualTo(1007);
    assertViolation(Violation.NOT_DEFLATED, deflated(hex(payload)));
  }

  @Test
  void textThatIsNotUtf8_is1007() {
    byte[] notUtf8 = {'a', (byte) 0xC3};
    assertViolation(Violation.NOT_UTF8, deflated(deflate(notUtf8, new Random(1))));
  }

  @Test
  void deflatedBinaryMessage_isRefusedAsAnyOther() {
    assertViolation(
        Violation.BINARY, new ClientFrames().frame(true, RSV1 | Opcode.BINARY, hex(HELLO)));
  }

  @Test
  void reservedBit_isForTheFirstFrameOfAMessage() {
    for (int opcode : new int[] {Opcode.CLOSE, Opcode.PING, Opcode.PONG, Opcode.CONTINUATION, 3}) {
      assertViolation(
          Violation.RESERVED_BITS, new ClientFrames().frame(true, RSV1 | opcode, new byte[0]));
    }
    assertViolation(
        Violation.RESERVED_BITS,
        new ClientFrames()
            .frame(false, RSV1 | Opcode.TEXT, hex("f2 48 cd"))
            .frame(true, RSV1 | Opcode.CONTINUATION, hex("c9 c9 07 00")));
    for (int other : new int[] {0x10, 0x20, 0x30, 0x50, 0x60, 0x70}) {
      assertViolation(
          Violation.RESERVED_BITS, new ClientFrames().frame(true, other | Opcode.TEXT, hex(HELLO)));
    }
  }

  @Test
  void withoutTheExtension_theReservedBitBreaksARule() {
    assertThat(Events.of(LIMITS, deflated(hex(HELLO)).bytes()))
        .containsExactly(new Event.Violated(Violation.RESERVED_BITS));
  }

  // Bounds.

  @Test
  void textOfAsManyBytesAsMayBe_isInflated_andNotOneByteMore() {
    String longest = "a".repeat(MAX_BYTES);

    assertThat(events(deflated(deflate(longest.getBytes(UTF_8), new Random(1)))))
        .containsExactly(new Event.Text(longest));
    assertViolation(
        Violation.MESSAGE_TOO_BIG,
        deflated(deflate((longest + "a").getBytes(UTF_8), new Random(1))));
  }

  @Test
  void bomb_isGivenUpAtTheBound() {
    AtomicLong clock = new AtomicLong();
    MessageInflater inflater = new MessageInflater(MAX_BYTES, () -> clock.getAndAdd(7));
    byte[] bomb = deflate(new byte[8 * 1024 * 1024], new Random(1));
    assertThat(bomb.length).isLessThan(MAX_BYTES);

    assertThat(inflater.inflate(bomb, 0, bomb.length)).isEqualTo(MessageInflater.TOO_LONG);

    assertThat(inflater.message()).hasSizeLessThanOrEqualTo(MAX_BYTES + 1);
    byte[] hello = hex(HELLO);
    assertThat(inflater.inflate(hello, 0, hello.length)).isEqualTo(5);
    assertThat(inflater.message()).startsWith("Hello".getBytes(UTF_8));
    assertThat(inflater.takenNanos()).as("the time of both").isEqualTo(14);
    assertThat(inflater.takenNanos()).isZero();
  }

  /** Found by fuzzing: zlib may have written a byte too many before it says that it can't go on. */
  @Test
  void textThatIsTooLong_isThat_alsoWhereItDoesNotInflateBehindThat() {
    FrameLimits limits = new FrameLimits(600, 16);
    FrameRules small = new FrameRules(limits, new MessageInflater(600, System::nanoTime));
    byte[] stream = deflated(hex("4a 4c 1c 05 a3 80 06 00 fa")).bytes();

    assertThat(Events.of(small, stream, stream.length))
        .containsExactly(new Event.Violated(Violation.MESSAGE_TOO_BIG));
  }

  @Test
  void lastBlocksAfterLastBlocks_areGivenUp() {
    ByteArrayOutputStream blocks = new ByteArrayOutputStream();
    for (int i = 0; i < 16; i++) {
      blocks.writeBytes(hex("03 00"));
    }
    byte[] sixteen = blocks.toByteArray();
    blocks.writeBytes(hex("03 00"));
    byte[] seventeen = blocks.toByteArray();

    assertThat(events(deflated(Arrays.copyOf(sixteen, sixteen.length + 1))))
        .containsExactly(new Event.Text(""));
    assertViolation(
        Violation.NOT_DEFLATED, deflated(Arrays.copyOf(seventeen, seventeen.length + 1)));
  }

  // What is sent.

  private long nanos;
  private int skipped;

  private MessageDeflater deflater(int minBytes) {
    return new MessageDeflater(minBytes, () -> nanos, () -> skipped++);
  }

  private static byte[] frame(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return FrameEncoder.text(bytes, 0, bytes.length);
  }

  private static String inflated(byte[] frame) {
    assertThat(frame[0] & 0xFF).isEqualTo(0x80 | RSV1 | Opcode.TEXT);
    int header = FrameEncoder.headerLengthOf(frame);
    MessageInflater inflater = new MessageInflater(1 << 20, System::nanoTime);
    int length = inflater.inflate(frame, header, frame.length - header);
    return new String(inflater.message(), 0, length, UTF_8);
  }

  @Test
  void frameIsDeflated_eachByItself() {
    MessageDeflater deflater = deflater(0);
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      String text = text(random, 40 + random.nextInt(MessageDeflater.MAX_BYTES / 4 - 40)) + "aaaaa";
      byte[] frame = frame(text);
      nanos += 1_000_000_000;

      byte[] deflated = deflater.deflated(frame);

      assertThat(deflated.length).isLessThan(frame.length);
      assertThat(inflated(deflated)).isEqualTo(text);
    }
  }

  @Test
  void frameThatGoesToMany_isDeflatedOnce() {
    MessageDeflater deflater = deflater(10);
    byte[] frame = frame("{\"type\":\"message\"}".repeat(20));

    byte[] deflated = deflater.deflated(frame);

    assertThat(deflater.deflated(frame)).isSameAs(deflated);
    assertThat(deflater.deflated(frame.clone())).isEqualTo(deflated).isNotSameAs(deflated);
    byte[] other = frame("{\"type\":\"other\"}".repeat(20));
    assertThat(inflated(deflater.deflated(other))).isEqualTo("{\"type\":\"other\"}".repeat(20));
    assertThat(deflater.deflated(frame)).isEqualTo(deflated);
  }

  /** A client that catches up with thousands of messages is not to keep the thread from others. */
  @Test
  void deflating_takesAShareOfTheThreadsTime_andWhatIsBeyondGoesOutAsItIs() {
    MessageDeflater deflater = deflater(10);
    String text = "{\"type\":\"message\"}".repeat(20);
    long cost = MessageDeflater.NANOS_A_FRAME + text.length() * MessageDeflater.NANOS_A_BYTE;

    int burst = 0;
    byte[] frame = frame(text);
    while (deflater.deflated(frame).length < frame.length) {
      burst++;
      frame = frame(text);
    }
    assertThat(burst * cost)
        .isBetween(MessageDeflater.BURST_NANOS, MessageDeflater.BURST_NANOS + cost);
    assertThat(deflater.deflated(frame)).isSameAs(frame);
    assertThat(skipped).isEqualTo(1);

    int deflated = 0;
    for (int millis = 0; millis < 1000; millis++) {
      nanos += 1_000_000;
      for (int i = 0; i < 100; i++) {
        byte[] next = frame(text);
        deflated += deflater.deflated(next).length < next.length ? 1 : 0;
      }
    }
    assertThat(deflated * cost).isBetween(249_000_000L, 251_000_000L);
  }

  @Test
  void frameThatWouldNotGain_goesOutAsItIs() {
    MessageDeflater deflater = deflater(100);
    byte[] random = new byte[2000];
    new Random(7).nextBytes(random);
    List<byte[]> frames =
        List.of(
            frame("a".repeat(99)),
            frame("a".repeat(MessageDeflater.MAX_BYTES + 1)),
            FrameEncoder.text(random, 0, random.length),
            FrameEncoder.ping("a".repeat(125).getBytes(UTF_8)),
            FrameEncoder.close(1000, "a".repeat(120)));

    for (byte[] frame : frames) {
      assertThat(deflater.deflated(frame)).isSameAs(frame);
      assertThat(deflater.deflated(frame)).isSameAs(frame);
    }
    assertThat(inflated(deflater.deflated(frame("a".repeat(100))))).isEqualTo("a".repeat(100));
    String longest = "a".repeat(MessageDeflater.MAX_BYTES);
    assertThat(inflated(deflater.deflated(frame(longest)))).isEqualTo(longest);
  }
}
