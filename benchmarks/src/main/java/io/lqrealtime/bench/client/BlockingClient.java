package io.lqrealtime.bench.client;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * A connection for callers that wait: tests, and command-line tools that read a channel. For any
 * thread.
 *
 * <p>Frames that nobody has taken are kept, to {@link #INBOX} of them; then the client stops
 * reading, and goes on when half of them are taken: a caller that is slow is a slow client to the
 * server, and loses nothing. What came before the end of the connection can be taken after it.
 */
public final class BlockingClient implements AutoCloseable {

  /** Frames kept before reading stops; one read more may come on top. */
  public static final int INBOX = 10_000;

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Runnable release;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<String> inbox = new ArrayDeque<>();
  private final Connection connection;
  private Optional<HandshakeResponse> response = Optional.empty();
  private Optional<Ending> ending = Optional.empty();
  private boolean paused;

  private BlockingClient(WebSocketClient client, ConnectRequest request, Runnable release) {
    this.release = release;
    connection = client.connect(request, new Inbox());
  }

  /**
   * Connects with a thread of its own, which ends with {@link #close}; an empty token sends none.
   */
  public static BlockingClient connect(URI uri, String token) throws HandshakeException {
    return connect(ConnectRequest.to(uri).bearer(token));
  }

  /** Likewise, with more to say about how. */
  public static BlockingClient connect(ConnectRequest request) throws HandshakeException {
    WebSocketClient own = WebSocketClient.start();
    try {
      return connected(new BlockingClient(own, request, own::close));
    } catch (HandshakeException | RuntimeException e) {
      own.close();
      throw e;
    }
  }

  /** Connects on the threads of a client that many share. */
  public static BlockingClient connect(WebSocketClient client, ConnectRequest request)
      throws HandshakeException {
    return connected(new BlockingClient(client, request, () -> {}));
  }

  private static BlockingClient connected(BlockingClient client) throws HandshakeException {
    client.lock.lock();
    try {
      while (client.response.isEmpty()) {
        if (client.ending.isPresent()) {
          throw new HandshakeException(client.ending.get());
        }
        client.changed.awaitUninterruptibly();
      }
      return client;
    } finally {
      client.lock.unlock();
    }
  }

  /**
   * Sends a text frame; waits while the server does not read.
   *
   * @throws NoFrameException where the connection is not open (any more), or took nothing for 10 s
   */
  public void send(String text) {
    send(new OutgoingFrames().text(text));
  }

  /** As {@link #send(String)}, for any frames. */
  public void send(OutgoingFrames frames) {
    long start = System.nanoTime();
    while (true) {
      SendOutcome outcome = connection.send(frames);
      if (outcome.taken()) {
        return;
      }
      if (outcome == SendOutcome.NOT_OPEN) {
        throw new NoFrameException("not sent: the connection is " + state());
      }
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new NoFrameException("not sent: the server took nothing for " + PATIENCE);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /**
   * The next text frame.
   *
   * @throws NoFrameException where none came in time, or the connection ended first
   */
  public String next(Duration within) {
    return poll(within).orElseThrow(() -> new NoFrameException(noFrame(within)));
  }

  /**
   * The next frame that fits; those before it are dropped.
   *
   * @throws NoFrameException as {@link #next(Duration)}
   */
  public String next(Predicate<String> fits, Duration within) {
    long end = System.nanoTime() + within.toNanos();
    int skipped = 0;
    while (true) {
      Optional<String> frame = poll(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      if (frame.isEmpty()) {
        throw new NoFrameException(noFrame(within) + " (" + skipped + " others came)");
      }
      if (fits.test(frame.get())) {
        return frame.get();
      }
      skipped++;
    }
  }

  /** The next text frame, or nothing where none came in time or the connection ended first. */
  public Optional<String> poll(Duration within) {
    long nanos = within.toNanos();
    boolean resume = false;
    lock.lock();
    try {
      while (inbox.isEmpty()) {
        if (ending.isPresent() || nanos <= 0) {
          return Optional.empty();
        }
        nanos = changed.awaitNanos(nanos);
      }
      if (paused && inbox.size() <= INBOX / 2) {
        paused = false;
        resume = true;
      }
      return Optional.of(inbox.removeFirst());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      lock.unlock();
      if (resume) {
        connection.resumeReading();
      }
    }
  }

  /** How the connection ended, if it has. */
  public Optional<Ending> ending() {
    lock.lock();
    try {
      return ending;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the end of the connection. It is seen only after what came before it has been read:
   * with a full inbox, take frames meanwhile.
   *
   * @throws NoFrameException where it has not ended in time
   */
  public Ending awaitEnding(Duration within) {
    long nanos = within.toNanos();
    lock.lock();
    try {
      while (ending.isEmpty()) {
        if (nanos <= 0) {
          throw new NoFrameException("the connection has not ended within " + within);
        }
        nanos = changed.awaitNanos(nanos);
      }
      return ending.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NoFrameException("interrupted while the connection was " + state());
    } finally {
      lock.unlock();
    }
  }

  /** The close code, waiting for it; {@link Ending#ABNORMAL} where the server sent none. */
  public int closeCode(Duration within) {
    return awaitEnding(within).code();
  }

  /** The server's answer to the upgrade. */
  public HandshakeResponse response() {
    lock.lock();
    try {
      return response.orElseThrow();
    } finally {
      lock.unlock();
    }
  }

  /** The connection itself: to pause reading, to abort, to close with a code. */
  public Connection connection() {
    return connection;
  }

  /**
   * Closes with 1000, waits for the end of the connection (2 s at most), and frees a thread of its
   * own.
   */
  @Override
  public void close() {
    connection.close(1000, "");
    connection.resumeReading();
    boolean interrupted = Thread.interrupted();
    lock.lock();
    try {
      long nanos = TimeUnit.SECONDS.toNanos(2);
      while (ending.isEmpty() && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      lock.unlock();
      release.run();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Why there is none: how the connection ended, or that the time is up. */
  private String noFrame(Duration within) {
    return ending()
        .map(end -> "the connection was " + end)
        .orElseGet(() -> "nothing that was waited for came within " + within.toSeconds() + " s");
  }

  private String state() {
    return ending().map(Ending::toString).orElse("open");
  }

  private final class Inbox implements ConnectionHandler {

    @Override
    public void opened(Connection opened, HandshakeResponse answer) {
      lock.lock();
      try {
        response = Optional.of(answer);
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void text(Connection from, byte[] bytes, int offset, int length) {
      String text;
      try {
        text =
            StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes, offset, length))
                .toString();
      } catch (CharacterCodingException e) {
        from.close(1007, "not UTF-8");
        return;
      }
      boolean full;
      lock.lock();
      try {
        inbox.add(text);
        full = !paused && inbox.size() >= INBOX;
        paused |= full;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      if (full) {
        from.pauseReading();
      }
    }

    @Override
    public void ended(Connection from, Ending how) {
      lock.lock();
      try {
        ending = Optional.of(how);
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
