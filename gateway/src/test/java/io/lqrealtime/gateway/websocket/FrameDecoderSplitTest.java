package io.lqrealtime.gateway.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is reported depends on the bytes, not on how they were cut into reads. */
class FrameDecoderSplitTest {

  private static final FrameLimits LIMITS = new FrameLimits(2_000, 8);

  /**
   * Every kind of frame, every size of header that the limit allows, and characters of every size.
   */
  private static byte[] everything() {
    return new ClientFrames()
        .text("hello, κόσμε 😀")
        .ping("")
        .text("")
        .text(false, "ein Frag")
        .ping("ping")
        .more(false, "ment")
        .more(false, "")
        .pong("pong")
        .more(true, " und noch €ins")
        .text("x".repeat(126))
        .raw("01 82 00000000 F09F")
        .raw("80 82 00000000 9880")
        .text(false, "é".repeat(80))
        .more(true, "z")
        .close(3000, "tschüß")
        .text("ignored")
        .bytes();
  }

  @Test
  void decode_inTwoPiecesCutAnywhere_reportsTheSame() {
    byte[] stream = everything();
    List<Event> whole = Events.of(LIMITS, stream);
    assertThat(whole).hasSize(10).endsWith(new Event.Close(3000, "tschüß"));
    for (int cut = 0; cut <= stream.length; cut++) {
      assertThat(Events.of(LIMITS, stream, cut, stream.length))
          .as("cut at %d", cut)
          .isEqualTo(whole);
    }
  }

  @Test
  void decode_inThreePiecesCutAnywhere_reportsTheSame() {
    byte[] stream =
        new ClientFrames()
            .text("€")
            .text(false, "😀")
            .ping("p")
            .more(true, "é")
            .close(1000, "ü")
            .bytes();
    List<Event> whole = Events.of(LIMITS, stream);
    assertThat(whole).hasSize(4);
    for (int first = 0; first <= stream.length; first++) {
      for (int second = first; second <= stream.length; second++) {
        assertThat(Events.of(LIMITS, stream, first, second, stream.length))
            .as("cut at %d and %d", first, second)
            .isEqualTo(whole);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 8, 13, 64, 127})
  void decode_inPiecesOfOneSize_reportsTheSame(int size) {
    byte[] stream = everything();
    List<Integer> ends = new ArrayList<>();
    for (int end = size; end < stream.length; end += size) {
      ends.add(end);
    }
    ends.add(stream.length);
    assertThat(Events.of(LIMITS, stream, ends.stream().mapToInt(Integer::intValue).toArray()))
        .isEqualTo(Events.of(LIMITS, stream));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void decode_ofRandomConversations_reportsWhatWasSent(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      RandomConversation sent = new RandomConversation(random, LIMITS);
      byte[] stream = sent.stream();
      String context = "seed " + seed + ", round " + round;
      assertThat(Events.of(LIMITS, stream)).as(context).isEqualTo(sent.events());
      assertThat(Events.of(LIMITS, stream, randomEnds(random, stream.length)))
          .as(context)
          .isEqualTo(sent.events());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void decode_ofDamagedConversations_agreesWithTheReferenceAndThrowsNothing(long seed) {
    Random random = new Random(seed);
    int violations = 0;
    for (int round = 0; round < 500; round++) {
      byte[] stream = new RandomConversation(random, LIMITS).stream();
      for (int damage = random.nextInt(3); damage >= 0; damage--) {
        stream[random.nextInt(Math.min(stream.length, 400))] ^= (byte) (1 << random.nextInt(8));
      }
      stream = Arrays.copyOf(stream, random.nextInt(stream.length) + 1);
      String context =
          "seed " + seed + ", round " + round + ": " + HexFormat.of().formatHex(stream);
      List<Event> expected = ReferenceDecoder.events(LIMITS, stream);
      assertThat(Events.of(LIMITS, stream)).as(context).isEqualTo(expected);
      assertThat(Events.of(LIMITS, stream, randomEnds(random, stream.length)))
          .as(context)
          .isEqualTo(expected);
      assertThat(Events.byteByByte(LIMITS, stream)).as(context).isEqualTo(expected);
      if (!expected.isEmpty() && expected.getLast() instanceof Event.Violated) {
        violations++;
      }
    }
    assertThat(violations).as("seed %d: the damage shows", seed).isGreaterThan(100);
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22})
  void decode_ofNoise_agreesWithTheReferenceAndThrowsNothing(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 5_000; round++) {
      byte[] stream = new byte[1 + random.nextInt(64)];
      random.nextBytes(stream);
      // Otherwise nearly all noise ends at its first two bytes.
      stream[0] = (byte) new int[] {0x81, 0x01, 0x88, 0x89, 0x8A}[random.nextInt(5)];
      if (stream.length > 1) {
        stream[1] |= (byte) 0x80;
      }
      List<Event> expected = ReferenceDecoder.events(LIMITS, stream);
      String context =
          "seed " + seed + ", round " + round + ": " + HexFormat.of().formatHex(stream);
      assertThat(Events.of(LIMITS, stream)).as(context).isEqualTo(expected);
      assertThat(Events.byteByByte(LIMITS, stream)).as(context).isEqualTo(expected);
    }
  }

  private static int[] randomEnds(Random random, int length) {
    int pieces = 1 + random.nextInt(12);
    return IntStream.concat(random.ints(pieces, 0, length + 1).sorted(), IntStream.of(length))
        .toArray();
  }
}
