package io.lqrealtime.gateway.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.websocket.FrameEncoder;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What waits for clients that read late, or not at all, and how long. */
@ParameterizedClass(name = "secure: {0}")
@ValueSource(booleans = {false, true})
class SlowReaderTest extends ConnectionFixture {
  private static final int FRAMES = 40;

  @Test
  void liveFrames_areTakenUpToTheBound_andAnswersBeyondIt() throws Exception {
    WebSocketConnection connection = opened.take();
    byte[] frame = FrameEncoder.text(new byte[40_000], 0, 40_000);
    BlockingQueue<Boolean> taken = new LinkedBlockingQueue<>();

    loop.execute(
        () -> {
          taken.add(connection.offer(frame));
          taken.add(connection.offer(frame));
          connection.send(frame);
          taken.add(connection.room() > 0);
        });

    assertThat(taken.poll(10, TimeUnit.SECONDS)).isTrue();
    assertThat(taken.poll(10, TimeUnit.SECONDS)).isFalse();
    assertThat(taken.poll(10, TimeUnit.SECONDS)).isFalse();
    assertThat(frame()).hasSize(40_005);
    assertThat(frame()).hasSize(40_005);
    send(1, "{\"type\":\"ping\"}");
    assertThat(frame()).isEqualTo("text {\"type\":\"pong\",\"payload\":null}");
    // On its thread, where what was sent has been counted.
    BlockingQueue<Long> queued = new LinkedBlockingQueue<>();
    loop.execute(() -> queued.add(loop.memory().queuedBytes()));
    assertThat(queued.poll(10, TimeUnit.SECONDS)).isZero();
  }

  @Test
  void pastTheTenantsShareOfTheBudget_eachMayHaveLittleWaiting() throws Exception {
    WebSocketConnection connection = opened.take();
    byte[] frame = FrameEncoder.text(new byte[10_000], 0, 10_000);
    BlockingQueue<Boolean> taken = new LinkedBlockingQueue<>();

    loop.execute(
        () -> {
          MemoryBudget.Account others = loop.memory().open(NEIGHBOUR);
          others.queued(BUDGET);
          taken.add(connection.offer(frame));
          taken.add(connection.offer(frame));
          others.queued(-BUDGET);
          taken.add(connection.offer(frame));
        });

    assertThat(taken.poll(10, TimeUnit.SECONDS)).isTrue();
    assertThat(taken.poll(10, TimeUnit.SECONDS)).isFalse();
    assertThat(taken.poll(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void pastTheTenantsShare_aClientMayAskForOnePageAtATime_andGetsNoLargePong() throws Exception {
    WebSocketConnection connection = opened.take();
    BlockingQueue<Integer> seen = new LinkedBlockingQueue<>();
    BlockingQueue<Boolean> may = new LinkedBlockingQueue<>();

    loop.execute(
        () -> {
          seen.add(connection.room());
          may.add(connection.mayAnswer(BOUND));
          int others = loop.memory().open(NEIGHBOUR).reserve((int) BUDGET);
          seen.add(connection.room() - connection.reserve(BOUND));
          may.add(connection.mayAnswer(BOUND));
          may.add(connection.mayAnswer(1000));
          connection.release(others);
        });

    assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo(BOUND / 2);
    assertThat(seen.poll(10, TimeUnit.SECONDS)).isNegative();
    assertThat(may.poll(10, TimeUnit.SECONDS)).isTrue();
    assertThat(may.poll(10, TimeUnit.SECONDS)).isFalse();
    assertThat(may.poll(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void clientThatReadsNothing_isClosedOnlyAfterTheLongestLag() throws Exception {
    WebSocketConnection connection = reconnect(1);
    byte[] frame = FrameEncoder.text(new byte[60_000], 0, 60_000);
    CountDownLatch full = new CountDownLatch(1);
    long began = System.nanoTime();
    loop.execute(() -> fill(connection, frame, full));
    assertThat(full.await(10, TimeUnit.SECONDS)).isTrue();

    while (ends.isEmpty() && loop.lagging() == 1) {
      loop.execute(() -> periods(connection, 1));
      TimeUnit.MILLISECONDS.sleep(20);
    }

    assertThat(System.nanoTime() - began).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(900));
    assertThat(ends.poll(10, TimeUnit.SECONDS)).isEqualTo("LAGGING");
    assertThat(loop.memory().queuedBytes()).isZero();
  }

  /**
   * What the socket did not take of the last record must go out too, also where nothing follows.
   */
  @Test
  void clientThatReadsLate_getsEverything_andLagsNoMore() throws Exception {
    WebSocketConnection connection = opened.take();
    byte[] frame = FrameEncoder.text("x".repeat(50_000).getBytes(UTF_8), 0, 50_000);
    AtomicInteger sent = new AtomicInteger();
    loop.execute(() -> sendWhereThereIsRoom(connection, frame, sent));
    await(() -> loop.lagging() == 1 && loop.memory().queuedBytes() > BOUND / 2);

    for (int i = 0; i < FRAMES; i++) {
      assertThat(frame()).hasSize(50_005);
    }
    await(() -> loop.lagging() == 0 && loop.memory().queuedBytes() == 0);
    send(9, "last");
    assertThat(frame()).isEqualTo("pong last");
  }

  private void sendWhereThereIsRoom(
      WebSocketConnection connection, byte[] frame, AtomicInteger sent) {
    if (connection.offer(frame) && sent.incrementAndGet() == FRAMES) {
      return;
    }
    var _ =
        loop.thread()
            .executeAfter(
                () -> loop.execute(() -> sendWhereThereIsRoom(connection, frame, sent)),
                1,
                TimeUnit.MILLISECONDS);
  }
}
