package io.lqrealtime.gateway.transport;

import java.util.ArrayList;
import java.util.List;

/**
 * A hashed timing wheel (Varghese and Lauck, 1987, scheme 6) with a slot a second, for the one
 * deadline that every connection of an I/O thread has. Setting and firing take constant time;
 * nothing is cancelled, a timer that is not wanted any more says so when it fires. Confined to its
 * thread.
 */
final class TimerWheel {
  private static final int SLOTS = 64;

  /** Something that wants to be woken. */
  interface Timer {
    /** No more waking. */
    int NEVER = 0;

    /**
     * @return in how many seconds to wake again, or {@link #NEVER}
     */
    int onTimer();
  }

  private List<List<Timer>> slots = new ArrayList<>();
  private int current;

  TimerWheel() {
    for (int i = 0; i < SLOTS; i++) {
      slots.add(new ArrayList<>(0));
    }
  }

  /**
   * Wakes the timer in 1 to {@code SLOTS - 1} seconds; sooner than asked for where that is more.
   */
  void set(Timer timer, int seconds) {
    int ahead = Math.clamp(seconds, 1, SLOTS - 1);
    slots.get((current + ahead) % SLOTS).add(timer);
  }

  /** A second has passed. */
  void tick() {
    current = (current + 1) % SLOTS;
    List<Timer> due = slots.set(current, new ArrayList<>(0));
    for (Timer timer : due) {
      int again = timer.onTimer();
      if (again != Timer.NEVER) {
        set(timer, again);
      }
    }
  }
}
