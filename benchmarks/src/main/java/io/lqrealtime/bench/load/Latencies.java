package io.lqrealtime.bench.load;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * A histogram of durations that any thread adds to without waiting: 1 µs to an hour, to three
 * digits.
 */
final class Latencies {

  private static final long SHORTEST = 1_000;
  private static final long LONGEST = 3_600_000_000_000L;

  private final Recorder recorder = new Recorder(SHORTEST, LONGEST, 3);

  void add(long nanos) {
    recorder.recordValue(Math.clamp(nanos, 0, LONGEST));
  }

  /** What was added since the last call, in nanoseconds. */
  Histogram take() {
    return recorder.getIntervalHistogram();
  }
}
