package io.lqrealtime.gateway.transport;

import io.lqrealtime.id.TenantId;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.SequencedSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Whose clients an I/O thread reads from next, where they send more than it gets done. A tenant may
 * use the thread for {@value #QUANTUM_NANOS} ns, and then its clients wait until all sockets have
 * been looked at once more. So however many connections one of them floods, and with whatever,
 * another's frame waits for one turn of each, and who does not flood for {@value #IN_A_ROW_NANOS}
 * ns at the most.
 *
 * <p>A turn ends after the read in which its time is over. Within a tenant, connections take turns
 * by reads.
 *
 * <p>Bounds: one {@link Tenant} for each tenant that has a connection, and each connection waits
 * once. Confined to the I/O thread, but for {@link #waiting}.
 */
final class ReadTurns {
  static final long QUANTUM_NANOS = 1_000_000;

  /** Turns of several tenants in a row; the others come after the next look at the sockets. */
  static final long IN_A_ROW_NANOS = 8 * QUANTUM_NANOS;

  /** Somebody who is read from. */
  interface Reader {
    /** Reads once; returns whether there may be more to read. */
    boolean readTurn();
  }

  private final LongSupplier nanos;
  private final Runnable someWait;
  private final Map<TenantId, Tenant> tenants = new HashMap<>();
  private final Queue<Tenant> due = new ArrayDeque<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private long round;

  /**
   * @param nanos a clock that only rises
   * @param someWait called where nobody waited, and now somebody does: {@link #takeTurns} is to be
   *     called after each look at the sockets while {@link #areDue}
   */
  ReadTurns(LongSupplier nanos, Runnable someWait) {
    this.nanos = nanos;
    this.someWait = someWait;
  }

  /** Counts a connection of a tenant in. */
  Tenant open(TenantId id) {
    Tenant tenant = tenants.computeIfAbsent(id, Tenant::new);
    tenant.connections++;
    return tenant;
  }

  /** All sockets have been looked at: tenants with clients that wait have a turn, one at most. */
  void takeTurns() {
    round++;
    long begin = nanos.getAsLong();
    for (int left = due.size(); left > 0 && nanos.getAsLong() - begin < IN_A_ROW_NANOS; left--) {
      Tenant tenant = due.remove();
      tenant.takeTurn();
      if (tenant.readers.isEmpty()) {
        tenant.isDue = false;
      } else {
        due.add(tenant);
      }
    }
  }

  /** Whether somebody waits for a turn. */
  boolean areDue() {
    return !due.isEmpty();
  }

  /** How many connections wait for a turn. From any thread. */
  int waiting() {
    return waiting.get();
  }

  /** The connections of one tenant on this thread, and the time that they have used. */
  final class Tenant {
    private final TenantId id;
    private final SequencedSet<Reader> readers = new LinkedHashSet<>();
    private boolean isDue;
    private int connections;
    private long inRound;
    private long usedNanos;

    private Tenant(TenantId id) {
      this.id = id;
    }

    /** Whether who has something to read may do so now; else it waits for a turn. */
    boolean mayRead() {
      if (inRound != round) {
        inRound = round;
        usedNanos = 0;
      }
      return readers.isEmpty() && usedNanos < QUANTUM_NANOS;
    }

    /** Counts time in which a client was read from. */
    void used(long nanosecs) {
      usedNanos += nanosecs;
    }

    /** Whether as much has been used as may be, before others have their turn. */
    boolean isOver(long sinceNanos) {
      return usedNanos + nanos.getAsLong() - sinceNanos >= QUANTUM_NANOS;
    }

    /** Has the client read from in its turn; it is not to be read from until then. */
    void await(Reader reader) {
      if (readers.add(reader)) {
        waiting.incrementAndGet();
      }
      if (!isDue) {
        isDue = true;
        boolean isFirst = due.isEmpty();
        due.add(this);
        if (isFirst) {
          someWait.run();
        }
      }
    }

    /** The client does not wait any more. */
    void leave(Reader reader) {
      if (readers.remove(reader)) {
        waiting.decrementAndGet();
      }
    }

    /** Counts a connection out. */
    void close() {
      connections--;
      if (connections == 0) {
        tenants.remove(id);
      }
    }

    private void takeTurn() {
      inRound = round;
      usedNanos = 0;
      for (int left = readers.size();
          left > 0 && usedNanos < QUANTUM_NANOS && !readers.isEmpty();
          left--) {
        Reader reader = readers.removeFirst();
        long begin = nanos.getAsLong();
        boolean more = reader.readTurn();
        usedNanos += nanos.getAsLong() - begin;
        if (more) {
          readers.add(reader);
        } else {
          waiting.decrementAndGet();
        }
      }
    }
  }
}
