package io.lqrealtime.gateway.transport;

import io.lqrealtime.gateway.session.ChannelPresence.Connected;
import io.lqrealtime.gateway.session.ChannelTable;
import io.lqrealtime.gateway.session.Delivery;
import io.lqrealtime.gateway.session.IoThread;
import io.lqrealtime.gateway.session.Session;
import io.lqrealtime.gateway.websocket.PerMessageDeflate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xnio.ChannelPipe;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.channels.StreamSourceChannel;

/**
 * What all connections of one I/O thread share: its read and write buffers, its timers, its table
 * of channels, and the way in for work from other threads.
 *
 * <p>Frames that a task queues go out together when the task ends: connections that have something
 * to send are gathered, and each is flushed once. Tasks from other threads are gathered too:
 * however many come before the thread gets to them, it is woken once.
 *
 * <p>Tenants take turns ({@link TenantTurns}), and tasks do with sockets. XNIO runs tasks as long
 * as there are any, those too that a task adds, before it looks at sockets again; so what is to
 * come after that waits for a bell: a pipe with a byte in it that nobody reads, which is found to
 * be ready at each look. It goes with the worker, as all channels do.
 *
 * <p>Bounds: the fan-out may be {@value #MAX_BATCHES} batches behind the consumer, which then
 * waits. Other tasks are answers, at most one for each request that a session's limits let through.
 */
public final class EventLoop implements IoThread {
  /** Batches of deliveries handed over and not fanned out yet, at the most. */
  private static final int MAX_BATCHES = 4;

  /**
   * What one read takes. All frames in it are dealt with, also where the first one shows that the
   * client is not to be read from for now: so it bounds what a flood gets each time that it is
   * read.
   */
  static final int READ_BYTES = 16 * 1024;

  /** The same for who waited for its turn, and so is likely to be flooding. */
  static final int TURN_BYTES = 4 * 1024;

  private static final int WRITE_BYTES = 64 * 1024;

  /** Tasks that are run before what they queued goes out and sockets have their turn. */
  private static final int TASKS_IN_A_ROW = 256;

  /** As much is run, and what was begun by then, before sockets have their turn. */
  private static final long RUN_NANOS = 1_000_000;

  private static final int POOLED_QUEUES = 1024;
  private static final Logger log = LoggerFactory.getLogger(EventLoop.class);

  private final XnioIoThread thread;
  private final ChannelTable table;
  private final MemoryBudget memory;
  private final LongConsumer written;
  private final SilentPeers silentPeers;
  private final @Nullable PerMessageDeflate deflate;
  private final TimerWheel timers = new TimerWheel();
  private final ByteBuffer readBuffer = ByteBuffer.allocate(READ_BYTES);
  private final ByteBuffer writeBuffer = ByteBuffer.allocateDirect(WRITE_BYTES);
  private final List<WebSocketConnection> unflushed = new ArrayList<>();
  private final List<Delivery.Broadcast> unwritten = new ArrayList<>();
  private final Deque<FrameQueue> spareQueues = new ArrayDeque<>();
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final Semaphore batches = new Semaphore(MAX_BATCHES);
  private final List<WebSocketConnection> connections = new ArrayList<>();
  private final AtomicInteger lagging = new AtomicInteger();
  private final XnioExecutor.Key ticking;
  private final ChannelPipe<StreamSourceChannel, StreamSinkChannel> bell;
  private final TenantTurns turns;
  private boolean tasksLeft;

  /** Time in which tasks were run since sockets last had their turn, or some while before. */
  private long runNanos;

  /**
   * @param written told of each message that was fanned out live, as soon as all sockets that take
   *     it have it: the epoch milliseconds of its append to the inbound log. On the I/O thread
   * @param silentPeers asked about clients that have not answered a ping
   * @param deflate for clients that negotiate it, where that is offered
   */
  public EventLoop(
      XnioIoThread thread,
      ChannelTable table,
      MemoryBudget memory,
      LongConsumer written,
      SilentPeers silentPeers,
      @Nullable PerMessageDeflate deflate) {
    this.thread = thread;
    this.table = table;
    this.memory = memory;
    this.written = written;
    this.silentPeers = silentPeers;
    this.deflate = deflate;
    this.ticking = thread.executeAtInterval(this::tick, 1, TimeUnit.SECONDS);
    this.bell = bell();
    this.turns =
        new TenantTurns(System::nanoTime, bell.getLeftSide()::resumeReads, this::flushAll, this);
  }

  private ChannelPipe<StreamSourceChannel, StreamSinkChannel> bell() {
    try {
      var pipe = thread.createHalfDuplexPipe();
      pipe.getLeftSide().getReadSetter().set(side -> rung());
      if (pipe.getRightSide().write(ByteBuffer.wrap(new byte[1])) != 1) {
        throw new IOException("a new pipe takes no byte");
      }
      return pipe;
    } catch (IOException e) {
      throw new UncheckedIOException("no pipe for an I/O thread", e);
    }
  }

  public XnioIoThread thread() {
    return thread;
  }

  public ChannelTable table() {
    return table;
  }

  /** What the thread's connections have in memory. */
  public MemoryBudget memory() {
    return memory;
  }

  /** For clients that negotiate it, on this thread. */
  public @Nullable PerMessageDeflate deflate() {
    return deflate;
  }

