package io.lqrealtime.bench.client;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One selector, its thread and its read buffer. Sleeps without a timeout while no handshake and no
 * close is under way, so that idle connections cost no CPU.
 *
 * <p>Bounds: the tasks are those of connects, closes and changes of interest, at most a few a
 * connection; the read buffer grows to the longest message that a connection is in the middle of,
 * and {@link ClientOptions#maxMessageBytes} bounds that.
 */
final class EventLoop implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
  private static final long TICK_MILLIS = 50;

  private record Due(Connection connection, long nanos) {}

  private final ClientOptions options;
  private final Selector selector;
  private final FrameReader frames;
  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final Consumer<SelectionKey> onReady = this::ready;

  // One timeout for all, so the order of arrival is the order of expiry.
  private final ArrayDeque<Due> handshakes = new ArrayDeque<>();
  private final ArrayDeque<Due> closes = new ArrayDeque<>();

  private byte[] readBuffer;
  private volatile boolean stopping;
  private volatile boolean terminated;

  EventLoop(ClientOptions options, String name) throws IOException {
    this.options = options;
    selector = Selector.open();
    frames = new FrameReader(options.maxMessageBytes());
    readBuffer = new byte[options.readBufferBytes()];
    thread = Thread.ofPlatform().daemon().name(name).unstarted(this);
  }

  void start() {
    thread.start();
  }

  /** Drops every connection and waits for the thread. */
  void stop() {
    stopping = true;
    selector.wakeup();
    boolean interrupted = false;
    while (thread.isAlive() && Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  void execute(Runnable task) {
    if (Thread.currentThread() == thread && !terminated) {
      task.run();
      return;
    }
    tasks.add(task);
    if (terminated) {
      runTasks();
    } else if (woken.compareAndSet(false, true)) {
      selector.wakeup();
    }
  }

  ClientOptions options() {
    return options;
  }

  FrameReader frames() {
    return frames;
  }

  boolean terminated() {
    return terminated;
  }

  SelectionKey register(SocketChannel channel, int operations, Connection connection)
      throws IOException {
    return channel.register(selector, operations, connection);
  }

  void expectHandshake(Connection connection) {
    handshakes.add(new Due(connection, System.nanoTime() + options.handshakeTimeout().toNanos()));
  }

  void expectClose(Connection connection) {
    closes.add(new Due(connection, System.nanoTime() + options.closeTimeout().toNanos()));
  }

  /** The shared buffer, with room for what an earlier read kept and a read more. */
  byte[] readBuffer(int kept) {
    int needed = kept + Math.max(options.readBufferBytes(), Wire.LEAST_ROOM);
    if (readBuffer.length < needed) {
      readBuffer = new byte[Math.max(needed, 2 * readBuffer.length)];
    }
    return readBuffer;
  }

  void noteUncloseable(IOException failure) {
    LOG.debug("A socket did not close", failure);
  }

  @Override
  public void run() {
    try {
      while (!stopping) {
        boolean timed = !handshakes.isEmpty() || !closes.isEmpty();
        selector.select(onReady, timed ? TICK_MILLIS : 0);
        woken.set(false);
        runTasks();
        expire();
      }
    } catch (IOException e) {
      LOG.error("The selector failed: its connections are dropped", e);
    } finally {
      terminate();
    }
  }

  private void ready(SelectionKey key) {
    Connection connection = (Connection) key.attachment();
    try {
      connection.ready(key);
    } catch (RuntimeException e) {
      failed(connection, e);
    }
  }

  private synchronized void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.warn("A task of a connection failed", e);
      }
    }
  }

  private void expire() {
    long now = System.nanoTime();
    while (!handshakes.isEmpty() && now - handshakes.getFirst().nanos() >= 0) {
      Connection overdue = handshakes.removeFirst().connection();
      guarded(overdue, overdue::handshakeOverdue);
    }
    while (!closes.isEmpty() && now - closes.getFirst().nanos() >= 0) {
      Connection overdue = closes.removeFirst().connection();
      guarded(overdue, overdue::closeOverdue);
    }
  }

  private static void guarded(Connection connection, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      failed(connection, e);
    }
  }

  private static void failed(Connection connection, RuntimeException failure) {
    LOG.warn("The handler of a connection failed: the connection is dropped", failure);
    try {
      connection.handlerFailed(failure);
    } catch (RuntimeException again) {
      LOG.warn("The handler of a connection failed again, at its end", again);
    }
  }

  private void terminate() {
    for (SelectionKey key : List.copyOf(selector.keys())) {
      Connection connection = (Connection) key.attachment();
      guarded(connection, connection::abortNow);
    }
    terminated = true;
    runTasks();
    try {
      selector.close();
    } catch (IOException e) {
      LOG.warn("The selector did not close", e);
    }
  }
}
