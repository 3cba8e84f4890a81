package io.lqrealtime.gateway.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderMemoryTest {

  private static final FrameLimits LIMITS = new FrameLimits(64 * 1024, 1024);

  private static final int BOOKKEEPING = 48;

  private final FrameDecoder decoder = new FrameDecoder(FrameRules.plain(LIMITS));
  private final Events events = new Events();

  private void read(ClientFrames frames) {
    events.read(decoder, frames.bytes());
  }

  @Test
  void decoder_consistsOfTwoReferences() {
    // 8 bytes of compact header and 2 compressed references: a third field would make it 24 bytes.
    assertThat(FrameDecoder.class.getDeclaredFields())
        .filteredOn(field -> !Modifier.isStatic(field.getModifiers()))
        .hasSize(2)
        .allMatch(field -> !field.getType().isPrimitive());
  }

  @Test
  void retainedBytes_afterWholeFrames_isZero() {
    read(new ClientFrames().text("a".repeat(1000)).ping("p").text("€"));
    assertThat(decoder.retainedBytes()).isZero();
  }

  @Test
  void retainedBytes_afterAFragmentedMessage_isZeroAgain() {
    read(new ClientFrames().text(false, "a".repeat(1000)));
    assertThat(decoder.retainedBytes()).isBetween(1000, BOOKKEEPING + 2000);
    read(new ClientFrames().more(true, "b"));
    assertThat(events.seen()).containsExactly(new Event.Text("a".repeat(1000) + "b"));
    assertThat(decoder.retainedBytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 8, 9, 100, 307})
  void retainedBytes_afterAFrameInTwoPieces_isZeroAgain(int cut) {
    byte[] frame = new ClientFrames().text("a".repeat(300)).bytes();
    events.read(decoder, Arrays.copyOf(frame, cut));
    assertThat(decoder.retainedBytes()).isPositive();
    events.read(decoder, Arrays.copyOfRange(frame, cut, frame.length));
    assertThat(events.seen()).containsExactly(new Event.Text("a".repeat(300)));
    assertThat(decoder.retainedBytes()).isZero();
  }

  @Test
  void retainedBytes_afterAPingInTwoPieces_isZeroAgain() {
    byte[] ping = new ClientFrames().ping("p").bytes();
    for (int cut = 1; cut < ping.length; cut++) {
      events.read(decoder, Arrays.copyOf(ping, cut));
      assertThat(decoder.retainedBytes()).isPositive();
      events.read(decoder, Arrays.copyOfRange(ping, cut, ping.length));
      assertThat(decoder.retainedBytes()).isZero();
    }
  }

  @Test
  void retainedBytes_whenAControlFrameInPiecesIsDone_isWhatTheMessageNeeds() {
    read(new ClientFrames().text(false, "a"));
    int message = decoder.retainedBytes();
    byte[] ping = new ClientFrames().ping("p".repeat(125)).bytes();
    events.read(decoder, Arrays.copyOf(ping, 100));
    assertThat(decoder.retainedBytes()).isBetween(message + 100, message + 131);
    events.read(decoder, Arrays.copyOfRange(ping, 100, ping.length));
    assertThat(decoder.retainedBytes()).isEqualTo(message);
  }

  @Test
  void retainedBytes_afterALongHeaderAndOneByte_isNotWhatWasAnnounced() {
    read(new ClientFrames().header(true, Opcode.TEXT, 60_000).raw("00000000 61"));
    assertThat(decoder.retainedBytes()).isLessThanOrEqualTo(BOOKKEEPING + 512);
  }

  @Test
  void retainedBytes_whileAMessageArrives_isAtMostTwiceWhatCameAndNeverBeyondTheLimit() {
    read(new ClientFrames().header(false, Opcode.TEXT, 64 * 1024).raw("00000000"));
    byte[] piece = new byte[100];
    Arrays.fill(piece, (byte) 'a');
    int came = 0;
    while (came + piece.length <= 64 * 1024) {
      events.read(decoder, piece);
      came += piece.length;
      assertThat(decoder.retainedBytes())
          .isLessThanOrEqualTo(BOOKKEEPING + Math.min(Math.max(512, 2 * came), 64 * 1024));
    }
  }

  @Test
  void retainedBytes_afterStop_isZero() {
    read(new ClientFrames().text(false, "a"));
    decoder.stop();
    assertThat(decoder.retainedBytes()).isZero();
  }

  @Test
  void decode_ofWholeFrames_allocatesNothing() {
    byte[] stream =
        new ClientFrames().text("a".repeat(200)).text("κόσμε".repeat(20)).ping("p").bytes();
    ByteBuffer buffer = ByteBuffer.allocate(1024);
    FrameHandler nothing = new Ignoring();
    for (int round = 0; round < 2_000; round++) {
      decoder.decode(buffer.clear().put(stream).flip(), nothing);
    }

    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int round = 0; round < 10_000; round++) {
      decoder.decode(buffer.clear().put(stream).flip(), nothing);
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    // 30,000 frames; one object of the smallest size a frame would be 480,000 bytes.
    assertThat(allocated).isLessThan(10_000);
  }

  private static final class Ignoring implements FrameHandler {
    @Override
    public void onText(byte[] buffer, int offset, int length, int received) {}

    @Override
    public void onPing(byte[] buffer, int offset, int length) {}

    @Override
    public void onPong(byte[] buffer, int offset, int length) {}

    @Override
    public void onClose(int code, String reason) {}

    @Override
    public void onViolation(Violation violation) {
      throw new AssertionError(violation);
    }
  }
}
