package io.lqrealtime.gateway.transport;

import io.lqrealtime.id.TenantId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the connections of one I/O thread may have in memory together, and how their tenants share
 * it. There are two budgets: of bytes on their way to clients, and of messages that have not come
 * whole.
 *
 * <p>A tenant may have as much of a budget as is left of it for all others. So one alone has at
 * most the half, two that take what they get have a third each, and whoever comes next finds as
 * much as each of them has: nobody's share has to be set, none lies idle, and no tenant can use up
 * what others need. These are the dynamic thresholds of Choudhury and Hahne (<cite>Dynamic queue
 * length thresholds for shared-memory packet switches</cite>, IEEE/ACM Transactions on Networking
 * 6, 1998) with a factor of one.
 *
 * <p>Bounds: one account for each tenant that has a connection. Confined to the I/O thread, but for
 * the gauges.
 */
public final class MemoryBudget {
  /** What may wait for one socket, or be set aside for one answer, past the tenant's share. */
  static final int TIGHT_BYTES = 16 * 1024;

  private final Pool outbound;
  private final Pool inbound;

  /** What is set aside for answers that have not come yet; counts for further answers only. */
  private final AtomicLong reserved = new AtomicLong();

  private final Map<TenantId, Account> accounts = new HashMap<>();

  /**
   * @param outboundBytes that may wait for sockets or be set aside for answers; past its share of
   *     them a tenant is held to {@value #TIGHT_BYTES} for each connection
   * @param inboundBytes of messages that are not whole yet; past its share of them, who of a tenant
   *     sends more of one is closed
   */
  public MemoryBudget(long outboundBytes, long inboundBytes) {
    this.outbound = new Pool(outboundBytes);
    this.inbound = new Pool(inboundBytes);
  }

  private record Pool(long budget, AtomicLong used) {
    Pool(long budget) {
      this(budget, new AtomicLong());
    }

    /** Whether who has so much of it has more than is left. */
    boolean isPastShare(long own, long alsoUsed) {
      return own > budget - used.getPlain() - alsoUsed;
    }
  }

  /** Counts a connection of a tenant in. */
  Account open(TenantId tenant) {
    Account account = accounts.computeIfAbsent(tenant, Account::new);
    account.connections++;
    return account;
  }

  /**
   * Bytes that wait for sockets, or are set aside for answers; each place in a queue counts by
   * itself, also where frames are shared. From any thread.
   */
  public long queuedBytes() {
    return outbound.used.get() + reserved.get();
  }

  /** What is kept of clients' messages that are not whole yet. From any thread. */
  public long unfinishedBytes() {
    return inbound.used.get();
  }

  /** With one writer, which does not pay for a locked addition. */
  private static void add(AtomicLong total, long change) {
    total.setRelease(total.getPlain() + change);
  }

  /** What the connections of one tenant have in memory. */
  final class Account {
    private final TenantId tenant;
    private int connections;
    private long queuedBytes;
    private long reservedBytes;
    private long unfinishedBytes;

    private Account(TenantId tenant) {
      this.tenant = tenant;
    }

    /** Counts a connection out. What it has set aside may still be given back. */
    void close() {
      connections--;
      if (connections == 0) {
        accounts.remove(tenant);
      }
    }

    void queued(long change) {
      queuedBytes += change;
      add(outbound.used, change);
    }

    /** What may wait for one socket at present. */
    int outboundBound(int configured) {
      return outbound.isPastShare(queuedBytes, 0) ? Math.min(configured, TIGHT_BYTES) : configured;
    }

    /** The same for what is asked for, with what others have asked for and not got yet. */
    int answersBound(int configured) {
      return isTightForAnswers() ? Math.min(configured, TIGHT_BYTES) : configured;
    }

    private boolean isTightForAnswers() {
      return outbound.isPastShare(
          queuedBytes + reservedBytes, MemoryBudget.this.reserved.getPlain());
    }

    /**
     * Sets bytes aside for what comes later. Others that do so get less for it, once the share is
     * used up; what may wait for sockets does not: a page that was asked for is not there yet, and
     * may be small.
     *
     * @return how many
     */
    int reserve(int most) {
      int granted = answersBound(most);
      release(-granted);
      return granted;
    }

    void release(int bytes) {
      reservedBytes -= bytes;
      add(reserved, -bytes);
    }

    /**
     * Counts what is kept of a message that is not whole.
     *
     * @return whether the tenant may keep that much
     */
    boolean unfinished(long change) {
      unfinishedBytes += change;
      add(inbound.used, change);
      return !inbound.isPastShare(unfinishedBytes, 0);
    }
  }
}
