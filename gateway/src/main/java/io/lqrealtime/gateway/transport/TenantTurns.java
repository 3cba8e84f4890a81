package io.lqrealtime.gateway.transport;

import io.lqrealtime.gateway.session.IoThread;
import io.lqrealtime.gateway.session.Turn;
import io.lqrealtime.id.TenantId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose clients an I/O thread serves next, where there is more than it gets done. A tenant may use
 * the thread for {@value #QUANTUM_NANOS} ns to read from its clients and to send them what they are
 * behind by, and then what is left waits until all sockets have been looked at once more. So
 * however many connections one of them floods, and with whatever, another's frame waits for one
 * turn of each, and who does not flood for {@value #IN_A_ROW_NANOS} ns at the most.
 *
 * <p>Messages come for all tenants in the order of the log, and are no work that could wait. Of
 * these a tenant may have {@value #DELIVERIES_IN_A_ROW} frames queued, and the rest of the message
 * that was begun, before sockets are looked at; those that get no more fall behind, and so get the
 * rest in their tenant's turn. Where a thread has clients of one tenant alone, nobody is kept
 * waiting, and nobody falls behind for that.
 *
 * <p>Where bytes of a client take far longer than their number says, they are paid for: a tenant
 * may use one part in {@value #PAID_SHARE} of the thread's time for these, and has no turn until it
 * has made up for what it used beyond {@value #PAID_BURST_NANOS} ns.
 *
 * <p>A turn ends after the piece of work in which its time is over, with what that wrote. Within a
 * tenant, clients take turns by such pieces.
 *
 * <p>Bounds: one {@link Tenant} for each tenant that has a connection, or had one moments ago, and
 * each connection waits once to be read from and once to be sent more. Confined to the I/O thread,
 * but for {@link #waiting}.
 */
final class TenantTurns {
  static final long QUANTUM_NANOS = 1_000_000;

  /** Turns of several tenants in a row; the others come after the next look at the sockets. */
  static final long IN_A_ROW_NANOS = 8 * QUANTUM_NANOS;

  /** About a millisecond and a half of work, with what it takes to write them. */
  static final int DELIVERIES_IN_A_ROW = 2_000;

  static final int PAID_SHARE = 4;
  static final long PAID_BURST_NANOS = 4_000_000;

  private static final Logger log = LoggerFactory.getLogger(TenantTurns.class);

  private final LongSupplier nanos;
  private final Runnable someWait;
  private final Runnable flush;
  private final IoThread timer;
  private final Map<TenantId, Tenant> tenants = new HashMap<>();
  private final Queue<Tenant> due = new ArrayDeque<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private long round;
  private long run;

  /**
   * @param nanos a clock that only rises
   * @param someWait called where nobody waited, and now somebody does: {@link #takeTurns} is to be
   *     called after each look at the sockets while {@link #areDue}
   * @param flush writes what a piece of work has queued, as a part of it
   * @param timer runs what is to be done later
   */
  TenantTurns(LongSupplier nanos, Runnable someWait, Runnable flush, IoThread timer) {
    this.nanos = nanos;
    this.someWait = someWait;
    this.flush = flush;
    this.timer = timer;
  }

  /** Counts a connection of a tenant in. */
  Tenant open(TenantId id) {
    Tenant tenant = tenants.computeIfAbsent(id, Tenant::new);
    tenant.connections++;
    return tenant;
  }

  /** Messages that come from here on are counted from zero. */
  void beginRun() {
    run++;
  }

  /** All sockets have been looked at: tenants with work that waits have a turn, one at most. */
  void takeTurns() {
    round++;
    long begin = nanos.getAsLong();
    for (int left = due.size(); left > 0 && nanos.getAsLong() - begin < IN_A_ROW_NANOS; left--) {
      Tenant tenant = due.remove();
      long owed = tenant.owedNanos(nanos.getAsLong());
      if (owed > 0) {
        timer.executeAfter(Duration.ofNanos(owed), tenant::isDueOrDone);
      } else {
        tenant.takeTurn();
        tenant.isDueOrDone();
      }
    }
  }

  private void addDue(Tenant tenant) {
    boolean isFirst = due.isEmpty();
    due.add(tenant);
    if (isFirst) {
      someWait.run();
    }
  }

  /** Whether somebody waits for a turn. */
  boolean areDue() {
    return !due.isEmpty();
  }

  /** How many wait for a turn. From any thread. */
  int waiting() {
    return waiting.get();
  }

  /** The connections of one tenant on this thread, and the time that they have used. */
  final class Tenant implements Turn {
    private final TenantId id;
    private final SequencedSet<Work> works = new LinkedHashSet<>();
    private boolean isDue;
    private int connections;
    private long inRound;
    private long usedNanos;
    private int depth;

    /** When the time that is paid for will have been made up for. */
    private long madeUpForAt = nanos.getAsLong();

    private long sinceNanos;
    private long inRun;
    private int delivered;

    private Tenant(TenantId id) {
      this.id = id;
    }

    @Override
    public boolean begin() {
      if (depth == 0) {
        if (inRound != round) {
          inRound = round;
          usedNanos = 0;
        }
        if (!works.isEmpty() || usedNanos >= QUANTUM_NANOS || owedNanos(nanos.getAsLong()) > 0) {
          return false;
        }
        sinceNanos = nanos.getAsLong();
      } else if (isOver()) {
        return false;
      }
      depth++;
      return true;
    }

    @Override
    public boolean isOver() {
      long now = nanos.getAsLong();
      return usedNanos + now - sinceNanos >= QUANTUM_NANOS || owedNanos(now) > 0;
    }

    @Override
    public void end() {
      depth--;
      if (depth == 0) {
        usedNanos += nanos.getAsLong() - sinceNanos;
      }
    }

    @Override
    public void await(Work work) {
      if (works.add(work)) {
        waiting.incrementAndGet();
      }
      if (!isDue) {
        isDue = true;
        addDue(this);
      }
    }

    /** A turn is over, or the wait for one. */
    private void isDueOrDone() {
      if (works.isEmpty()) {
        isDue = false;
      } else {
        addDue(this);
      }
    }

    /**
     * Counts time that the tenant has to pay for.
     *
     * @return whether it has no turn for a while
     */
    boolean pay(long spentNanos) {
      long now = nanos.getAsLong();
      madeUpForAt = Math.max(madeUpForAt, now) + spentNanos * PAID_SHARE;
      return owedNanos(now) > 0;
    }

    /** How long the tenant has no turn for. (A leaky bucket as a meter, ITU-T I.371.) */
    private long owedNanos(long now) {
      return madeUpForAt - now - PAID_BURST_NANOS * PAID_SHARE;
    }

    @Override
    public void leave(Work work) {
      if (works.remove(work)) {
        waiting.decrementAndGet();
      }
    }

    @Override
    public boolean mayDeliver() {
      return inRun != run || delivered < DELIVERIES_IN_A_ROW || tenants.size() == 1;
    }

    @Override
    public void delivered(int frames) {
      if (inRun != run) {
        inRun = run;
        delivered = 0;
      }
      delivered += frames;
    }

    /** Counts a connection out. */
    void close() {
      connections--;
      forgetIfDone();
    }

    /** Who comes anew finds what the tenant still has to make up for. */
    private void forgetIfDone() {
      if (connections > 0) {
        return;
      }
      long left = madeUpForAt - nanos.getAsLong();
      if (left > 0) {
        timer.executeAfter(Duration.ofNanos(left), this::forgetIfDone);
      } else {
        tenants.remove(id, this);
      }
    }

    private void takeTurn() {
      inRound = round;
      usedNanos = 0;
      sinceNanos = nanos.getAsLong();
      depth = 1;
      for (int left = works.size(); left > 0 && !works.isEmpty() && !isOver(); left--) {
        Work work = works.removeFirst();
        if (doSome(work)) {
          works.add(work);
        } else {
          waiting.decrementAndGet();
        }
      }
      depth = 0;
      usedNanos += nanos.getAsLong() - sinceNanos;
    }

    private boolean doSome(Work work) {
      try {
        boolean more = work.takeTurn();
        flush.run();
        return more;
      } catch (RuntimeException e) {
        // It would end all turns of this thread, since XNIO swallows it.
        log.error("A client's work failed in its turn", e);
        return false;
      }
    }
  }
}
