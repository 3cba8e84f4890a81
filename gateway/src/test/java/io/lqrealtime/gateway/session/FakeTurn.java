package io.lqrealtime.gateway.session;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/** A tenant's turn in the test's hand: without its doing there is time for everything. */
final class FakeTurn implements Turn {
  /** Pieces of work that there is time for. */
  int left = Integer.MAX_VALUE;

  /** Frames that may be queued yet. */
  int frames = Integer.MAX_VALUE;

  private final SequencedSet<Work> waiting = new LinkedHashSet<>();

  /** All that wait have so many pieces of work done in a turn, each in its own. */
  void comes(int pieces) {
    for (Work work : List.copyOf(waiting)) {
      left = pieces;
      waiting.remove(work);
      if (work.takeTurn()) {
        waiting.add(work);
      }
    }
  }

  int waiting() {
    return waiting.size();
  }

  @Override
  public boolean begin() {
    return !isOver();
  }

  @Override
  public boolean isOver() {
    left = Math.max(-1, left - 1);
    return left < 0;
  }

  @Override
  public void end() {
    // What was done is counted as it is done.
  }

  @Override
  public void await(Work work) {
    waiting.add(work);
  }

  @Override
  public void leave(Work work) {
    waiting.remove(work);
  }

  @Override
  public boolean mayDeliver() {
    return frames > 0;
  }

  @Override
  public void delivered(int count) {
    frames -= count;
  }
}
