package io.lqrealtime.gateway.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.embedded.SelfSignedCertificate.Algorithm;
import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.gateway.delivery.RecentMessages;
import io.lqrealtime.gateway.limit.Limit;
import io.lqrealtime.gateway.limit.RateLimit;
import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.session.ChannelMetrics;
import io.lqrealtime.gateway.session.ChannelPresence;
import io.lqrealtime.gateway.session.ChannelTable;
import io.lqrealtime.gateway.session.ClientLink;
import io.lqrealtime.gateway.session.Delivery;
import io.lqrealtime.gateway.session.History;
import io.lqrealtime.gateway.session.Interests;
import io.lqrealtime.gateway.session.LogPositions;
import io.lqrealtime.gateway.session.Session;
import io.lqrealtime.gateway.session.SessionLimits;
import io.lqrealtime.gateway.session.SessionServices;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.gateway.session.Turn;
import io.lqrealtime.gateway.tenant.TenantLimits;
import io.lqrealtime.gateway.tenant.Tenants;
import io.lqrealtime.gateway.tls.KeyPairFiles;
import io.lqrealtime.gateway.tls.ServerCertificate;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.gateway.websocket.FrameLimits;
import io.lqrealtime.gateway.websocket.FrameRules;
import io.lqrealtime.gateway.websocket.PerMessageDeflate;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/** On real sockets, plain and with TLS: the client's half is one of the JDK. */
@Timeout(20)
@ParameterizedClass(name = "secure: {0}")
@ValueSource(booleans = {false, true})
class WebSocketConnectionTest {
  private static final byte[] GREETING = FrameEncoder.text("hi".getBytes(UTF_8), 0, 2);

  private static final int HEARTBEAT_SECONDS = 60;
  private static final int MAX_LAG_SECONDS = 1;

  /** So few that not even the slowest machine lets one more pass. */
  private static final int CONTROL_FRAMES = 1;

  private static final RateLimit UNLIMITED = new RateLimit(RateLimit.HIGHEST, RateLimit.HIGHEST);
  private static final int BOUND = 64 * 1024;
  private static final long BUDGET = 1 << 20;
  private static final TenantId ACME = new TenantId("acme");
  private static final TenantId NEIGHBOUR = new TenantId("globex");
  private static final long INBOUND_BUDGET = 300_000;
  private static final int FRAMES = 40;

  /** Bytes that fit into the buffers of a socket whose other side does nothing, on any system. */
  private static final int FLOOD = 24 * 1024;

  private static final LogPositions POSITIONS =
      new LogPositions(new Region("local"), LogId.parse("qzs2bywm"));

  @TempDir private static Path keys;
  private static ServerCertificate certificate;
  private static SSLContext trusting;
  @Parameter private boolean secure;

  private final BlockingQueue<WebSocketConnection> opened = new LinkedBlockingQueue<>();
  private final BlockingQueue<StreamConnection> channels = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> judged = new LinkedBlockingQueue<>();
  private volatile SilentPeers.Verdict verdict = SilentPeers.Verdict.UNKNOWN;
  private XnioWorker worker;
  private EventLoop loop;
  private final AtomicInteger framesReceived = new AtomicInteger();

  /** Is paused by each frame. */
  private volatile @Nullable WebSocketConnection pausing;

  /** Of the I/O thread: frames that came in the one read since reads went on. */
  private int framesSincePause;

  private volatile int mostSincePause;

  private final AtomicInteger framesDelivered = new AtomicInteger();

  /** What had come and gone by the last frame of a neighbour, when that was handled. */
  private volatile int receivedBeforeNeighbour;

  private volatile int deliveredBeforeNeighbour;
  private final RecentMessages recent = new RecentMessages(1, 8 << 20, 8 << 20);
  private volatile TenantId tenant = ACME;

  /** Of clients that connect from now on. */
  private volatile @Nullable PerMessageDeflate deflate;

  private InetSocketAddress address;
  private Socket wire;
  private Socket client;
  private DataInputStream in;

  @BeforeAll
  static void makeCertificate() throws Exception {
    KeyPairFiles pair = KeyPairFiles.make(keys, Algorithm.EC, "server");
    certificate = pair.load(keys);
    trusting = pair.trusting();
  }

  @BeforeEach
  void connect() throws Exception {
    worker = Xnio.getInstance().createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
    Live live = new Live();
    loop =
        new EventLoop(
            worker.getIoThread(),
            new ChannelTable(live, POSITIONS, recent, live, live),
            new MemoryBudget(BUDGET, INBOUND_BUDGET),
            appendedAt -> {},
            (local, peer, answer) -> {
              judged.add(local.getPort() + " " + peer.getPort());
              answer.accept(verdict);
            },
            null);
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    // A small one, so that the socket is soon full.
    OptionMap options = OptionMap.create(Options.SEND_BUFFER, 16 * 1024);
    AcceptingChannel<? extends StreamConnection> server =
        secure
            ? new UndertowXnioSsl(Xnio.getInstance(), OptionMap.EMPTY, certificate.context())
                .createSslConnectionServer(worker, anyPort, this::accept, options)
            : worker.createStreamConnectionServer(anyPort, this::accept, options);
    server.resumeAccepts();
    address = server.getLocalAddress(InetSocketAddress.class);
    wire = new Socket();
    wire.setReceiveBufferSize(16 * 1024);
    client = connect(wire);
    in = new DataInputStream(client.getInputStream());
    assertThat(frame()).isEqualTo("text hi");
  }

