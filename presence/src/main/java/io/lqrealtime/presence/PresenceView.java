package io.lqrealtime.presence;

import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.Place;
import io.lqrealtime.id.TenantId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a gateway's part of the presence directory up to date: what {@link #changed} is told is in
 * the directory a few milliseconds later, and whatever the directory loses is written again.
 *
 * <p>Changes wait in a map by connection and place, so that only the last of each is written, and
 * go out in batches a tenant on the view's own daemon thread. A write that fails is put back and
 * tried again, with growing pauses of its tenant until the directory is known to be back; a newer
 * change of the same connection takes its place. The map is bounded: over the bound changes are
 * dropped and the whole view is written again instead. So it is when the directory may have lost
 * what it had: a connection to it was made again, it was restarted or flushed ({@link #rebuild}, by
 * the lease's epoch), it starts anew in a tenant that had been written to, or the gateway took a
 * new generation.
 *
 * <p>The members themselves are not kept here: a {@link PresenceSource} shows them when they are
 * needed. The gateway holds them anyway, and a second copy would cost a hundred bytes or more for
 * each connection, to save an iteration once in an outage.
 *
 * <p>All methods may be called on any thread and none blocks, but {@link #close}.
 */
public final class PresenceView implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PresenceView.class);

  /** Between rounds, while the directory takes nothing. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** A round that takes longer holds something up for others to know of. */
  private static final Duration USUAL_ROUND = Duration.ofMillis(250);

  /**
   * How changes are gathered.
   *
   * @param gather how long after the first change a batch waits for more
   * @param maxPending how many changes may wait
   */
  public record Options(Duration gather, int maxPending) {
    public static final Options DEFAULT = new Options(Duration.ofMillis(2), 50_000);

    public Options {
      if (gather.isNegative() || maxPending < 1) {
        throw new IllegalArgumentException("a time to gather, and room for a change");
      }
    }
  }

  /** Whose change is waiting. */
  record Key(TenantId tenant, Place place, ConnectionId connection) {}

  private final Options options;
  private final PresenceWriter writer;
  private final Counter rebuilds;
  private final Counter failures;
  private final Thread thread;

  private final ConcurrentHashMap<Key, PresenceChange> pending = new ConcurrentHashMap<>();
  private final Queue<Runnable> afterWrites = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /** How often it was asked to write the whole view. */
  private final AtomicLong rebuildsAsked = new AtomicLong(1);

  /** How often it had been when the last began that came to its end. */
  private volatile long rebuildsDone;

  private final AtomicBoolean signalled = new AtomicBoolean(true);
  private volatile Owner owner;
  private volatile boolean writing;
  private volatile long roundBeganNanos;

  /** Whether tenants did not take their part of the whole; it is written again after a pause. */
  private volatile boolean partsMissing;

  private volatile boolean hurry;
  private volatile boolean closed;

  /** When the whole view is written again, having failed; of the view's thread. */
  private @Nullable Retry rebuildRetry;

  /** Writes the whole view, and from then on what changes. */
  public static PresenceView start(
      PresenceDirectory directory,
      PresenceMaintenance maintenance,
      Owner owner,
      PresenceSource source,
      Options options,
      MeterRegistry registry) {
    PresenceView view = new PresenceView(directory, maintenance, owner, source, options, registry);
    directory.onDisruption(
        () -> {
          view.rebuild();
          view.retryNow();
        });
    view.thread.start();
    return view;
  }

  private PresenceView(
      PresenceDirectory directory,
      PresenceMaintenance maintenance,
      Owner owner,
      PresenceSource source,
      Options options,
      MeterRegistry registry) {
    this.writer = new PresenceWriter(directory, maintenance, source, this::rebuild);
    this.owner = owner;
    this.options = options;
    this.rebuilds =
        Counter.builder("lq.presence.rebuilds")
            .description("How often this gateway's presence was written whole")
            .register(registry);
    this.failures =
        Counter.builder("lq.presence.failures")
            .description("Writes to the presence directory that failed and are tried again")
            .register(registry);
    Gauge.builder("lq.presence.pending", pending, ConcurrentHashMap::mappingCount)
        .description("Presence changes that wait to be written")
        .register(registry);
    Gauge.builder("lq.presence.queries.waiting", waiting, AtomicInteger::get)
        .description("Presence queries that wait for changes before them to be written")
        .register(registry);
    this.thread = Thread.ofPlatform().daemon().name("lq-presence-view").unstarted(this::run);
  }

  /** A connection joined or left a place; the source shows it already. */
  public void changed(TenantId tenant, PresenceChange change) {
    Key key = new Key(tenant, change.place(), change.connection());
    if (pending.mappingCount() >= options.maxPending() && !pending.containsKey(key)) {
      rebuild();
      return;
    }
    pending.put(key, change);
    wake();
  }

  /**
   * Runs a task when what was told until now is in the directory, or has been tried in vain: at
   * once where there is nothing to wait for, else after one round of writing, of the whole view if
   * that is due. The task is run by the caller or by the view's thread, and must be quick; what
   * still waits when the view is closed is not run. The callers bound how many wait, and for how
   * long.
   */
  public void afterWrites(Runnable task) {
    if (isSettled()) {
      task.run();
    } else {
      waiting.incrementAndGet();
      afterWrites.add(task);
      wake();
    }
  }

  /** Has the whole view written again: the directory was, or may have been, flushed. */
  public void rebuild() {
    rebuildsAsked.incrementAndGet();
    wake();
  }

  /** The directory is back: what failed is tried again at once, and not after a pause. */
  public void retryNow() {
    hurry = true;
    LockSupport.unpark(thread);
  }

  /** The gateway took another generation: the whole view is written under it. */
  public void owner(Owner next) {
    owner = next;
    rebuild();
  }

  /**
   * Whether something of the tenant's may be missing in the directory for longer than a round of
   * writing: that did not take it, or lost it and has not been written to again.
   */
  public boolean isBehind(TenantId tenant) {
    return isRebuildNeeded() || writer.isBehind(tenant);
  }

  /**
   * What was told and is not in the directory, and was not told just now: that did not take it, may
   * have lost it, or is taking longer than usual. On any thread.
   */
  public Backlog backlog() {
    if (isRebuildNeeded()) {
      return Backlog.EVERYTHING;
    }
    boolean isLate = writing && System.nanoTime() - roundBeganNanos > USUAL_ROUND.toNanos();
    Set<TenantId> tenants = new HashSet<>();
    writer.addBehind(tenants, isLate);
    if (isLate) {
      pending.keySet().forEach(key -> tenants.add(key.tenant()));
    }
    return Backlog.of(tenants);
  }

  /** Whether all that was told is in the directory, as far as is known. */
  public boolean isSettled() {
    return !isRebuilding() && pending.isEmpty() && !writing;
  }

  /** Whether the whole view is being written again, or is about to be. */
  public boolean isRebuilding() {
    return isRebuildNeeded() || partsMissing;
  }

  private boolean isRebuildNeeded() {
    return rebuildsAsked.get() != rebuildsDone;
  }

  /** Stops writing, at once; entries stay until the lease ends and they are swept. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void wake() {
    if (!signalled.get() && signalled.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    try {
      while (!closed) {
        awaitWork();
        List<Runnable> waited = takeAfterWrites();
        boolean taken = writeSome();
        waited.forEach(PresenceView::run);
        if (!taken) {
          wake();
          pause();
        }
      }
    } catch (InterruptedException e) {
      log.debug("Closed", e);
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("What waited for a write failed", e);
    }
  }

  /** Before what is pending is looked at: what was told before them is in that. */
  private List<Runnable> takeAfterWrites() {
    List<Runnable> taken = new ArrayList<>();
    for (Runnable task = afterWrites.poll(); task != null; task = afterWrites.poll()) {
      taken.add(task);
    }
    waiting.addAndGet(-taken.size());
    return taken;
  }

  /** Unless told to hurry. */
  private void pause() throws InterruptedException {
    long end = System.nanoTime() + PAUSE.toNanos();
    for (long left = PAUSE.toNanos(); left > 0 && !hurry; left = end - System.nanoTime()) {
      park(left);
    }
  }

  private void awaitWork() throws InterruptedException {
    while (!signalled.getAndSet(false) && !hurry) {
      long left = nanosToRetry();
      if (left <= 0) {
        break;
      }
      park(left);
    }
    if (hurry) {
      hurry = false;
      rebuildRetry = null;
      writer.retryNow();
    }
    if (pending.mappingCount() < PresenceDirectory.MAX_CHANGES_A_CALL) {
      Thread.sleep(options.gather());
    }
  }

  private void park(long nanos) throws InterruptedException {
    LockSupport.parkNanos(this, nanos);
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** Until something that failed is due again; for ever if there is nothing. */
  private long nanosToRetry() {
    long ofTenants = writer.nanosToRetry().orElse(Long.MAX_VALUE);
    return rebuildRetry == null
        ? ofTenants
        : Math.min(ofTenants, rebuildRetry.nanosLeft(System.nanoTime()));
  }

  private boolean isRebuildDue() {
    return isRebuilding()
        && (rebuildRetry == null || rebuildRetry.nanosLeft(System.nanoTime()) <= 0);
  }

  /** Writes what there is to write; false if the directory seems to take nothing at present. */
  private boolean writeSome() {
    roundBeganNanos = System.nanoTime();
    writing = true;
    try {
      if (isRebuildDue()) {
        writeAll();
      }
      PresenceWriter.Round round = writer.writeChanges(owner, pending);
      failures.increment(round.failed());
      return !round.cutShort();
    } catch (PresenceUnavailableException e) {
      log.debug("Presence was not written, and is tried again", e);
    } catch (RuntimeException e) {
      log.error("Presence was not written, and is tried again", e);
    } finally {
      writing = false;
    }
    failures.increment();
    return false;
  }

  /** Writes the whole view; what the directory does not take of it is written again later. */
  private void writeAll() {
    long asked = rebuildsAsked.get();
    boolean tried = false;
    boolean whole = false;
    try {
      rebuilds.increment();
      whole = writer.writeAll(owner, pending);
      tried = true;
      rebuildsDone = asked;
    } catch (PresenceUnavailableException e) {
      log.debug("Presence was not written whole, and is written again", e);
    } finally {
      partsMissing = tried && !whole;
      rebuildRetry = whole ? null : Retry.after(rebuildRetry, System.nanoTime());
      if (!whole) {
        failures.increment();
      }
      if (!tried) {
        // The last that came to its end may have been asked for by the same, and lacked parts.
        rebuildsAsked.incrementAndGet();
      }
    }
  }
}
