package io.lqrealtime.gateway.transport;

import io.lqrealtime.frame.CloseReason;
import io.lqrealtime.gateway.limit.RateLimit;
import io.lqrealtime.gateway.limit.Throttle;
import io.lqrealtime.gateway.session.ClientLink;
import io.lqrealtime.gateway.session.Session;
import io.lqrealtime.gateway.session.Turn;
import io.lqrealtime.gateway.websocket.FrameDecoder;
import io.lqrealtime.gateway.websocket.FrameEncoder;
import io.lqrealtime.gateway.websocket.FrameHandler;
import io.lqrealtime.gateway.websocket.PerMessageDeflate;
import io.lqrealtime.gateway.websocket.Violation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.ssl.SslConnection;

/**
 * One upgraded connection: moves bytes between the socket, the codec and the session. Confined to
 * its I/O thread.
 *
 * <p>It is its own listener for reads, writes and close, and its own timer, so that an idle
 * connection is this object, its decoder and its session, and holds no buffer. Reading goes through
 * the thread's one buffer. Frames to send wait in a queue only until the current task ends, or
 * while the socket is full.
 *
 * <p>The queue is bounded in bytes. Past the bound live frames are not taken, and their
 * subscriptions fall behind, to go on when there is room; answers are, but nothing is read then
 * that could ask for more. A client is closed for being slow, with 4413, only after it has had more
 * waiting than it took for the longest time that is allowed, or asked for answers of {@value
 * #ANSWER_BYTES} bytes without reading any.
 *
 * <p>A message may take {@value #HEARTBEATS_A_MESSAGE} heartbeats to be whole, and is given up at
 * the one after: the memory that it takes until then is not to be held for ever. Time in which the
 * client is not read from does not count; where that is for its own backlog, its lag has a bound.
 *
 * <p>A client that has answered no ping is closed with 4408 ({@link Liveness}).
 *
 * <p>The closing handshake (RFC 6455, section 7) has {@value #CLOSE_SECONDS} seconds.
 */
