package io.lqrealtime.bench.load;

/** The measured part of a run, by {@link System#nanoTime}; what comes before it is warm-up. */
record Window(long startNanos, long endNanos) {

  /** Nothing is measured (yet). */
  static final Window NONE = new Window(0, 0);

  boolean contains(long nanos) {
    return nanos - startNanos >= 0 && nanos - endNanos < 0;
  }
}
