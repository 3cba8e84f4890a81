package io.lqrealtime.presence;

import io.lqrealtime.presence.GatewayLeases.Renewal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews one gateway's lease each second (with a short one three times a lease time), on a daemon
 * thread of its own, and reports what it learns as {@link LeaseEvent}s on that thread. The listener
 * must be quick: while it runs, nothing is renewed.
 *
 * <p>That is more often than the lease needs: others do not count by it where they were without the
 * store since, or where the gateway said that it has a {@link Backlog}. While it has, and while
 * renewals fail, they come four times a second.
 *
 * <p>An outage of the store is not oversleeping: renewals are tried on, faster, and the owner is
 * kept, so that a store that restarts does not make every gateway start over. Overslept is a
 * gateway whose own thread did not run for a whole lease time, or whose lease ran out in a store
 * that answered all along.
 */
public final class LeaseKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);

  /** How long others may have to wait for a renewal, or an outage be unnoticed. */
  private static final long RENEWAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long HURRIED_RENEWAL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final GatewayLeases leases;
  private final Duration ttl;
  private final Supplier<Backlog> backlog;
  private final Consumer<LeaseEvent> listener;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private Owner owner;
  private boolean ownerIsNew = true;
  private boolean hurry;
  private boolean closed;

  // Of the keeper's thread alone.
  private Optional<String> epoch = Optional.empty();
  private boolean lost;
  private boolean fenced;
  private boolean behind;

  /** It has been told that this owner overslept: another one is on its way. */
  private boolean oversleptTold;

  private long lastAttempt;
  private long lastSuccess;

  /**
   * Renews at once, and from then on.
   *
   * @param backlog asked on the keeper's thread before each renewal; must be quick
   */
  public static LeaseKeeper start(
      GatewayLeases leases,
      Owner owner,
      Duration ttl,
      Supplier<Backlog> backlog,
      Consumer<LeaseEvent> listener) {
    LeaseKeeper keeper = new LeaseKeeper(leases, owner, ttl, backlog, listener);
    keeper.thread.start();
    return keeper;
  }

  private LeaseKeeper(
      GatewayLeases leases,
      Owner owner,
      Duration ttl,
      Supplier<Backlog> backlog,
      Consumer<LeaseEvent> listener) {
    this.leases = leases;
    this.owner = owner;
    this.ttl = ttl;
    this.backlog = backlog;
    this.listener = listener;
    this.thread =
        Thread.ofPlatform().daemon().name("lq-lease-" + owner.gateway()).unstarted(this::run);
  }

  /** Goes on with another generation, at once. May be called by the listener. */
  public void owner(Owner next) {
    lock.lock();
    try {
      owner = next;
      ownerIsNew = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Renews at once: the store may have been away, and others may wait for a sign. */
  public void renewNow() {
    lock.lock();
    try {
      hurry = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the renewals and gives the lease up; waits for it no longer than a third of the lease. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      if (Thread.currentThread() != thread) {
        thread.join(ttl);
      }
      leases.release(owner()).toCompletableFuture().get(third(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("The lease was not given up, and runs out by itself: {}", e.toString());
    }
  }

  private Owner owner() {
    lock.lock();
    try {
      return owner;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    lastAttempt = System.nanoTime();
    lastSuccess = lastAttempt;
    try {
      while (awaitTurn()) {
        long now = System.nanoTime();
        Duration silent = Duration.ofNanos(now - lastAttempt);
        lastAttempt = now;
        if (silent.compareTo(ttl) > 0) {
          overslept(owner(), silent);
        }
        renew();
      }
    } catch (InterruptedException e) {
      log.debug("Interrupted: the lease is not renewed any more", e);
    }
  }

  /** Waits until a renewal is due; false once closed. */
  private boolean awaitTurn() throws InterruptedException {
    lock.lock();
    try {
      long pause = lost || behind ? HURRIED_RENEWAL_NANOS : RENEWAL_NANOS;
      long left = Math.min(third(), pause) - (System.nanoTime() - lastAttempt);
      while (!closed && !ownerIsNew && (fenced || !hurry && left > 0)) {
        if (fenced) {
          changed.await();
        } else {
          left = changed.awaitNanos(left);
        }
      }
      hurry = false;
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  private void renew() throws InterruptedException {
    Owner current;
    boolean first;
    lock.lock();
    try {
      current = owner;
      first = ownerIsNew;
      ownerIsNew = false;
    } finally {
      lock.unlock();
    }
    fenced = false;
    oversleptTold &= !first;
    Backlog unwritten = backlog.get();
    behind = !unwritten.isEmpty();
    try {
      Renewal renewal =
          leases
              .renew(current, ttl, unwritten)
              .toCompletableFuture()
              .get(ttl.toNanos(), TimeUnit.NANOSECONDS);
      switch (renewal) {
        case Renewal.Renewed renewed -> renewed(current, renewed, first);
        case Renewal.Fenced newer -> {
          fenced = true;
          tell(new LeaseEvent.Fenced(current, newer.newer()));
        }
      }
    } catch (ExecutionException e) {
      failed(
          e.getCause() instanceof PresenceUnavailableException unavailable
              ? unavailable
              : new PresenceUnavailableException("the lease was not renewed", e));
    } catch (TimeoutException e) {
      failed(new PresenceUnavailableException("the lease was not renewed in time", e));
    }
  }

  private void renewed(Owner current, Renewal.Renewed renewed, boolean first) {
    long now = System.nanoTime();
    Duration silent = Duration.ofNanos(now - lastSuccess);
    boolean wasLost = lost;
    Optional<String> before = epoch;
    lost = false;
    lastSuccess = now;
    epoch = Optional.of(renewed.epoch());
    if (wasLost) {
      tell(new LeaseEvent.Back(silent, !first && !renewed.held()));
    }
    if (before.isPresent() && !before.get().equals(renewed.epoch())) {
      tell(new LeaseEvent.EpochChanged(before.get(), renewed.epoch()));
    } else if (!first && !renewed.held() && !wasLost) {
      // The monotonic clock stands still while a machine is suspended; the store's does not.
      overslept(current, silent);
    }
    tell(new LeaseEvent.Renewed(current, renewed.epoch(), renewed.whole()));
  }

  /** Told once: the next generation takes a moment to come. */
  private void overslept(Owner who, Duration silent) {
    if (!oversleptTold) {
      oversleptTold = true;
      tell(new LeaseEvent.Overslept(who, silent));
    }
  }

  private void failed(PresenceUnavailableException cause) {
    if (!lost) {
      lost = true;
      tell(new LeaseEvent.Lost(cause));
    }
  }

  private void tell(LeaseEvent event) {
    try {
      listener.accept(event);
    } catch (RuntimeException e) {
      log.error("The listener failed on {}", event, e);
    }
  }

  private long third() {
    return ttl.toNanos() / 3;
  }
}