  private Socket connect(Socket plain) throws IOException {
    plain.setSoTimeout(10_000);
    plain.connect(address);
    return secure
        ? trusting.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), true)
        : plain;
  }

  @AfterEach
  void disconnect() throws Exception {
    client.close();
    loop.stop();
    worker.shutdownNow();
  }

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

  /** The client's end spares the time that the server gives it to answer a close. */
  private String endOnceHungUp() throws Exception {
    wire.close();
    return String.valueOf(ends.poll(10, TimeUnit.SECONDS));
  }

  private String framesUntil(String... kinds) throws IOException {
    String frame = frame();
    while (Stream.of(kinds).noneMatch(frame::startsWith)) {
      frame = frame();
    }
    return frame;
  }

  @Test
  void clientThatReadsNothing_isClosedOnlyAfterTheLongestLag() throws Exception {
    WebSocketConnection connection = opened.take();
    byte[] frame = FrameEncoder.text(new byte[60_000], 0, 60_000);
    CountDownLatch full = new CountDownLatch(1);
    loop.execute(() -> fill(connection, frame, full));
    assertThat(full.await(10, TimeUnit.SECONDS)).isTrue();

    long began = System.nanoTime();
    while (ends.isEmpty() && loop.lagging() == 1) {
      loop.execute(() -> periods(connection, 1));
      TimeUnit.MILLISECONDS.sleep(20);
    }

    assertThat(System.nanoTime() - began).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(900));
    assertThat(ends.poll(10, TimeUnit.SECONDS)).isEqualTo("LAGGING");
    assertThat(loop.memory().queuedBytes()).isZero();
  }

  /** Frames go out until the socket takes no more and the queue is full too. */
  private void fill(WebSocketConnection connection, byte[] frame, CountDownLatch full) {
    if (connection.offer(frame)) {
      loop.execute(() -> fill(connection, frame, full));
    } else if (loop.lagging() == 1) {
      full.countDown();
    } else {
      loop.execute(() -> fill(connection, frame, full));
    }
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
    Thread sender =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    for (int i = 0; i < 100; i++) {
                      sendInFragments(ping, 1 + i * 577);
                    }
                  } catch (IOException e) {
                    ends.add(e.toString());
                  }
                });
    String pong = "text {\"type\":\"pong\",\"payload\":\"" + "z".repeat(60_000) + "\"}";
    for (int i = 0; i < 100; i++) {
      assertThat(frame()).isEqualTo(pong);
    }
    sender.join();
    assertThat(ends).isEmpty();
  }

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

  private void pauseReads(WebSocketConnection connection) throws InterruptedException {
    CountDownLatch paused = new CountDownLatch(1);
    loop.execute(
        () -> {
          connection.pauseReads();
          paused.countDown();
        });
    paused.await();
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

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

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
    WebSocketConnection connection = opened.take();

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

  /** So many heartbeat periods pass; there is a ping at the end of each but perhaps the first. */
  private static void periods(WebSocketConnection connection, int periods) {
    for (int i = 0; i < periods; i++) {
      int _ = connection.onTimer();
    }
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
      assertThat(loop.waitingForTurn()).isZero();
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
      assertThat(loop.waitingForTurn()).isZero();
    } finally {
      for (Socket one : crowd) {
        one.close();
      }
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

  private static byte[] repeat(byte[] frame, int bytes) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < bytes / frame.length; i++) {
      all.writeBytes(frame);
    }
    return all.toByteArray();
  }

  private void accept(AcceptingChannel<? extends StreamConnection> server) {
    try {
      StreamConnection channel = server.accept();
      if (channel != null) {
        channels.add(channel);
        loop.execute(
            () ->
                WebSocketConnection.open(
                    channel,
                    loop,
                    new ConnectionSettings(
                        FrameRules.plain(FrameLimits.defaults()),
                        BOUND,
                        MAX_LAG_SECONDS,
                        HEARTBEAT_SECONDS,
                        CONTROL_FRAMES),
                    deflate,
                    link -> {
                      opened.add((WebSocketConnection) link);
                      return session(link);
                    },
                    (session, cause) -> ends.add(cause),
                    GREETING));
      }
    } catch (IOException e) {
      ends.add(e.toString());
    }
  }

  private Session session(ClientLink link) {
    UserId alice = new UserId("alice");
    TenantId of = tenant;
    Tenants tenants =
        new Tenants(1, new TenantLimits(1, 1, 1, 1, UNLIMITED, 1_000_000_000), System::nanoTime);
    return new Session(
        new ConnectionId("c1"),
        new Principal(of, alice, 0, Long.MAX_VALUE, Permissions.ofUser(alice)),
        ((Tenants.Entry.Admitted) tenants.enter(of, alice)).seat(),
        link,
        loop.table(),
        new SessionServices(
            (publication, listener) -> false,
            new None(),
            new None(),
            POSITIONS,
            (asker, token, answer) -> answer.accept(Optional.of(new Outcome.Refused("none"))),
            new SessionLimits(1, 1, 1, 1, UNLIMITED),
            new Counting(of),
            Clock.systemUTC(),
            System::nanoTime),
        loop);
  }

  private void send(int opcode, String latin) throws IOException {
    client.getOutputStream().write(clientFrame(0x80 | opcode, latin.getBytes(ISO_8859_1)));
  }

  /** A text in two fragments, of which the first has so many bytes. */
  private void sendInFragments(String text, int first) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    client.getOutputStream().write(clientFrame(1, Arrays.copyOf(bytes, first)));
    client
        .getOutputStream()
        .write(clientFrame(0x80, Arrays.copyOfRange(bytes, first, bytes.length)));
  }

  private static byte[] clientFrame(int firstByte, byte[] payload) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream frame = new DataOutputStream(bytes);
    frame.writeByte(firstByte);
    if (payload.length < 126) {
      frame.writeByte(0x80 | payload.length);
    } else {
      frame.writeByte(0x80 | 126);
      frame.writeShort(payload.length);
    }
    // A mask of zeros changes nothing.
    frame.writeInt(0);
    frame.write(payload);
    return bytes.toByteArray();
  }

  private static String frame(Socket from) throws IOException {
    return frame(new DataInputStream(from.getInputStream()));
  }

  private String frame() throws IOException {
    return frame(in);
  }

  private static String frame(DataInputStream in) throws IOException {
    int opcode = in.readUnsignedByte() & 0xf;
    int length = in.readUnsignedByte();
    byte[] payload = new byte[length == 126 ? in.readUnsignedShort() : length];
    in.readFully(payload);
    return switch (opcode) {
      case 1 -> "text " + new String(payload, UTF_8);
      case 8 -> "close " + ((payload[0] & 0xff) << 8 | payload[1] & 0xff);
      case 10 -> "pong " + new String(payload, UTF_8);
      default -> "opcode " + opcode;
    };
  }

  /** Every channel is active from the first offset on, and what is delivered is counted. */
  private final class Live extends None {
    @Override
    public OptionalLong acquire(TenantChannel channel) {
      return OptionalLong.of(0);
    }

    @Override
    public void delivered(int frames) {
      framesDelivered.addAndGet(frames);
    }
  }

  /** Counts frames. */
  private final class Counting extends None {
    private final TenantId of;

    Counting(TenantId of) {
      this.of = of;
    }

    @Override
    public void frameReceived() {
      int received = framesReceived.incrementAndGet();
      if (of.equals(NEIGHBOUR)) {
        receivedBeforeNeighbour = received;
        deliveredBeforeNeighbour = framesDelivered.get();
      }
      WebSocketConnection toPause = pausing;
      if (toPause != null) {
        mostSincePause = Math.max(mostSincePause, ++framesSincePause);
        toPause.session().seat().tenant().reachesLimit();
        toPause.pauseReads();
      }
    }
  }

  /** Nobody is anywhere, and nothing is counted. */
  private static class None
      implements Interests,
          ChannelPresence,
          History,
          ChannelMetrics,
          SessionServices.SessionMetrics {
    @Override
    public void delivered(int frames) {}

    @Override
    public void fellBehind(Behind cause) {}

    @Override
    public void start(Reader reader, int partition, From from, Consumer<Start> answer) {
      answer.accept(new Start.Unavailable());
    }

    @Override
    public void read(Reader reader, Request request, Consumer<Page> answer) {
      answer.accept(new Page.Unavailable());
    }

    @Override
    public boolean hasRoomFor(TenantChannel channel) {
      return true;
    }

    @Override
    public int partitionOf(TenantChannel channel) {
      return 0;
    }

    @Override
    public OptionalLong acquire(TenantChannel channel) {
      return OptionalLong.empty();
    }

    @Override
    public void release(TenantChannel channel) {}

    @Override
    public void joined(TenantChannel channel, ConnectionId who, UserId user, long since) {}

    @Override
    public void left(TenantChannel channel, ConnectionId who, UserId user) {}

    @Override
    public void connected(Connected who) {}

    @Override
    public void disconnected(Connected who) {}

    @Override
    public void snapshot(TenantId tenant, Place place, Consumer<Optional<Snapshot>> answer) {
      answer.accept(Optional.empty());
    }

    @Override
    public void frameReceived() {}

    @Override
    public void error(ErrorCode code) {}

    @Override
    public void acked(long nanos) {}

    @Override
    public void limited(Limit limit) {}
  }
}
