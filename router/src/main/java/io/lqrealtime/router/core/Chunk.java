package io.lqrealtime.router.core;

/**
 * What names a persisted piece of the recent past. The end is part of the name, so that a router
 * that was taken for dead, and goes on for a moment, can't replace its successor's piece by a
 * shorter one.
 *
 * @param from the first offset it is of
 * @param to the offset past the last one
 */
record Chunk(Kind kind, long from, long to) {
  /** What a piece holds. */
  enum Kind {
    INDEX,
    IDS
  }
}
