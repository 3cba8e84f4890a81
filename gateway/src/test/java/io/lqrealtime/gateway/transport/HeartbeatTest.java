package io.lqrealtime.gateway.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.websocket.FrameEncoder;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Who answers no ping, and whether that is for want of an answer or for what lies before it. */
@ParameterizedClass(name = "secure: {0}")
@ValueSource(booleans = {false, true})
class HeartbeatTest extends ConnectionFixture {
  @Test
  void clientThatAnswersNoPing_isClosed() throws Exception {
    WebSocketConnection connection = opened.take();

    loop.execute(() -> periods(connection, 3));

    assertThat(frame()).isEqualTo("opcode 9");
    assertThat(frame()).isEqualTo("close 4408");
    send(8, "\u0003\u00e8");
    assertThat(ends.poll(10, TimeUnit.SECONDS)).isEqualTo("NO_HEARTBEAT");
  }

  @Test
  void clientThatReadsSlowly_isKeptThoughItAnswersNoPing_andCountsAsBehindUntilItIsHeard()
      throws Exception {
    verdict = SilentPeers.Verdict.READS_SLOWLY;
    WebSocketConnection connection = opened.take();

    loop.execute(() -> periods(connection, 5));
    await(() -> loop.lagging() == 1);
    send(9, "here");

    assertThat(frame()).isEqualTo("opcode 9");
    // No further ping, which would only wait behind the first one.
    assertThat(frame()).isEqualTo("pong here");
    await(() -> loop.lagging() == 0);
    assertThat(judged).containsOnly(wire.getPort() + " " + wire.getLocalPort());
    assertThat(ends).isEmpty();
  }

  @Test
  void clientThatReadsSlowlyForTooLong_isClosedForItsLag() throws Exception {
    verdict = SilentPeers.Verdict.READS_SLOWLY;
    WebSocketConnection connection = reconnect(1);

    loop.execute(() -> periods(connection, 3));
    assertThat(frame()).isEqualTo("opcode 9");
    await(() -> loop.lagging() == 1);
    while (ends.isEmpty() && loop.lagging() == 1) {
      loop.execute(() -> periods(connection, 1));
      TimeUnit.MILLISECONDS.sleep(20);
    }

    assertThat(frame()).isEqualTo("close 4413");
    assertThat(ends.poll(10, TimeUnit.SECONDS)).isEqualTo("LAGGING");
  }

  @Test
  void clientThatHasReadOn_hasOneMoreHeartbeatToAnswer() throws Exception {
    verdict = SilentPeers.Verdict.READS_SLOWLY;
    WebSocketConnection connection = opened.take();
    loop.execute(() -> periods(connection, 3));
    await(() -> loop.lagging() == 1);

    verdict = SilentPeers.Verdict.UNKNOWN;
    loop.execute(() -> periods(connection, 1));
    await(() -> loop.lagging() == 0);
    assertThat(ends).isEmpty();
    loop.execute(() -> periods(connection, 1));

    assertThat(frame()).isEqualTo("opcode 9");
    assertThat(frame()).isEqualTo("close 4408");
  }

  @Test
  void clientThatIsBehindAndCantBeReached_isClosedBeforeTheLongestLag() throws Exception {
    verdict = SilentPeers.Verdict.UNREACHABLE;
    WebSocketConnection connection = opened.take();
    byte[] frame = FrameEncoder.text(new byte[60_000], 0, 60_000);
    CountDownLatch full = new CountDownLatch(1);
    loop.execute(() -> fill(connection, frame, full));
    assertThat(full.await(10, TimeUnit.SECONDS)).isTrue();

    // The first finds that nothing was heard since the one before, and that may be an outage.
    loop.execute(() -> periods(connection, 3));
    await(() -> !judged.isEmpty());
    assertThat(ends).isEmpty();
    loop.execute(() -> periods(connection, 1));
    await(() -> judged.size() > 1);
    loop.execute(() -> periods(connection, 10));
    assertThat(ends.poll(10, TimeUnit.SECONDS)).isEqualTo("NO_HEARTBEAT");
  }

  @Test
  void clientOfWhichNothingIsRead_isNotTakenForDead() throws Exception {
    WebSocketConnection connection = opened.take();

    loop.execute(
        () -> {
          connection.pauseReads();
          periods(connection, 4);
          connection.resumeReads();
          periods(connection, 1);
          connection.send(GREETING);
        });

    int pings = 0;
    String frame = frame();
    while (frame.equals("opcode 9")) {
      pings++;
      frame = frame();
    }
    assertThat(frame).isEqualTo("text hi");
    assertThat(pings).isGreaterThanOrEqualTo(4);
  }
}
