package io.lqrealtime.bench.load;

import java.util.ArrayList;
import java.util.List;

/** An {@link Agenda} with its times, by {@link System#nanoTime}. Immutable. */
final class Timetable {

  /** Before a run publishes. */
  static final Timetable NONE = new Timetable(List.of());

  /** A stretch from its first nanosecond to past its last. */
  record Slot(Phase phase, long startNanos, long endNanos) {
    boolean contains(long nanos) {
      return nanos - startNanos >= 0 && nanos - endNanos < 0;
    }
  }

  private final List<Slot> slots;

  private Timetable(List<Slot> slots) {
    this.slots = List.copyOf(slots);
  }

  static Timetable of(Agenda agenda, long startNanos) {
    List<Slot> slots = new ArrayList<>();
    long at = startNanos;
    for (Agenda.Stretch stretch : agenda.stretches()) {
      long end = at + stretch.time().toNanos();
      slots.add(new Slot(stretch.phase(), at, end));
      at = end;
    }
    return new Timetable(slots);
  }

  /** The same, cut off at a moment. */
  Timetable until(long nanos) {
    return new Timetable(
        slots.stream()
            .filter(slot -> slot.startNanos() - nanos < 0)
            .map(
                slot ->
                    slot.endNanos() - nanos <= 0
                        ? slot
                        : new Slot(slot.phase(), slot.startNanos(), nanos))
            .toList());
  }

  List<Slot> slots() {
    return slots;
  }

  /** What the run is for at this moment; a pause, before it and after it. */
  Phase at(long nanos) {
    for (Slot slot : slots) {
      if (slot.contains(nanos)) {
        return slot.phase();
      }
    }
    return Phase.PAUSE;
  }

  /** How long the windows of a kind are, together. */
  long lasts(Phase phase) {
    return slots.stream()
        .filter(slot -> slot.phase() == phase)
        .mapToLong(slot -> slot.endNanos() - slot.startNanos())
        .sum();
  }

  /** When the last stretch ends. */
  long endNanos() {
    return slots.getLast().endNanos();
  }
}
