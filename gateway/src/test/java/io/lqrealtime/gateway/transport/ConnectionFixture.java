package io.lqrealtime.gateway.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.embedded.SelfSignedCertificate.Algorithm;
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
import io.lqrealtime.gateway.session.History;
import io.lqrealtime.gateway.session.Interests;
import io.lqrealtime.gateway.session.LogPositions;
import io.lqrealtime.gateway.session.Session;
import io.lqrealtime.gateway.session.SessionLimits;
import io.lqrealtime.gateway.session.SessionServices;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.gateway.tenant.TenantLimits;
import io.lqrealtime.gateway.tenant.Tenants;
import io.lqrealtime.gateway.tls.KeyPairFiles;
import io.lqrealtime.gateway.tls.ServerCertificate;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.gateway.websocket.FrameLimits;
import io.lqrealtime.gateway.websocket.FrameRules;
import io.lqrealtime.gateway.websocket.PerMessageDeflate;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.Region;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.XnioWorker;
import org.xnio.channels.AcceptingChannel;

/**
 * An I/O thread with connections on real sockets, plain and with TLS; the clients' half is one of
 * the JDK.
 */
@Timeout(120)
abstract class ConnectionFixture {
  static final byte[] GREETING = FrameEncoder.text("hi".getBytes(UTF_8), 0, 2);
  private static final int HEARTBEAT_SECONDS = 60;

  /** So few that not even the slowest machine lets one more pass. */
  private static final int CONTROL_FRAMES = 1;

  private static final RateLimit UNLIMITED = new RateLimit(RateLimit.HIGHEST, RateLimit.HIGHEST);
  static final int BOUND = 64 * 1024;
  static final long BUDGET = 1 << 20;
  static final TenantId ACME = new TenantId("acme");
  static final TenantId NEIGHBOUR = new TenantId("globex");
  static final long INBOUND_BUDGET = 300_000;

  private static final LogPositions POSITIONS =
      new LogPositions(new Region("local"), LogId.parse("qzs2bywm"));

  @TempDir private static Path keys;
  private static ServerCertificate certificate;
  private static SSLContext trusting;
  @Parameter boolean secure;
  final BlockingQueue<WebSocketConnection> opened = new LinkedBlockingQueue<>();
  final BlockingQueue<StreamConnection> channels = new LinkedBlockingQueue<>();
  final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
  final BlockingQueue<String> judged = new LinkedBlockingQueue<>();
  volatile SilentPeers.Verdict verdict = SilentPeers.Verdict.UNKNOWN;
  private XnioWorker worker;
  EventLoop loop;
  final AtomicInteger framesReceived = new AtomicInteger();

  /** Is paused by each frame. */
  volatile @Nullable WebSocketConnection pausing;

  /** Of the I/O thread: frames that came in the one read since reads went on. */
  int framesSincePause;

  volatile int mostSincePause;
  final AtomicInteger framesDelivered = new AtomicInteger();

  /** What had come and gone by the last frame of a neighbour, when that was handled. */
  volatile int receivedBeforeNeighbour;

  volatile int deliveredBeforeNeighbour;
  final RecentMessages recent = new RecentMessages(1, 8 << 20, 8 << 20);
  volatile TenantId tenant = ACME;

  /** Of clients that connect from now on. */
  volatile @Nullable PerMessageDeflate deflate;

  /** Of clients that connect from now on; no test takes so long by itself. */
  private volatile int maxLagSeconds = 60;

  private InetSocketAddress address;
  Socket wire;
  Socket client;
  DataInputStream in;

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
    connectClient();
  }

  private void connectClient() throws IOException {
    wire = new Socket();
    wire.setReceiveBufferSize(16 * 1024);
    client = connect(wire);
    in = new DataInputStream(client.getInputStream());
    assertThat(frame()).isEqualTo("text hi");
  }

  Socket connect(Socket plain) throws IOException {
    plain.setSoTimeout(60_000);
    plain.connect(address);
    return secure
        ? trusting.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), true)
        : plain;
  }

  /** The client comes anew, and may not be behind for longer than this. */
  WebSocketConnection reconnect(int longestLagSeconds) throws Exception {
    maxLagSeconds = longestLagSeconds;
    opened.take();
    client.close();
    assertThat(ends.take()).isEqualTo("CLIENT");
    connectClient();
    return opened.take();
  }

  @AfterEach
  void disconnect() throws Exception {
    client.close();
    loop.stop();
    worker.shutdownNow();
  }

  /** The client's end spares the time that the server gives it to answer a close. */
  String endOnceHungUp() throws Exception {
    wire.close();
    return String.valueOf(ends.poll(10, TimeUnit.SECONDS));
  }

  /** Frames go out until the socket takes no more and the queue is full too. */
  void fill(WebSocketConnection connection, byte[] frame, CountDownLatch full) {
    if (connection.offer(frame)) {
      loop.execute(() -> fill(connection, frame, full));
    } else if (loop.lagging() == 1) {
      full.countDown();
    } else {
      loop.execute(() -> fill(connection, frame, full));
    }
  }

  void pauseReads(WebSocketConnection connection) throws InterruptedException {
    CountDownLatch paused = new CountDownLatch(1);
    loop.execute(
        () -> {
          connection.pauseReads();
          paused.countDown();
        });
    paused.await();
  }

  static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  /** So many heartbeat periods pass; there is a ping at the end of each but perhaps the first. */
  static void periods(WebSocketConnection connection, int periods) {
    for (int i = 0; i < periods; i++) {
      int _ = connection.onTimer();
    }
  }

  static byte[] repeat(byte[] frame, int bytes) {
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
                        maxLagSeconds,
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

  Session session(ClientLink link) {
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

  void send(int opcode, String latin) throws IOException {
    client.getOutputStream().write(clientFrame(0x80 | opcode, latin.getBytes(ISO_8859_1)));
  }

  static byte[] clientFrame(int firstByte, byte[] payload) throws IOException {
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

  static String frame(Socket from) throws IOException {
    return frame(new DataInputStream(from.getInputStream()));
  }

  String frame() throws IOException {
    return frame(in);
  }

  static String frame(DataInputStream in) throws IOException {
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
