package io.lqrealtime.gateway.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.session.Turn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.StreamConnection;

/** Messages that are not whole yet: what they take, and how long they may. */
@ParameterizedClass(name = "secure: {0}")
@ValueSource(booleans = {false, true})
class UnfinishedMessageTest extends ConnectionFixture {
  @Test
  void messageThatIsNotWhole_counts_andNoMoreWhenItIs() throws Exception {
    byte[] frame =
        clientFrame(
            0x81, ("{\"type\":\"ping\",\"pad\":\"" + "z".repeat(30_000) + "\"}").getBytes(UTF_8));
    client.getOutputStream().write(frame, 0, 29_000);
    await(() -> loop.memory().unfinishedBytes() > 28_000);

    client.getOutputStream().write(frame, 29_000, frame.length - 29_000);

    assertThat(frame()).isEqualTo("text {\"type\":\"pong\",\"payload\":null}");
    await(() -> loop.memory().unfinishedBytes() == 0);
  }

  @Test
  void whileTheBudgetOfUnfinishedMessagesIsUsedUp_whoSendsMoreOfOneIsClosed() throws Exception {
    loop.execute(() -> loop.memory().open(NEIGHBOUR).unfinished(INBOUND_BUDGET));
    byte[] frame = clientFrame(0x81, new byte[20_000]);

    send(1, "{\"type\":\"ping\"}");
    assertThat(frame()).isEqualTo("text {\"type\":\"pong\",\"payload\":null}");
    client.getOutputStream().write(frame, 0, 10_000);

    assertThat(frame()).isEqualTo("close 1013");
    await(() -> loop.memory().unfinishedBytes() == INBOUND_BUDGET);
    assertThat(endOnceHungUp()).isEqualTo("OVERLOADED");
  }

  @Test
  void clientThatEndsInAMessage_leavesNothingCounted() throws Exception {
    client.getOutputStream().write(clientFrame(0x81, new byte[20_000]), 0, 10_000);
    await(() -> loop.memory().unfinishedBytes() > 0);

    wire.setSoLinger(true, 0);
    wire.close();

    await(() -> loop.memory().unfinishedBytes() == 0);
  }

  @Test
  void messageThatIsNotWholeAfterTwoHeartbeats_isAViolation() throws Exception {
    WebSocketConnection connection = opened.take();
    // Heartbeats of real time would come on top of the test's own.
    loop.stop();
    client.getOutputStream().write(clientFrame(1, new byte[10_000]));
    await(() -> loop.memory().unfinishedBytes() > 0);

    int heartbeats = 0;
    // Whatever else comes of it: pings between the fragments don't make it whole.
    send(9, "here");
    String answer = framesUntil("pong", "close");
    while (answer.equals("pong here") && heartbeats < 5) {
      passHeartbeat(connection);
      heartbeats++;
      send(9, "here");
      answer = framesUntil("pong", "close");
    }

    assertThat(answer).isEqualTo("close 1008");
    assertThat(heartbeats).as("the first period may have begun before").isBetween(3, 4);
    assertThat(endOnceHungUp()).isEqualTo("MESSAGE_TOO_SLOW");
    assertThat(loop.memory().unfinishedBytes()).isZero();
  }

  @Test
  void messageThatIsNotWhole_whileItsClientWaitsForItsTenantsTurn_isAViolationAllTheSame()
      throws Exception {
    WebSocketConnection connection = opened.take();
    StreamConnection channel = channels.take();
    loop.stop();
    client.getOutputStream().write(clientFrame(1, new byte[10_000]));
    await(() -> loop.memory().unfinishedBytes() > 0);

    loop.execute(
        () -> {
          Turn others = loop.turns().open(ACME);
          if (others.begin()) {
            while (!others.isOver()) {
              Thread.onSpinWait();
            }
            others.end();
          }
          connection.handleEvent(channel.getSourceChannel());
          assertThat(loop.turns().waiting()).isEqualTo(1);
          periods(connection, 4);
        });

    assertThat(framesUntil("close")).isEqualTo("close 1008");
    assertThat(endOnceHungUp()).isEqualTo("MESSAGE_TOO_SLOW");
  }

  @Test
  void clientOfWhichTheEndOfAMessageIsNeverInTheSameRead_isKept() throws Exception {
    WebSocketConnection connection = opened.take();
    byte[] frame = clientFrame(0x81, "{\"type\":\"ping\"}".getBytes(UTF_8));
    client.getOutputStream().write(frame, 0, 5);
    for (int i = 0; i < 5; i++) {
      await(() -> loop.memory().unfinishedBytes() > 0);
      passHeartbeat(connection);
      ByteArrayOutputStream next = new ByteArrayOutputStream();
      next.write(frame, 5, frame.length - 5);
      next.write(frame, 0, 5);
      client.getOutputStream().write(next.toByteArray());
      String answer = frame();
      assertThat(answer.equals("opcode 9") ? frame() : answer)
          .isEqualTo("text {\"type\":\"pong\",\"payload\":null}");
    }
    assertThat(ends).isEmpty();
  }

  private String framesUntil(String... kinds) throws IOException {
    String frame = frame();
    while (Stream.of(kinds).noneMatch(frame::startsWith)) {
      frame = frame();
    }
    return frame;
  }

  private void passHeartbeat(WebSocketConnection connection) throws InterruptedException {
    // Time passes by the test's hand alone: a slow machine would add heartbeats.
    loop.stop();
    CountDownLatch passed = new CountDownLatch(1);
    loop.execute(
        () -> {
          periods(connection, 1);
          passed.countDown();
        });
    passed.await();
  }
}
