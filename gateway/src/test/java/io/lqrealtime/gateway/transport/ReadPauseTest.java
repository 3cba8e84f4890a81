package io.lqrealtime.gateway.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.session.Delivery;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.gateway.websocket.FrameLimits;
import io.lqrealtime.gateway.websocket.PerMessageDeflate;
import io.lqrealtime.id.Channel;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.StreamConnection;

/** When clients are not read from: at a limit, and for the sake of others. */
@ParameterizedClass(name = "secure: {0}")
@ValueSource(booleans = {false, true})
class ReadPauseTest extends ConnectionFixture {
  /** Bytes that fit into the buffers of a socket whose other side does nothing, on any system. */
  private static final int FLOOD = 24 * 1024;

  /** Whoever floods can be stopped after a few frames, and not only after all that has come. */
  @Test
  void ofATenantAtItsLimit_littleIsHandledBeforeAPause_andNothingIsLost() throws Exception {
    WebSocketConnection connection = opened.take();
    CountDownLatch ready = new CountDownLatch(1);
    loop.execute(
        () -> {
          connection.session().seat().tenant().reachesLimit();
          pausing = connection;
          ready.countDown();
        });
    ready.await();
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < 200; i++) {
      frames.write(
          clientFrame(0x81, ("{\"type\":\"ping\",\"payload\":" + i + "}").getBytes(UTF_8)));
    }
    client.getOutputStream().write(frames.toByteArray());