  /** Runs a task on the I/O thread, soon. Never blocks. */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (scheduled.compareAndSet(false, true)) {
      thread.execute(this::runTasks);
    }
  }

  @Override
  public void executeAfter(Duration delay, Runnable task) {
    try {
      thread.executeAfter(() -> execute(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("An I/O thread ends before a task of it was due");
    }
  }

  /**
   * Hands over what a poll brought. Waits while the thread is {@value #MAX_BATCHES} batches behind:
   * for the consumer's thread only.
   */
  public void deliver(List<Delivery> batch) throws InterruptedException {
    batches.acquire();
    execute(
        () -> {
          try {
            fanOut(batch);
          } finally {
            batches.release();
          }
        });
  }

  /** Calls for each open connection, on the I/O thread. */
  public void forEachConnection(Consumer<WebSocketConnection> action) {
    execute(() -> List.copyOf(connections).forEach(action));
  }

  /** Who is connected on this I/O thread; to be called on it. */
  public List<Connected> connected() {
    List<Connected> connected = new ArrayList<>(connections.size());
    connections.forEach(connection -> connection.session().connected().ifPresent(connected::add));
    return connected;
  }

  /** The sessions of the connections that are open on this I/O thread; to be called on it. */
  public List<Session> sessions() {
    return connections.stream().map(WebSocketConnection::session).toList();
  }

  /** Connections whose socket does not take what is there for it. From any thread. */
  public int lagging() {
    return lagging.get();
  }

  /**
   * Clients that wait for their tenant's turn, to be read from or to be sent more. From any thread.
   */
  public int waitingForTurn() {
    return turns.waiting();
  }

  /** Stops the timers; what has been handed over still runs. */
  public void stop() {
    ticking.remove();
  }

  private void fanOut(List<Delivery> batch) {
    for (Delivery delivery : batch) {
      int count = table.deliver(delivery);
      if (delivery instanceof Delivery.Broadcast broadcast && count > 0) {
        unwritten.add(broadcast);
      }
    }
  }

  private void runTasks() {
    long begin = System.nanoTime();
    turns.beginRun();
    int left = TASKS_IN_A_ROW;
    try {
      while (left > 0 && System.nanoTime() - begin < RUN_NANOS) {
        Runnable task = tasks.poll();
        if (task == null) {
          break;
        }
        left--;
        run(task);
      }
      flushAll();
    } finally {
      // Also after an error: else nothing would be run on this thread any more.
      runNanos += System.nanoTime() - begin;
      runTheRest(left == 0 || runNanos >= RUN_NANOS);
    }
  }

  /** Schedules what is left, at once or when sockets have had their turn. */
  private void runTheRest(boolean afterSockets) {
    // Cleared before the look: whoever adds a task from here on schedules us again.
    scheduled.set(false);
    if (tasks.isEmpty() || !scheduled.compareAndSet(false, true)) {
      return;
    }
    if (afterSockets) {
      tasksLeft = true;
      bell.getLeftSide().resumeReads();
    } else {
      thread.execute(this::runTasks);
    }
  }

  /** All sockets that were ready have had their turn. */
  private void rung() {
    try {
      runNanos = 0;
      turns.takeTurns();
      if (tasksLeft) {
        tasksLeft = false;
        runTasks();
      }
    } finally {
      if (!tasksLeft && !turns.areDue()) {
        bell.getLeftSide().suspendReads();
      }
    }
  }

  private void tick() {
    run(timers::tick);
    flushAll();
  }

  /** XNIO swallows what a task throws: it is told here, and the thread goes on. */
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("A task of an I/O thread failed", e);
    }
  }

  // What follows is for the loop's own connections.

  void opened(WebSocketConnection connection, int firstTimerSeconds) {
    connection.setIndex(connections.size());
    connections.add(connection);
    timers.set(connection, firstTimerSeconds);
  }

  void wakeIn(WebSocketConnection connection, int seconds) {
    timers.set(connection, seconds);
  }

  void closed(WebSocketConnection connection, int index) {
    timers.cancel(connection);
    WebSocketConnection last = connections.removeLast();
    if (last != connection) {
      connections.set(index, last);
      last.setIndex(index);
    }
  }

  SilentPeers silentPeers() {
    return silentPeers;
  }

  void lagging(int change) {
    lagging.addAndGet(change);
  }

  TenantTurns turns() {
    return turns;
  }

  ByteBuffer readBuffer(int bytes) {
    return readBuffer.clear().limit(bytes);
  }

  ByteBuffer writeBuffer() {
    return writeBuffer.clear();
  }

  void flushLater(WebSocketConnection connection) {
    unflushed.add(connection);
  }

  void flushAll() {
    // By index: a flush may close a connection, whose end may queue frames to others.
    for (int i = 0; i < unflushed.size(); i++) {
      unflushed.get(i).flush();
    }
    unflushed.clear();
    if (!unwritten.isEmpty()) {
      for (Delivery.Broadcast broadcast : unwritten) {
        written.accept(broadcast.appendedAt());
      }
      unwritten.clear();
    }
  }

  FrameQueue takeQueue() {
    FrameQueue spare = spareQueues.pollLast();
    return spare != null ? spare : new FrameQueue();
  }

  void giveBack(FrameQueue queue) {
    if (queue.isSmall() && spareQueues.size() < POOLED_QUEUES) {
      spareQueues.addLast(queue);
    }
  }
}
