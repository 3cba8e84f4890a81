package io.lqrealtime.bench.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket connection, from the TCP connect to its {@link Ending}.
 *
 * <p>Sending is for any thread and writes to the socket at once, in the caller: a publisher's own
 * schedule is not delayed by what the selector thread does. What the socket does not take is
 * queued, to {@link ClientOptions#maxQueuedBytes} and the rest of one send. Reading is the selector
 * thread's. Pings are answered by themselves.
 *
 * <p>An idle connection keeps no buffer: what it owns is the socket, this object and the handler.
 */
public final class Connection {

  private enum State {
    CONNECTING,
    OPEN,
    /** A close frame went out, or the socket does not take bytes any more. */
    CLOSING,
    ENDED
  }

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final EventLoop loop;
  private final ConnectionHandler handler;

  private volatile State state = State.CONNECTING;
  private volatile boolean paused;

  // Written on the selector thread before the connection is open, read by senders after.
  private @Nullable SocketChannel channel;
  private @Nullable Wire wire;
  private @Nullable SelectionKey key;

  // Of the selector thread.
  private @Nullable HandshakeExchange handshake;
  private byte @Nullable [] unread;
  private FrameReader.@Nullable Fragments fragments;
  private boolean closeSeen;

  // Guarded by this.
  private @Nullable Ending ending;
  private @Nullable ArrayDeque<ByteBuffer> queue;
  private int queuedBytes;

  Connection(EventLoop loop, ConnectionHandler handler) {
    this.loop = loop;
    this.handler = handler;
  }

  // ---- what callers use ----

  public SendOutcome sendText(String text) {
    return send(new OutgoingFrames().text(text));
  }

  public SendOutcome sendText(byte[] utf8, int offset, int length) {
    return send(new OutgoingFrames().text(utf8, offset, length));
  }

  /** All frames in one write, or none; they are taken out of {@code frames} if they were taken. */
  public SendOutcome send(OutgoingFrames frames) {
    synchronized (this) {
      SendOutcome outcome = state == State.OPEN ? put(frames.toWrite()) : SendOutcome.NOT_OPEN;
      if (outcome.taken()) {
        frames.clear();
      }
      return outcome;
    }
  }

  /**
   * Starts the closing handshake. Messages that are on the way still come; the end is reported when
   * the server has answered and ended the TCP connection, or after {@link
   * ClientOptions#closeTimeout}. Before the connection is open, it is dropped.
   */
  public void close(int code, String reason) {
    synchronized (this) {
      if (state == State.OPEN) {
        ending = new Ending.ClosedHere(code);
        put(new OutgoingFrames().close(code, reason).toWrite());
        state = State.CLOSING;
      }
    }
    loop.execute(
        () -> {
          if (state == State.CONNECTING) {
            end(new Ending.ClosedHere(code));
          } else if (state == State.CLOSING) {
            loop.expectClose(this);
          }
        });
  }

  /**
   * Drops the TCP connection with a reset and without a close frame, as when this machine vanished.
   */
  public void abort() {
    loop.execute(this::abortNow);
  }

  /**
   * Stops taking bytes from the socket, so that the server sees a slow reader (and this side does
   * not see an end of the connection). Messages of the read that is under way still come.
   */
  public void pauseReading() {
    paused = true;
    loop.execute(this::updateInterest);
  }

  public void resumeReading() {
    paused = false;
    loop.execute(this::updateInterest);
  }

  public boolean isOpen() {
    return state == State.OPEN;
  }

  public boolean isEnded() {
    return state == State.ENDED;
  }

  /** Runs the task on the connection's selector thread, also after the end of the connection. */
  public void execute(Runnable task) {
    loop.execute(task);
  }

  // ---- the selector thread ----

  void begin(ConnectRequest request) {
    if (loop.terminated()) {
      end(new Ending.Unreachable("the client is closed"));
      return;
    }
    InetSocketAddress remote = request.remote();
    if (remote.isUnresolved()) {
      end(new Ending.Unreachable("no address for " + remote.getHostString()));
      return;
    }
    try {
      SocketChannel opened = SocketChannel.open();
      channel = opened;
      opened.configureBlocking(false);
      opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
      // Before it connects: the window that the peer is told follows from it.
      if (loop.options().receiveBufferBytes().isPresent()) {
        opened.setOption(
            StandardSocketOptions.SO_RCVBUF, loop.options().receiveBufferBytes().getAsInt());
      }
      InetAddress source = request.source().orElse(null);
      if (source != null) {
        opened.bind(new InetSocketAddress(source, 0));
      }
      wire =
          request.isSecure()
              ? new TlsWire(opened, request.trusted(), remote.getHostString(), remote.getPort())
              : new Wire.Plain(opened);
      handshake = new HandshakeExchange(request);
      key = loop.register(opened, SelectionKey.OP_CONNECT, this);
      loop.expectHandshake(this);
      if (opened.connect(remote)) {
        connected();
      }
    } catch (IOException e) {
      end(new Ending.Unreachable(String.valueOf(e.getMessage())));
    }
  }

  void ready(SelectionKey ready) {
    try {
      int operations = ready.readyOps();
      if ((operations & SelectionKey.OP_CONNECT) != 0) {
        if (socket().finishConnect()) {
          connected();
        }
        return;
      }
      if ((operations & SelectionKey.OP_WRITE) != 0) {
        writable();
      }
      if ((operations & SelectionKey.OP_READ) != 0) {
        readable();
      }
    } catch (IOException e) {
      broken(String.valueOf(e.getMessage()));
    }
  }

  void handshakeOverdue() {
    if (state == State.CONNECTING) {
      end(new Ending.Unreachable("no answer in time"));
    }
  }

  void closeOverdue() {
    broken("no end of the connection in time");
  }

  void abortNow() {
    SocketChannel toReset = channel;
    if (toReset != null && state != State.ENDED) {
      try {
        toReset.setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (IOException e) {
        // Broken already: then there is nobody left to send a reset to.
        end(new Ending.ClosedHere(Ending.ABNORMAL));
        return;
      }
    }
    end(known(new Ending.ClosedHere(Ending.ABNORMAL)));
  }

  void handlerFailed(RuntimeException failure) {
    if (state != State.ENDED) {
      end(new Ending.Dropped("the handler failed: " + failure));
    }
  }

  private void connected() throws IOException {
    HandshakeExchange exchange = handshaking();
    wire().write(exchange.request());
    updateInterest();
  }

  private void writable() throws IOException {
    HandshakeExchange exchange = handshake;
    if (exchange != null) {
      wire().write(exchange.request());
    } else {
      flush();
    }
    updateInterest();
  }

  private void flush() throws IOException {
    synchronized (this) {
      ArrayDeque<ByteBuffer> waiting = queue;
      if (waiting == null || waiting.isEmpty()) {
        wire().write(NOTHING);
        return;
      }
      while (!waiting.isEmpty()) {
        ByteBuffer first = waiting.getFirst();
        queuedBytes -= wire().write(first);
        if (first.hasRemaining()) {
          return;
        }
        waiting.removeFirst();
      }
      queue = null;
    }
  }

  private void readable() throws IOException {
    if (paused && state != State.CONNECTING) {
      // The caller returned from pausing already, and the interest has not been changed yet.
      updateInterest();
      return;
    }
    byte[] before = unread;
    int kept = before == null ? 0 : before.length;
    byte[] bytes = loop.readBuffer(kept);
    if (before != null) {
      System.arraycopy(before, 0, bytes, 0, kept);
    }
    int read = wire().read(ByteBuffer.wrap(bytes, kept, bytes.length - kept));
    if (wire().holdsUnsent() || (handshake != null && handshake.request().hasRemaining())) {
      writable();
    }
    if (read < 0) {
      endOfStream(bytes, kept);
      return;
    }
    int end = kept + read;
    int from = 0;
    if (state == State.CONNECTING) {
      from = answer(bytes, end, false);
    }
    if (state == State.OPEN || state == State.CLOSING) {
      from += loop.frames().read(this, bytes, from, end);
    }
    if (state == State.ENDED) {
      unread = null;
      return;
    }
    boolean more = from < end && (state == State.CONNECTING || reading());
    unread = more ? Arrays.copyOfRange(bytes, from, end) : null;
    if (state != State.CONNECTING) {
      handler.readComplete(this);
    }
  }

  /** Deals with the answer to the upgrade, and returns where frames start. */
  private int answer(byte[] bytes, int end, boolean complete) {
    return switch (handshaking().read(bytes, 0, end, complete)) {
      case HandshakeExchange.Answer.Unfinished() -> 0;
      case HandshakeExchange.Answer.Other(HandshakeResponse response) -> {
        end(new Ending.Refused(response));
        yield end;
      }
      case HandshakeExchange.Answer.Invalid(String what) -> {
        end(new Ending.Unreachable(what));
        yield end;
      }
      case HandshakeExchange.Answer.Upgraded(HandshakeResponse response, int start) -> {
        handshake = null;
        state = State.OPEN;
        handler.opened(this, response);
        yield start;
      }
    };
  }

  private void endOfStream(byte[] bytes, int kept) {
    if (state == State.CONNECTING) {
      answer(bytes, kept, true);
    } else {
      broken("the server ended the TCP connection");
    }
  }

  /** The TCP connection is over: what was learnt before is how it ended. */
  private void broken(String reason) {
    if (state == State.CONNECTING) {
      end(new Ending.Unreachable(reason));
    } else {
      end(known(new Ending.Dropped(reason)));
    }
  }

  private synchronized Ending known(Ending otherwise) {
    return ending == null ? otherwise : ending;
  }

  private void end(Ending how) {
    if (state == State.ENDED) {
      return;
    }
    synchronized (this) {
      state = State.ENDED;
      queue = null;
      queuedBytes = 0;
    }
    handshake = null;
    unread = null;
    fragments = null;
    SelectionKey registered = key;
    if (registered != null) {
      registered.cancel();
    }
    SocketChannel toClose = channel;
    if (toClose != null) {
      try {
        toClose.close();
      } catch (IOException e) {
        loop.noteUncloseable(e);
      }
    }
    handler.ended(this, how);
  }

  private void updateInterest() {
    SelectionKey registered = key;
    if (registered == null || !registered.isValid()) {
      return;
    }
    HandshakeExchange exchange = handshake;
    if (exchange != null) {
      if (!socket().isConnectionPending()) {
        boolean more =
            wire().holdsUnsent() || (exchange.request().hasRemaining() && !wire().waitsForPeer());
        registered.interestOps(more ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
      }
      return;
    }
    boolean write;
    synchronized (this) {
      write = queue != null || wire().holdsUnsent();
    }
    registered.interestOps(
        (paused ? 0 : SelectionKey.OP_READ) | (write ? SelectionKey.OP_WRITE : 0));
  }

  /** Guarded by this. */
  private SendOutcome put(ByteBuffer bytes) {
    ArrayDeque<ByteBuffer> waiting = queue;
    if (waiting == null) {
      try {
        wire().write(bytes);
      } catch (IOException e) {
        // The reading side may still hold the close frame that says why: it reports the end.
        state = State.CLOSING;
        loop.execute(() -> loop.expectClose(this));
        return SendOutcome.NOT_OPEN;
      }
      if (!bytes.hasRemaining()) {
        if (wire().holdsUnsent()) {
          loop.execute(this::updateInterest);
        }
        return SendOutcome.WRITTEN;
      }
      waiting = new ArrayDeque<>(2);
      queue = waiting;
      loop.execute(this::updateInterest);
    } else if (queuedBytes + bytes.remaining() > loop.options().maxQueuedBytes()) {
      return SendOutcome.FULL;
    }
    queuedBytes += bytes.remaining();
    waiting.add(ByteBuffer.allocate(bytes.remaining()).put(bytes).flip());
    return SendOutcome.QUEUED;
  }

  private SocketChannel socket() {
    return begun(channel);
  }

  private Wire wire() {
    return begun(wire);
  }

  private static <T> T begun(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("not begun");
    }
    return part;
  }

  private HandshakeExchange handshaking() {
    HandshakeExchange exchange = handshake;
    if (exchange == null) {
      throw new IllegalStateException("no handshake under way");
    }
    return exchange;
  }

  // ---- what the frame reader finds ----

  boolean reading() {
    return state == State.OPEN || (state == State.CLOSING && !closeSeen);
  }

  void text(byte[] bytes, int offset, int length) {
    handler.text(this, bytes, offset, length);
  }

  void ping(byte[] bytes, int offset, int length) {
    send(new OutgoingFrames().pong(bytes, offset, length));
  }

  void pong(byte[] bytes, int offset, int length) {
    handler.pong(this, bytes, offset, length);
  }

  void closeFrame(int code, String reason) {
    farewell(code, new Ending.ClosedByServer(code, reason));
  }

  void violation(int code, String what) {
    farewell(code, new Ending.Violation(code, what));
  }

  FrameReader.@Nullable Fragments fragments() {
    return fragments;
  }

  void fragments(FrameReader.@Nullable Fragments now) {
    fragments = now;
  }

  /**
   * Answers the close; then the server ends the TCP connection, so that TIME_WAIT does not eat this
   * side's ports.
   */
  private void farewell(int code, Ending how) {
    closeSeen = true;
    synchronized (this) {
      if (ending == null) {
        ending = how;
      }
      if (state == State.OPEN) {
        put(new OutgoingFrames().close(code, "").toWrite());
        state = State.CLOSING;
      }
    }
    loop.expectClose(this);
  }

  @Override
  public String toString() {
    return "connection " + state.name().toLowerCase(Locale.ROOT);
  }
}