    for (int heard = 0; heard < 200; ) {
      int before = heard;
      await(() -> framesReceived.get() > before);
      // Before it goes on: what comes then is to be waited for.
      heard = framesReceived.get();
      loop.execute(
          () -> {
            framesSincePause = 0;
            connection.resumeReads();
          });
    }
    for (int i = 0; i < 200; i++) {
      assertThat(frame()).isEqualTo("text {\"type\":\"pong\",\"payload\":" + i + "}");
    }
    assertThat(mostSincePause).isPositive().isLessThanOrEqualTo(512 / 30);
  }

  /** Frames that came with those before them, in the same record, raise no readiness event. */
  @Test
  void framesThatCameWhileNothingWasRead_areReadWhenReadingGoesOn() throws Exception {
    WebSocketConnection connection = opened.take();
    pauseReads(connection);
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < 2000; i++) {
      frames.write(
          clientFrame(0x81, ("{\"type\":\"ping\",\"payload\":" + i + "}").getBytes(UTF_8)));
    }
    client.getOutputStream().write(frames.toByteArray());
    for (int pause = 0; pause < 10; pause++) {
      loop.execute(connection::resumeReads);
      loop.execute(connection::pauseReads);
    }
    loop.execute(connection::resumeReads);

    for (int i = 0; i < 2000; i++) {
      assertThat(frame()).isEqualTo("text {\"type\":\"pong\",\"payload\":" + i + "}");
    }
  }

  /** The second of two events may come after the first one's bytes have paused the connection. */
  @Test
  void eventThatComesWhileNothingIsToBeRead_readsNothing() throws Exception {
    WebSocketConnection connection = opened.take();
    StreamConnection channel = channels.take();
    pauseReads(connection);
    send(1, "{\"type\":\"ping\"}");
    CompletableFuture<Integer> received = new CompletableFuture<>();
    loop.execute(
        () -> {
          connection.handleEvent(channel.getSourceChannel());
          received.complete(framesReceived.get());
          connection.resumeReads();
        });

    assertThat(received.get()).isZero();
    assertThat(frame()).isEqualTo("text {\"type\":\"pong\",\"payload\":null}");
  }

  /** A message of a few bytes may take long to inflate. */
  @Test
  void messagesThatTakeLongToInflate_areReadNoFasterThanTheirTenantPaysForThem() throws Exception {
    long begin = System.nanoTime();
    AtomicLong inflatingTime = new AtomicLong();
    AtomicInteger pauses = new AtomicInteger();
    long takesNanos = 50_000_000;
    deflate =
        new PerMessageDeflate(
            FrameLimits.defaults(),
            1000,
            () -> inflatingTime.getAndAdd(takesNanos),
            new PerMessageDeflate.Metrics() {
              @Override
              public void received(int wire, int plain) {}

              @Override
              public void sent(int wire, int plain) {}

              @Override
              public void skipped() {}

              @Override
              public void paused() {
                pauses.incrementAndGet();
              }
            });
    try (Socket deflating = connect(new Socket())) {
      in = new DataInputStream(deflating.getInputStream());
      assertThat(frame()).isEqualTo("text hi");
      byte[] ping = clientFrame(0xC1, deflated("{\"type\":\"ping\"}"));
      for (int i = 0; i < 3; i++) {
        deflating.getOutputStream().write(ping);
        assertThat(frame()).isEqualTo("text {\"type\":\"pong\",\"payload\":null}");
      }
    }
    // The third is read when the first two are paid for.
    long owedNanos = (2 * takesNanos - TenantTurns.PAID_BURST_NANOS) * TenantTurns.PAID_SHARE;
    assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(owedNanos);
    assertThat(pauses).hasValue(3);
  }

  private static byte[] deflated(String text) {
    try (Deflater zlib = new Deflater(Deflater.BEST_SPEED, true)) {
      zlib.setInput(text.getBytes(UTF_8));
      byte[] bytes = new byte[1000];
      int count = zlib.deflate(bytes, 0, bytes.length, Deflater.SYNC_FLUSH);
      // RFC 7692, section 7.2.1: without the end of a flush.
      return Arrays.copyOf(bytes, count - 4);
    }
  }

  /**
   * Everybody has sent before anybody is read from, and the flooding tenant far more: the others
   * are answered after a turn of it, however many connections it has.
   */
  @Test
  void clientsOfOneTenantThatFlood_keepNobodyElseWaiting() throws Exception {
    List<Socket> floods = new ArrayList<>();
    List<Socket> others = new ArrayList<>();
    try {
      for (int i = 0; i < 60; i++) {
        tenant = i < 40 ? ACME : NEIGHBOUR;
        Socket one = connect(new Socket());
        (i < 40 ? floods : others).add(one);
        assertThat(frame(one)).isEqualTo("text hi");
      }
      CountDownLatch goOn = blockLoop();
      byte[] ping = clientFrame(0x81, "{\"type\":\"ping\"}".getBytes(UTF_8));
      for (Socket flood : floods) {
        flood.getOutputStream().write(repeat(ping, FLOOD));
      }
      for (Socket other : others) {
        other.getOutputStream().write(ping);
      }
      int before = framesReceived.get();
      goOn.countDown();
      for (Socket other : others) {
        assertThat(frame(other)).isEqualTo("text {\"type\":\"pong\",\"payload\":null}");
      }
      // Of more than 46,000.
      assertThat(receivedBeforeNeighbour - before).isBetween(20, 10_000);

      await(() -> framesReceived.get() - before == 40 * (FLOOD / ping.length) + 20);
      await(() -> loop.waitingForTurn() == 0);
    } finally {
      for (Socket one : floods) {
        one.close();
      }
      for (Socket one : others) {
        one.close();
      }
    }
  }

  /**
   * Many messages have come for a crowd, all at once, before another tenant's client is read from:
   * it is answered when the crowd has had its share, and the crowd gets everything, in order.
   */
  @Test
  void messagesForACrowdOfOneTenant_keepNobodyElseWaiting() throws Exception {
    recent.startAt(0, 0);
    List<Socket> crowd = new ArrayList<>();
    try {
      for (int i = 0; i < 40; i++) {
        Socket one = connect(new Socket());
        crowd.add(one);
        assertThat(frame(one)).isEqualTo("text hi");
        one.getOutputStream()
            .write(clientFrame(0x81, "{\"type\":\"subscribe\",\"channel\":\"r\"}".getBytes(UTF_8)));
        assertThat(frame(one)).contains("subscribed");
      }
      tenant = NEIGHBOUR;
      Socket other = connect(new Socket());
      crowd.add(other);
      assertThat(frame(other)).isEqualTo("text hi");

      CountDownLatch goOn = blockLoop();
      List<Delivery> messages = new ArrayList<>();
      TenantChannel channel = new TenantChannel(ACME, new Channel("r"));
      for (int offset = 1; offset <= 1_000; offset++) {
        byte[] text = ("m" + offset).getBytes(UTF_8);
        byte[] frame = FrameEncoder.text(text, 0, text.length);
        recent.add(channel, 0, offset, frame);
        messages.add(new Delivery.Broadcast(channel, 0, offset, frame, offset));
      }
      loop.deliver(messages);
      other.getOutputStream().write(clientFrame(0x81, "{\"type\":\"ping\"}".getBytes(UTF_8)));
      goOn.countDown();
      assertThat(frame(other)).contains("pong");
      // Of 40,000.
      assertThat(deliveredBeforeNeighbour).isLessThan(15_000);

      for (Socket one : crowd.subList(0, 40)) {
        DataInputStream from = new DataInputStream(new BufferedInputStream(one.getInputStream()));
        for (int offset = 1; offset <= 1_000; offset++) {
          assertThat(frame(from)).isEqualTo("text m" + offset);
        }
      }
      await(() -> framesDelivered.get() == 40_000);
      await(() -> loop.waitingForTurn() == 0);
    } finally {
      for (Socket one : crowd) {
        one.close();
      }
    }
  }

  /** Holds the I/O thread up until the latch is counted down. */
  private CountDownLatch blockLoop() throws InterruptedException {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    loop.execute(
        () -> {
          blocked.countDown();
          try {
            assertThat(goOn.await(15, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    blocked.await();
    return goOn;
  }
}