public final class WebSocketConnection extends TimerWheel.Timer
    implements ClientLink, ChannelListener<Channel>, FrameHandler, Turn.Work {
  private static final Logger log = LoggerFactory.getLogger(WebSocketConnection.class);
  private static final int CLOSE_SECONDS = 5;

  /** Answers past the bound, at the most: what was read already may still ask for some. */
  private static final int ANSWER_BYTES = 16 << 20;

  /** Times that a queue is filled again before other connections have their turn. */
  private static final int REFILLS_IN_A_ROW = 4;

  /** Pings and pongs between two pings of ours that are not counted: no idle client sends more. */
  private static final int FREE_CONTROL_FRAMES = 16;

  /** A few frames of a client that floods. */
  private static final int PIECE_BYTES = 512;

  /**
   * What one read takes where it may be deflated: a dozen messages, if each of them is the longest
   * there may be, in as few bytes as can be.
   */
  private static final int DEFLATED_BYTES = 1024;

  /** What a byte that is inflated counts beside one that comes as it is. */
  private static final int INFLATING = 4;

  private static final int HEARTBEATS_A_MESSAGE = 2;

  private static final byte[] PING = FrameEncoder.ping(new byte[0]);

  /** Creates the session of a connection, which needs the connection as its way to the client. */
  @FunctionalInterface
  public interface SessionFactory {
    Session create(ClientLink link);
  }

  /** Told once of each connection that it has ended, and why. On its I/O thread. */
  @FunctionalInterface
  public interface EndListener {
    /**
     * @param cause a {@link CloseReason} or {@link Violation} by name, or {@code CLIENT}: one of a
     *     few
     */
    void ended(Session session, String cause);
  }

  private enum State {
    OPEN,
    /** A close frame is queued or sent; nothing else follows. */
    CLOSING,
    CLOSED
  }

  private final StreamConnection channel;

  /** TLS: what the channel took may still wait in it, and a write takes one record at the most. */
  private final boolean secure;

  private final EventLoop loop;
  private final ConnectionSettings settings;
  private final FrameDecoder decoder;

  /** The thread's, where the client negotiated it. */
  private final @Nullable PerMessageDeflate deflate;

  private final EndListener endListener;
  private final Session session;
  private final MemoryBudget.Account memory;
  private final Outbound outbound;
  private final TenantTurns.Tenant turns;
  private final Liveness liveness;

  private State state = State.OPEN;
  private String endCause = "CLIENT";
  private boolean violated;
  private boolean flushScheduled;
  private boolean closeWhenFlushed;
  private boolean paused;
  private boolean backlogged;
  private boolean roomWanted;

  /** Whether it is read from in its tenant's turn, and not as soon as there is something. */
  private boolean awaitsTurn;

  private @Nullable Throttle controlFrames;
  private int freeControlFrames = FREE_CONTROL_FRAMES;

  /** To the next ping; once the connection is closing, to its end. */
  private int secondsLeft;

  private int unfinishedBytes;

  /** Heartbeats that have found the present message not to be whole. */
  private byte unfinishedHeartbeats;

  private int index;

  private WebSocketConnection(
      StreamConnection channel,
      EventLoop loop,
      ConnectionSettings settings,
      @Nullable PerMessageDeflate deflate,
      SessionFactory sessions,
      EndListener endListener) {
    this.channel = channel;
    this.secure = channel instanceof SslConnection;
    this.loop = loop;
    this.settings = settings;
    this.deflate = deflate;
    this.decoder = new FrameDecoder(deflate == null ? settings.rules() : deflate.rules());
    this.endListener = endListener;
    this.secondsLeft = settings.heartbeatSeconds();
    this.session = sessions.create(this);
    this.memory = loop.memory().open(session.principal().tenant());
    this.outbound = new Outbound(loop, memory, settings.maxOutboundBytes(), deflate);
    this.turns = loop.turns().open(session.principal().tenant());
    this.liveness = new Liveness(loop);
  }

  /**
   * Takes over a channel that has been upgraded, on its I/O thread.
   *
   * @param deflate the I/O thread's, if the client negotiated it
   * @param greeting the first frame to send
   */
  public static WebSocketConnection open(
      StreamConnection channel,
      EventLoop loop,
      ConnectionSettings settings,
      @Nullable PerMessageDeflate deflate,
      SessionFactory sessions,
      EndListener endListener,
      byte[] greeting) {
    WebSocketConnection connection =
        new WebSocketConnection(channel, loop, settings, deflate, sessions, endListener);
    loop.opened(connection, 1);
    channel.setCloseListener(connection);
    channel.getSourceChannel().setReadListener(connection);
    channel.getSinkChannel().setWriteListener(connection);
    connection.send(greeting);
    // Bytes that came with the handshake raise no readiness event, so the first read is ours to
    // make.
    connection.readable();
    loop.flushAll();
    if (connection.isRead()) {
      channel.getSourceChannel().resumeReads();
    }
    return connection;
  }

  /** On the I/O thread. */
  public Session session() {
    return session;
  }

  @Override
  public void handleEvent(Channel ready) {
    try {
      if (ready == channel.getSourceChannel()) {
        readable();
      } else if (ready == channel.getSinkChannel()) {
        flush();
      } else {
        terminate();
      }
      loop.flushAll();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void failed(RuntimeException e) {
    // XNIO would swallow it, and the connection would stand there for ever.
    log.error("A connection failed", e);
    endCause = CloseReason.INTERNAL.name();
    terminate();
  }

  /** There may be something to read, and this is nobody's turn. */
  private void readable() {
    // A second of two wake-ups may find that what the first one read has paused it.
    if (state == State.CLOSED || awaitsTurn || !isReading()) {
      return;
    }
    boolean more = true;
    if (turns.begin()) {
      try {
        do {
          more = read(EventLoop.READ_BYTES);
        } while (more && !turns.isOver());
      } finally {
        turns.end();
      }
    }
    if (more) {
      awaitsTurn = true;
      channel.getSourceChannel().suspendReads();
      turns.await(this);
    }
  }

  /** Reads from the client in its tenant's turn. */
  @Override
  public boolean takeTurn() {
    try {
      if (read(EventLoop.TURN_BYTES) && awaitsTurn) {
        return true;
      }
      awaitsTurn = false;
      if (isRead()) {
        channel.getSourceChannel().resumeReads();
      }
    } catch (RuntimeException e) {
      failed(e);
    }
    return false;
  }

  /** Reads once; returns whether there may be more that is to be read now. */
  private boolean read(int bytes) {
    try {
      ByteBuffer buffer = loop.readBuffer(pieceOf(bytes));
      int count = channel.getSourceChannel().read(buffer);
      if (count < 0) {
        terminate();
        return false;
      }
      boolean full = !buffer.hasRemaining();
      buffer.flip();
      // Not the count: TLS reports none where a record of its own came after those of the client.
      if (!buffer.hasRemaining()) {
        return false;
      }
      liveness.heard();
      decoder.decode(buffer, this);
      countUnfinished();
      payForInflating();
      // A socket that filled no buffer is empty, and says when it is not. TLS ends at records.
      return (full || secure) && state != State.CLOSED && isReading();
    } catch (IOException e) {
      // The peer is gone: an ordinary end.
      terminate();
      return false;
    }
  }

  /** Few bytes of a client may be much to do. */
  private int pieceOf(int bytes) {
    if (session.isReadInPieces()) {
      return PIECE_BYTES;
    }
    return deflate == null ? bytes : Math.min(bytes, DEFLATED_BYTES);
  }

  /** Else a tenant could have the thread do little else, with bytes that are few. */
  private void payForInflating() {
    if (deflate != null) {
      long spentNanos = deflate.inflatingNanos();
      if (spentNanos > 0 && turns.pay(spentNanos)) {
        deflate.paused();
      }
    }
  }

  /** Who adds to a message that is not whole, while there is no memory for it, has to go. */
  private void countUnfinished() {
    int now = decoder.retainedBytes();
    int more = now - unfinishedBytes;
    if (more != 0) {
      unfinishedBytes = now;
      if (!memory.unfinished(more) && more > 0 && state == State.OPEN) {
        stopReading();
        close(CloseReason.OVERLOADED);
      }
    }
  }

  /** Nothing that the client sends is looked at any more. */
  private void stopReading() {
    decoder.stop();
    countUnfinished();
  }

  // From the codec.

  @Override
  public void onText(byte[] buffer, int offset, int length, int received) {
    unfinishedHeartbeats = 0;
    if (deflate != null) {
      deflate.received(received, length);
    }
    if (state == State.OPEN) {
      // What is inflated may take a lot more of the thread than what is only read.
      session.onText(buffer, offset, length, received == length ? length : INFLATING * received);
    }
  }

  @Override
  public void onPing(byte[] buffer, int offset, int length) {
    if (mayControl()) {
      send(FrameEncoder.pong(buffer, offset, length));
    }
  }

  @Override
  public void onPong(byte[] buffer, int offset, int length) {
    // That something was heard is all there is to a pong.
    var _ = mayControl();
  }

  /** Counts a ping or pong; a client that sends too many is closed. */
  private boolean mayControl() {
    if (decoder.retainedBytes() == 0) {
      // It was this frame that was not whole, and no message around it.
      unfinishedHeartbeats = 0;
    }
    if (freeControlFrames > 0) {
      freeControlFrames--;
      return true;
    }
    Throttle counting = controlFrames;
    if (counting == null) {
      counting =
          Throttle.ofOneThread(
              new RateLimit(settings.maxControlFramesPerSecond(), RateLimit.HIGHEST),
              System::nanoTime);
      controlFrames = counting;
    }
    if (counting.take(1) instanceof Throttle.Decision.Passes) {
      return true;
    }
    decoder.stop();
    onViolation(Violation.TOO_MANY_CONTROL_FRAMES);
    return false;
  }

  @Override
  public void onClose(int code, String reason) {
    if (state == State.OPEN) {
      queueClose(FrameEncoder.close(code, ""));
    }
    closeWhenFlushed = true;
    scheduleFlush();
  }

  @Override
  public void onViolation(Violation violation) {
    if (state == State.OPEN) {
      endCause = violation.name();
    }
    violated = true;
    fail(violation.closeCode(), violation.reason());
  }

  // For the session.

  @Override
  public Turn turn() {
    return turns;
  }

  @Override
  public void send(byte[] frame) {
    if (state != State.OPEN) {
      return;
    }
    int bound = outbound.bound();
    long waiting = outbound.add(frame);
    scheduleFlush();
    if (waiting > bound + (long) ANSWER_BYTES) {
      outbound.dropUnsent();
      close(CloseReason.LAGGING);
    } else if (waiting > bound && !backlogged) {
      backlogged = true;
      suspendReads();
    }
  }

  @Override
  public boolean offer(byte[] frame) {
    if (state != State.OPEN) {
      return true;
    }
    if (!outbound.offer(frame)) {
      roomWanted = true;
      return false;
    }
    scheduleFlush();
    return true;
  }

  @Override
  public int room() {
    long left = outbound.room();
    if (left <= 0) {
      roomWanted = true;
    }
    return (int) Math.max(0, left);
  }

  @Override
  public void hasSeenAll() {
    // Its lag ends with a flush, and perhaps no frame comes that would be one.
    scheduleFlush();
  }

  @Override
  public boolean mayAnswer(int bytes) {
    return outbound.mayAnswer(bytes);
  }

  @Override
  public int reserve(int most) {
    return memory.reserve(most);
  }

  @Override
  public void release(int reserved) {
    memory.release(reserved);
  }

  @Override
  public void close(CloseReason reason) {
    if (state == State.OPEN) {
      endCause = reason.name();
      fail(reason.code(), reason.text());
    }
  }

  @Override
  public void pauseReads() {
    paused = true;
    suspendReads();
  }

  private void suspendReads() {
    if (awaitsTurn) {
      awaitsTurn = false;
      turns.leave(this);
    }
    channel.getSourceChannel().suspendReads();
  }

  @Override
  public void resumeReads() {
    paused = false;
    readOn();
  }

  private boolean isReading() {
    return !paused && !backlogged;
  }

  /** Whether what the client sends is read as soon as it comes. */
  private boolean isRead() {
    return state != State.CLOSED && isReading() && !awaitsTurn;
  }

  private void readOn() {
    liveness.forgetQuestion();
    unfinishedHeartbeats = 0;
    if (isRead()) {
      // A wake-up rather than a mere resume: bytes may be waiting that no event will announce
      // again.
      channel.getSourceChannel().wakeupReads();
    }
  }

  private void fail(int code, String reason) {
    queueClose(FrameEncoder.close(code, reason));
    // The client's own close is still read; anything else it sends is not.
    backlogged = false;
    resumeReads();
    scheduleFlush();
  }

  private void queueClose(byte[] frame) {
    if (state != State.OPEN) {
      return;
    }
    state = State.CLOSING;
    outbound.add(frame);
    scheduleFlush();
    secondsLeft = CLOSE_SECONDS;
    loop.wakeIn(this, 1);
    session.end();
  }

  private void scheduleFlush() {
    if (!flushScheduled) {
      flushScheduled = true;
      loop.flushLater(this);
    }
  }

  void flush() {
    flushScheduled = false;
    if (state == State.CLOSED) {
      return;
    }
    ConduitStreamSinkChannel sink = channel.getSinkChannel();
    try {
      int refills = 0;
      while (writeQueue(sink) && roomWanted && state == State.OPEN) {
        if (++refills > REFILLS_IN_A_ROW) {
          loop.execute(this::scheduleFlush);
          return;
        }
        refill();
      }
      if (state == State.CLOSED) {
        return;
      }
      if (!outbound.isEmpty() || (secure && !sink.flush())) {
        liveness.socketFull(true);
        sink.resumeWrites();
        return;
      }
      if (!session.isBehind()) {
        liveness.socketFull(false);
      }
      if (sink.isWriteResumed()) {
        sink.suspendWrites();
      }
      if (closeWhenFlushed || violated) {
        finish(sink);
      }
    } catch (IOException e) {
      terminate();
    } catch (RuntimeException e) {
      // Whoever is flushed after this one is to be.
      failed(e);
    }
  }

  /** Writes what the socket takes; returns whether it took all. */
  private boolean writeQueue(ConduitStreamSinkChannel sink) throws IOException {
    while (!outbound.isEmpty()) {
      boolean took = outbound.write(sink, secure);
      if (outbound.isLow()) {
        if (backlogged) {
          backlogged = false;
          readOn();
        }
        if (roomWanted && state == State.OPEN) {
          refill();
        }
      }
      if (!took) {
        return false;
      }
    }
    outbound.rest();
    return true;
  }

  private void refill() {
    roomWanted = false;
    session.onRoom();
  }

  /**
   * Our close frame is out and so is the peer's, or the peer broke the rules: nothing is left to
   * say.
   */
  private void finish(ConduitStreamSinkChannel sink) throws IOException {
    sink.shutdownWrites();
    if (!sink.flush()) {
      // The end of TLS is a record that has to go out as well.
      sink.resumeWrites();
    } else if (closeWhenFlushed) {
      terminate();
    }
  }

  @Override
  int onTimer() {
    if (state == State.CLOSED) {
      return NEVER;
    }
    if (state == State.CLOSING) {
      secondsLeft--;
      if (secondsLeft <= 0) {
        terminate();
        return NEVER;
      }
      return 1;
    }
    long now = System.currentTimeMillis() / 1000;
    if (session.expiresAt() <= now) {
      close(CloseReason.TOKEN_EXPIRED);
      return 1;
    }
    if (liveness.lagsLongerThan(settings.maxLagSeconds())) {
      outbound.dropUnsent();
      close(CloseReason.LAGGING);
      return 1;
    }
    if (secondsLeft <= 0) {
      secondsLeft = settings.heartbeatSeconds();
      freeControlFrames = FREE_CONTROL_FRAMES;
      controlFrames = null;
      // Who only waits for its turn is read from within moments.
      if (unfinishedBytes == 0 || !isReading()) {
        unfinishedHeartbeats = 0;
      } else if (++unfinishedHeartbeats > HEARTBEATS_A_MESSAGE) {
        stopReading();
        onViolation(Violation.MESSAGE_TOO_SLOW);
        return 1;
      }
      heartbeat();
      if (state != State.OPEN) {
        return 1;
      }
    }
    int wait = Math.clamp(session.expiresAt() - now, 1, Math.min(secondsLeft, 60));
    secondsLeft -= wait;
    return wait;
  }

  private void heartbeat() {
    switch (liveness.heartbeat(isRead())) {
      case ASK -> send(PING);
      case JUDGE ->
          loop.silentPeers()
              .judge(
                  channel.getLocalAddress(InetSocketAddress.class),
                  channel.getPeerAddress(InetSocketAddress.class),
                  verdict -> loop.execute(() -> judged(verdict)));
      case WAIT -> {
        // It is asked once it has taken what there is.
      }
    }
  }

  private void judged(SilentPeers.Verdict verdict) {
    if (state == State.OPEN && liveness.isGone(verdict, isRead())) {
      if (verdict == SilentPeers.Verdict.UNREACHABLE) {
        outbound.dropUnsent();
      }
      close(CloseReason.NO_HEARTBEAT);
    }
  }

  void setIndex(int index) {
    this.index = index;
  }

  private void terminate() {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    stopReading();
    outbound.close();
    memory.close();
    awaitsTurn = false;
    turns.leave(this);
    turns.close();
    liveness.end();
    IoUtils.safeClose(channel);
    loop.closed(this, index);
    session.end();
    endListener.ended(session, endCause);
  }
}
