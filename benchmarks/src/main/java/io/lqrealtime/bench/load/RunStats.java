package io.lqrealtime.bench.load;

import java.util.concurrent.atomic.LongAdder;

/**
 * What all connections of one run count together. For any thread. What {@link #at} gives is of the
 * windows of one kind; the other counts are of the whole run.
 */
final class RunStats {

  /** Distinguishes this run's messages from those of earlier ones on the same channel. */
  final int run;

  /** What the run is for, and when. */
  volatile Timetable timetable = Timetable.NONE;

  final Tally quiet = new Tally();
  final Tally noisy = new Tally();

  /** Of the times between, which no report shows. */
  private final Tally unmeasured = new Tally();

  final LongAdder sent = new LongAdder();
  final LongAdder unsent = new LongAdder();
  final LongAdder acked = new LongAdder();
  final LongAdder delivered = new LongAdder();

  /** Frames that are no JSON object, or messages without a stamp. */
  final LongAdder malformed = new LongAdder();

  /** Messages of another run, or of a publisher that does not publish there. */
  final LongAdder foreign = new LongAdder();

  /**
   * {@code subscribed} with {@code recovered: false} in the middle of the run: the server says that
   * it lost something.
   */
  final LongAdder toldOfLoss = new LongAdder();

  final Counts errors = new Counts();
  final Counts endings = new Counts();

  RunStats(int run) {
    this.run = run;
  }

  /** Where that is counted which belongs to this moment. */
  Tally at(long nanos) {
    return switch (timetable.at(nanos)) {
      case QUIET -> quiet;
      case NOISY -> noisy;
      case WARM_UP, REHEARSAL, PAUSE -> unmeasured;
    };
  }
}
