package io.lqrealtime.gateway.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.frame.ErrorCode;
import io.lqrealtime.gateway.security.Permissions;
import io.lqrealtime.gateway.security.Principal;
import io.lqrealtime.gateway.security.TokenVerifier.Outcome;
import io.lqrealtime.gateway.session.ChannelMetrics;
import io.lqrealtime.gateway.session.ChannelPresence;
import io.lqrealtime.gateway.session.ChannelTable;
import io.lqrealtime.gateway.session.ClientLink;
import io.lqrealtime.gateway.session.History;
import io.lqrealtime.gateway.session.Interests;
import io.lqrealtime.gateway.session.LogPositions;
import io.lqrealtime.gateway.session.Recent;
import io.lqrealtime.gateway.session.Session;
import io.lqrealtime.gateway.session.SessionLimits;
import io.lqrealtime.gateway.session.SessionServices;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.gateway.websocket.FrameLimits;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/** On real sockets: the client's half is a plain one. */
@Timeout(20)
class WebSocketConnectionTest {
  private static final byte[] GREETING = FrameEncoder.text("hi".getBytes(UTF_8), 0, 2);

  private static final int HEARTBEAT_SECONDS = 60;
  private static final int MAX_LAG_SECONDS = 1;
  private static final int BOUND = 64 * 1024;
  private static final long BUDGET = 1 << 20;
  private static final LogPositions POSITIONS =
      new LogPositions(new Region("local"), LogId.parse("qzs2bywm"));

  private final BlockingQueue<WebSocketConnection> opened = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
  private XnioWorker worker;
  private EventLoop loop;
  private Socket client;
  private DataInputStream in;

  @BeforeEach
  void connect() throws Exception {
    worker = Xnio.getInstance().createWorker(OptionMap.create(Options.WORKER_IO_THREADS, 1));
    None none = new None();
    loop =
        new EventLoop(
            worker.getIoThread(),
            new ChannelTable(none, POSITIONS, none, none, none),
            BUDGET,
            appendedAt -> {});
    AcceptingChannel<StreamConnection> server =
        worker.createStreamConnectionServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            this::accept,
            OptionMap.EMPTY);
    server.resumeAccepts();
    client = new Socket();
    client.setSoTimeout(10_000);
    client.connect(server.getLocalAddress());
    in = new DataInputStream(client.getInputStream());
    assertThat(frame()).isEqualTo("text hi");
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
    loop.execute(() -> queued.add(loop.queuedBytes()));
    assertThat(queued.poll(10, TimeUnit.SECONDS)).isZero();
  }

  @Test
  void whileTheBudgetOfAllIsUsedUp_eachMayHaveLittleWaiting() throws Exception {
    WebSocketConnection connection = opened.take();
    byte[] frame = FrameEncoder.text(new byte[10_000], 0, 10_000);
    BlockingQueue<Boolean> taken = new LinkedBlockingQueue<>();

    loop.execute(
        () -> {
          loop.queued(BUDGET);
          taken.add(connection.offer(frame));
          taken.add(connection.offer(frame));
          loop.queued(-BUDGET);
          taken.add(connection.offer(frame));
        });

    assertThat(taken.poll(10, TimeUnit.SECONDS)).isTrue();
    assertThat(taken.poll(10, TimeUnit.SECONDS)).isFalse();
    assertThat(taken.poll(10, TimeUnit.SECONDS)).isTrue();
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
    assertThat(loop.queuedBytes()).isZero();
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

  /** So many heartbeat periods pass; there is a ping at the end of each but perhaps the first. */
  private static void periods(WebSocketConnection connection, int periods) {
    for (int i = 0; i < periods; i++) {
      int _ = connection.onTimer();
    }
  }

  private void accept(AcceptingChannel<StreamConnection> server) {
    try {
      StreamConnection channel = server.accept();
      if (channel != null) {
        loop.execute(
            () ->
                WebSocketConnection.open(
                    channel,
                    loop,
                    new ConnectionSettings(
                        FrameLimits.defaults(), BOUND, MAX_LAG_SECONDS, HEARTBEAT_SECONDS),
                    link -> {
                      opened.add((WebSocketConnection) link);
                      return session(link);
                    },
                    ends::add,
                    GREETING));
      }
    } catch (IOException e) {
      ends.add(e.toString());
    }
  }

  private Session session(ClientLink link) {
    UserId alice = new UserId("alice");
    return new Session(
        new ConnectionId("c1"),
        new Principal(new TenantId("acme"), alice, Long.MAX_VALUE, Permissions.ofUser(alice)),
        link,
        loop.table(),
        new SessionServices(
            (publication, listener) -> listener.failed(),
            new None(),
            new None(),
            POSITIONS,
            token -> new Outcome.Refused("none"),
            new SessionLimits(1, 1, 1, 1),
            new None(),
            Clock.systemUTC()),
        loop);
  }

  private void send(int opcode, String latin) throws IOException {
    byte[] payload = latin.getBytes(ISO_8859_1);
    byte[] frame = new byte[6 + payload.length];
    frame[0] = (byte) (0x80 | opcode);
    frame[1] = (byte) (0x80 | payload.length);
    // A mask of zeros changes nothing.
    System.arraycopy(payload, 0, frame, 6, payload.length);
    client.getOutputStream().write(frame);
  }

  private String frame() throws IOException {
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

  /** Nobody is anywhere, and nothing is counted. */
  private static final class None
      implements Interests,
          ChannelPresence,
          Recent,
          History,
          ChannelMetrics,
          SessionServices.SessionMetrics {
    @Override
    public void delivered(int frames) {}

    @Override
    public void fellBehind(Behind cause) {}

    @Override
    public Read read(
        TenantChannel channel, int partition, long after, long activeFrom, int maxBytes) {
      return new Read.Missing(0);
    }

    @Override
    public void start(int partition, From from, Consumer<Start> answer) {
      answer.accept(new Start.Unavailable());
    }

    @Override
    public void read(Request request, Consumer<Page> answer) {
      answer.accept(new Page.Unavailable());
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
    public void snapshot(TenantChannel channel, Consumer<Optional<Snapshot>> answer) {
      answer.accept(Optional.empty());
    }

    @Override
    public void frameReceived() {}

    @Override
    public void error(ErrorCode code) {}

    @Override
    public void acked(long nanos) {}
  }
}
