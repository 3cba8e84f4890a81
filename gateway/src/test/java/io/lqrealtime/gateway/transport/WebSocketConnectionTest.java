package io.lqrealtime.gateway.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.Socket;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Text, closes and ends, on real sockets, plain and with TLS: the client's half is one of the JDK.
 */
@ParameterizedClass(name = "secure: {0}")
@ValueSource(booleans = {false, true})
class WebSocketConnectionTest extends ConnectionFixture {
  @Test
  void text_isAnsweredByTheSession_andPingByTheConnection() throws Exception {
    send(1, "{\"type\":\"ping\"}");
    send(9, "you");

    assertThat(frame()).isEqualTo("text {\"type\":\"pong\",\"payload\":null}");
    assertThat(frame()).isEqualTo("pong you");
  }

  @Test
  void clientsClose_isEchoed_andEndsTheConnection() throws Exception {
    send(8, "\u0003\u00e8");

    assertThat(frame()).isEqualTo("close 1000");
    assertThat(in.read()).isEqualTo(-1);
    assertThat(ends.poll(10, TimeUnit.SECONDS)).isEqualTo("CLIENT");
  }

  @Test
  void close_comesAfterWhatIsQueued_andNothingComesAfterIt() throws Exception {
    WebSocketConnection connection = opened.take();
    loop.execute(
        () -> {
          connection.send(GREETING);
          connection.close(CloseReason.DRAIN);
          connection.send(GREETING);
        });

    assertThat(frame()).isEqualTo("text hi");
    assertThat(frame()).isEqualTo("close 1012");
    send(8, "\u0003\u00f4");
    assertThat(in.read()).isEqualTo(-1);
    assertThat(ends.poll(10, TimeUnit.SECONDS)).isEqualTo("DRAIN");
  }

  @Test
  void unmaskedFrame_isAViolation() throws Exception {
    client.getOutputStream().write(new byte[] {(byte) 0x81, 0});

    assertThat(frame()).isEqualTo("close 1002");
    assertThat(in.read()).isEqualTo(-1);
  }

  /** Of the last frame the socket takes a part, TLS has the rest, and nothing is sent after it. */
  @Test
  void lastFrame_comesWhole_howeverLateItIsRead() throws Exception {
    WebSocketConnection connection = opened.take();
    byte[] frame = FrameEncoder.text(new byte[1000], 0, 1000);
    int sent = 0;
    while (loop.lagging() == 0) {
      loop.execute(() -> connection.send(frame));
      CountDownLatch flushed = new CountDownLatch(1);
      loop.thread().execute(flushed::countDown);
      flushed.await();
      sent++;
    }
    if (secure) {
      assertThat(loop.memory().queuedBytes()).isZero();
    }

    for (int i = 0; i < sent; i++) {
      assertThat(frame()).hasSize(1005);
    }
    await(() -> loop.lagging() == 0);
  }

  @Test
  void largeMessages_goBothWaysAtOnce() throws Exception {
    String ping = "{\"type\":\"ping\",\"payload\":\"" + "z".repeat(60_000) + "\"}";
    // Under TLS each takes several times as long.
    int messages = secure ? 30 : 100;
    int step = 57_700 / messages;
    Thread sender =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    for (int i = 0; i < messages; i++) {
                      sendInFragments(ping, 1 + i * step);
                    }
                  } catch (IOException e) {
                    ends.add(e.toString());
                  }
                });
    String pong = "text {\"type\":\"pong\",\"payload\":\"" + "z".repeat(60_000) + "\"}";
    for (int i = 0; i < messages; i++) {
      assertThat(frame()).isEqualTo(pong);
    }
    sender.join();
    assertThat(ends).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {9, 10})
  void floodOfPingsOrPongs_isClosedWith1008(int opcode) throws Exception {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      frames.write(clientFrame(0x80 | opcode, new byte[0]));
    }

    client.getOutputStream().write(frames.toByteArray());

    String last = frame();
    int pongs = 0;
    while (last.equals("pong ")) {
      pongs++;
      last = frame();
    }
    assertThat(last).isEqualTo("close 1008");
    assertThat(pongs).isLessThanOrEqualTo(20);
    assertThat(endOnceHungUp()).isEqualTo("TOO_MANY_CONTROL_FRAMES");
  }

  @Test
  void clientThatIsGoneWithoutAWord_isLetGo() throws Exception {
    // A reset, under TLS without its goodbye.
    wire.setSoLinger(true, 0);
    wire.close();

    assertThat(ends.poll(10, TimeUnit.SECONDS)).isEqualTo("CLIENT");
  }

  @Test
  void connectionThatHasEnded_isNotHeldOnTo() throws Exception {
    WeakReference<WebSocketConnection> connection = new WeakReference<>(opened.take());
    channels.clear();
    CountDownLatch waiting = new CountDownLatch(1);
    loop.execute(
        () -> {
          loop.wakeIn(Objects.requireNonNull(connection.get()), 60);
          waiting.countDown();
        });
    waiting.await();

    client.close();

    assertThat(ends.poll(10, TimeUnit.SECONDS)).isNotNull();
    // What an I/O thread did last is on its stack until it does something else.
    try (Socket other = connect(new Socket())) {
      await(
          () -> {
            System.gc();
            return connection.get() == null;
          });
      assertThat(other.isConnected()).isTrue();
    }
  }

  @Test
  void taskThatEndsInAnError_isTheLastOfNobodys() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    loop.execute(
        () -> {
          throw new AssertionError("by order");
        });
    loop.execute(ran::countDown);

    assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
    send(1, "{\"type\":\"ping\"}");
    assertThat(frame()).contains("pong");
  }

  /** A text in two fragments, of which the first has so many bytes. */
  private void sendInFragments(String text, int first) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    client.getOutputStream().write(clientFrame(1, Arrays.copyOf(bytes, first)));
    client
        .getOutputStream()
        .write(clientFrame(0x80, Arrays.copyOfRange(bytes, first, bytes.length)));
  }
}
