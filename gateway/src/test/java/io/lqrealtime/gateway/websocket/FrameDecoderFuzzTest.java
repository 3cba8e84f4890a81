package io.lqrealtime.gateway.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Whatever bytes a client sends, in whatever pieces: the decoder throws nothing, reports what
 * {@link ReferenceDecoder} does, hands on texts that are UTF-8 and within the limit, and keeps no
 * more than its contract says.
 */
class FrameDecoderFuzzTest {
  private static final FrameLimits SMALL = new FrameLimits(600, 4);
  private static final FrameLimits DEFAULT = FrameLimits.defaults();

  /** The decoder's bookkeeping and a head, as its contract has it. */
  private static final int BESIDE_THE_MESSAGE = 179;

  private static final int INITIAL_MESSAGE = 512;

  private static final int RSV1 = 0x40;

  /** The first octet chooses limits and cuts, the others are the stream. */
  @FuzzTest
  void decode_ofAnyBytes_agreesWithTheReference_howeverTheyAreCut(byte[] input) {
    if (input.length == 0) {
      return;
    }
    FrameLimits limits = input[0] < 0 ? DEFAULT : SMALL;
    byte[] stream = Arrays.copyOfRange(input, 1, input.length);
    FrameRules rules = FrameRules.plain(limits);
    List<Event> expected = ReferenceDecoder.events(limits, stream);
    assertThat(read(rules, stream, stream.length)).isEqualTo(expected);
    assertThat(read(rules, stream, everyByte(stream))).isEqualTo(expected);
    assertThat(read(rules, stream, cuts(new Random(input[0]), stream))).isEqualTo(expected);
    for (int cut = 1; cut < Math.min(stream.length, 32); cut++) {
      assertThat(read(rules, stream, cut, stream.length)).isEqualTo(expected);
    }
  }

  /**
   * The same of a client that negotiated permessage-deflate. The script is a list of messages, each
   * an octet that says how it is sent, the length of its payload, and the payload: deflated, or
   * whatever else.
   */
  @FuzzTest
  void decode_ofAnythingDeflated_agreesWithTheReference_howeverItIsCut(byte[] script) {
    ClientFrames frames = new ClientFrames(new Random(script.length));
    ByteBuffer in = ByteBuffer.wrap(script);
    while (in.remaining() >= 2) {
      int how = in.get();
      byte[] payload = new byte[Math.min(in.get() & 0xff, in.remaining())];
      in.get(payload);
      send(how, (how & 16) == 0 ? RSV1 : 0, payload, frames, new ArrayList<>());
    }
    byte[] stream = frames.bytes();
    FrameRules rules =
        new FrameRules(SMALL, new MessageInflater(SMALL.maxMessageBytes(), System::nanoTime));
    List<Event> expected = ReferenceDecoder.events(SMALL, true, stream);
    assertThat(read(rules, stream, stream.length)).isEqualTo(expected);
    assertThat(read(rules, stream, everyByte(stream))).isEqualTo(expected);
    assertThat(read(rules, stream, cuts(new Random(script.length), stream))).isEqualTo(expected);
  }

  /**
   * The script is a list of messages, each an octet that says how it is sent, the length of its
   * text, and the text in Latin-1; the frames are written by an encoder that is not ours.
   */
  @FuzzTest
  void decode_ofWhatKeepsToTheRules_reportsWhatWasSent(byte[] script) {
    ClientFrames frames = new ClientFrames(new Random(script.length));
    List<Event> sent = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(script);
    while (in.remaining() >= 2) {
      int how = in.get();
      byte[] latin1 = new byte[Math.min(in.get() & 0xff, in.remaining())];
      in.get(latin1);
      String text = new String(latin1, ISO_8859_1);
      send(how, 0, text.getBytes(UTF_8), frames, sent);
      sent.add(new Event.Text(text));
    }
    frames.close(1000, "bye").text("ignored");
    sent.add(new Event.Close(1000, "bye"));
    byte[] stream = frames.bytes();
    FrameRules rules = FrameRules.plain(SMALL);
    assertThat(read(rules, stream, stream.length)).isEqualTo(sent);
    assertThat(read(rules, stream, everyByte(stream))).isEqualTo(sent);
    assertThat(read(rules, stream, cuts(new Random(script.length), stream))).isEqualTo(sent);
  }

  /** In up to four fragments, cut within characters too, with control frames between them. */
  private static void send(
      int how, int reserved, byte[] bytes, ClientFrames frames, List<Event> sent) {
    int fragments = 1 + (how & 3);
    int from = 0;
    for (int fragment = 1; fragment <= fragments; fragment++) {
      int to = fragment == fragments ? bytes.length : bytes.length * fragment / fragments;
      frames.frame(
          fragment == fragments,
          fragment == 1 ? reserved | Opcode.TEXT : Opcode.CONTINUATION,
          Arrays.copyOfRange(bytes, from, to));
      from = to;
      if (fragment < fragments && (how & 4) != 0) {
        String payload = new String(bytes, 0, Math.min(bytes.length, 125), ISO_8859_1);
        boolean ping = (how & 8) != 0;
        frames.frame(true, ping ? Opcode.PING : Opcode.PONG, payload.getBytes(ISO_8859_1));
        sent.add(ping ? new Event.Ping(payload) : new Event.Pong(payload));
      }
    }
  }

  private static int[] everyByte(byte[] stream) {
    return IntStream.rangeClosed(1, stream.length).toArray();
  }

  private static int[] cuts(Random random, byte[] stream) {
    return IntStream.concat(
            random.ints(6, 0, stream.length + 1).sorted(), IntStream.of(stream.length))
        .toArray();
  }

  /** What a fresh decoder reports, which keeps its promises meanwhile. */
  private static List<Event> read(FrameRules rules, byte[] stream, int... ends) {
    FrameLimits limits = rules.limits();
    Checked events = new Checked(limits);
    FrameDecoder decoder = new FrameDecoder(rules);
    int from = 0;
    for (int end : ends) {
      events.read(decoder, Arrays.copyOfRange(stream, from, end));
      from = end;
      int message = Math.min(limits.maxMessageBytes(), Math.max(INITIAL_MESSAGE, 2 * end));
      assertThat(decoder.retainedBytes()).isLessThanOrEqualTo(BESIDE_THE_MESSAGE + message);
    }
    return events.seen();
  }

  private static final class Checked extends Events {
    private final FrameLimits limits;

    Checked(FrameLimits limits) {
      this.limits = limits;
    }

    @Override
    public void onText(byte[] buffer, int offset, int length, int received) {
      assertThat(length).isBetween(0, limits.maxMessageBytes());
      assertThat(isUtf8(buffer, offset, length)).isTrue();
      super.onText(buffer, offset, length, received);
    }

    private static boolean isUtf8(byte[] buffer, int offset, int length) {
      try {
        UTF_8.newDecoder().decode(ByteBuffer.wrap(buffer, offset, length));
        return true;
      } catch (CharacterCodingException e) {
        return false;
      }
    }
  }
}
