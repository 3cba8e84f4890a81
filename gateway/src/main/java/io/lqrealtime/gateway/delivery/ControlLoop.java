package io.lqrealtime.gateway.delivery;

import io.lqrealtime.gateway.session.Delivery;
import io.lqrealtime.gateway.session.MemberCensus;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.gateway.transport.EventLoop;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that writes control records: woken when a channel is first needed, and each second to
 * let time pass. What comes while a round is being written goes into the next round's records
 * together.
 */
public final class ControlLoop implements Runnable {
  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final Logger log = LoggerFactory.getLogger(ControlLoop.class);

  private final ChannelRegistry registry;
  private final MemberLog members;
  private final ControlWriter writer;
  private final List<EventLoop> loops;
  private final Runnable everySecond;
  private final Semaphore work;
  private volatile boolean stopped;

  /**
   * @param work gets a permit when there is something to write
   * @param everySecond what else is to be done about once a second; may block for a moment
   */
  public ControlLoop(
      ChannelRegistry registry,
      MemberLog members,
      ControlWriter writer,
      List<EventLoop> loops,
      Semaphore work,
      Runnable everySecond) {
    this.registry = registry;
    this.members = members;
    this.writer = writer;
    this.loops = List.copyOf(loops);
    this.work = work;
    this.everySecond = everySecond;
  }

  /** Ends the thread soon. */
  public void stop() {
    stopped = true;
    work.release();
  }

  @Override
  public void run() {
    long nextTick = System.nanoTime() + TICK_NANOS;
    try {
      while (!stopped) {
        long wait = nextTick - System.nanoTime();
        if (wait > 0 && work.tryAcquire(wait, TimeUnit.NANOSECONDS)) {
          work.drainPermits();
        }
        try {
          if (System.nanoTime() >= nextTick) {
            nextTick = System.nanoTime() + TICK_NANOS;
            tick();
          }
          registry.drain(writer);
          members.drain(writer, this::census);
        } catch (RuntimeException e) {
          log.error("A round of control records failed", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tick() {
    List<TenantChannel> refused = registry.tick();
    if (!refused.isEmpty()) {
      Delivery.Refused delivery = new Delivery.Refused(refused);
      for (EventLoop loop : loops) {
        loop.execute(() -> loop.table().deliver(delivery));
      }
    }
    members.tick();
    everySecond.run();
  }

  /** Each I/O thread tells who is in channels by it, in order with what it tells else. */
  private void census(BitSet partitions, MemberCensus.Listener to) {
    for (EventLoop loop : loops) {
      loop.execute(() -> new MemberCensus(loop, loop.sessions(), partitions, to).run());
    }
  }
}
