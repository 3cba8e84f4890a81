package io.lqrealtime.router.core;

import java.util.ArrayList;
import java.util.List;

/**
 * What the control records of one partition say about a gateway.
 *
 * @param sequence of the last control record applied in this generation
 * @param controlOffset where that record lies: one at or below it has been applied
 * @param boundaries the offsets at which everything open ended (each {@code up} and {@code down}),
 *     rising, the last ones; the last is where the present chain began. An entry without an end of
 *     its own ends at the first boundary past its beginning, which is what makes {@code up} and
 *     {@code down} one small write however many channels the gateway had
 * @param down whether this generation was declared down
 * @param downTime epoch milliseconds of that, 0 otherwise
 * @param rosterFrom the offset since which the gateway tells anew who is in its channels; who is
 *     not confirmed after it is in none
 */
public record GatewayState(
    long generation,
    long sequence,
    long controlOffset,
    List<Long> boundaries,
    boolean down,
    long downTime,
    long rosterFrom) {
  /** More while closed entries are kept, and a replay may deliver too much. */
  static final int MAX_BOUNDARIES = 64;

  public GatewayState {
    if (boundaries.isEmpty() || boundaries.size() > MAX_BOUNDARIES) {
      throw new IllegalArgumentException("a gateway has 1 to 64 boundaries");
    }
    boundaries = List.copyOf(boundaries);
  }

  static GatewayState started(List<Long> former, long generation, long sequence, long offset) {
    return new GatewayState(generation, sequence, offset, with(former, offset), false, 0, offset);
  }

  static GatewayState down(
      List<Long> former, long generation, long sequence, long offset, long time) {
    return new GatewayState(generation, sequence, offset, with(former, offset), true, time, offset);
  }

  GatewayState applied(long newSequence, long offset) {
    return new GatewayState(
        generation, newSequence, offset, boundaries, down, downTime, rosterFrom);
  }

  GatewayState roster(long newSequence, long offset) {
    return new GatewayState(generation, newSequence, offset, boundaries, down, downTime, offset);
  }

  long chainStart() {
    return boundaries.getLast();
  }

  /** The end that an entry beginning at {@code from} has if it was never ended by itself. */
  long endOf(long from) {
    for (long boundary : boundaries) {
      if (boundary > from) {
        return boundary;
      }
    }
    return Entry.OPEN;
  }

  private static List<Long> with(List<Long> former, long offset) {
    List<Long> all = new ArrayList<>(former);
    all.add(offset);
    return all.subList(Math.max(0, all.size() - MAX_BOUNDARIES), all.size());
  }
}
