package io.lqrealtime.bench.load;

/** What a stretch of a run is for. The load of the run itself is the same in all of them. */
public enum Phase {
  /** Not measured: code is compiled. */
  WARM_UP,
  /** Not measured, with the neighbour that noisy windows have: its code paths are compiled too. */
  REHEARSAL,
  /** Measured, with nobody else there. */
  QUIET,
  /** Measured, with a neighbour that misbehaves. */
  NOISY,
  /** Not measured: what the neighbour left behind dies away. */
  PAUSE;

  /** Whether the neighbour is there. */
  public boolean hasNeighbour() {
    return this == REHEARSAL || this == NOISY;
  }

  /** Whether figures are taken. */
  public boolean isMeasured() {
    return this == QUIET || this == NOISY;
  }
}
