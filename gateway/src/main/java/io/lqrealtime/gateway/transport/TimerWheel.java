package io.lqrealtime.gateway.transport;

import org.jspecify.annotations.Nullable;

/**
 * A hashed timing wheel (Varghese and Lauck, 1987, scheme 6) with a slot a second, for the one
 * deadline that every connection of an I/O thread has. A slot is a ring of timers that know their
 * neighbours: setting, setting anew, cancelling and firing take constant time, and a timer that was
 * cancelled is not held on to. Confined to its thread.
 */
final class TimerWheel {
  private static final int SLOTS = 64;

  /** Something that wants to be woken, at one moment at a time. */
  abstract static class Timer {
    /** No more waking. */
    static final int NEVER = 0;

    /** In the ring of its slot; null while it is in none. */
    private @Nullable Timer previous;

    private @Nullable Timer next;

    /**
     * @return in how many seconds to wake again, or {@link #NEVER}
     */
    abstract int onTimer();

    private void linkBefore(Timer other) {
      Timer last = other.previous == null ? other : other.previous;
      previous = last;
      next = other;
      last.next = this;
      other.previous = this;
    }

    private void unlink() {
      if (previous != null && next != null) {
        previous.next = next;
        next.previous = previous;
        previous = null;
        next = null;
      }
    }
  }

  /** Begins and ends the ring of a slot. */
  private static final class Slot extends Timer {
    Timer first() {
      Timer next = super.next;
      return next == null ? this : next;
    }

    @Override
    int onTimer() {
      throw new AssertionError("no timer");
    }
  }

  private final Slot[] slots = new Slot[SLOTS];
  private int current;

  TimerWheel() {
    for (int i = 0; i < SLOTS; i++) {
      slots[i] = new Slot();
    }
  }

  /**
   * Wakes the timer in 1 to {@code SLOTS - 1} seconds, sooner than asked for where that is more,
   * and not at the moment that was set before.
   */
  void set(Timer timer, int seconds) {
    int ahead = Math.clamp(seconds, 1, SLOTS - 1);
    timer.unlink();
    timer.linkBefore(slots[(current + ahead) % SLOTS]);
  }

  void cancel(Timer timer) {
    timer.unlink();
  }

  /** A second has passed. */
  void tick() {
    current = (current + 1) % SLOTS;
    Slot due = slots[current];
    for (Timer timer = due.first(); timer != due; timer = due.first()) {
      timer.unlink();
      int again = timer.onTimer();
      if (again != Timer.NEVER) {
        set(timer, again);
      }
    }
  }
}
