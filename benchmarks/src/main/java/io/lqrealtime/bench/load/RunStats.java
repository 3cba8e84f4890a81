package io.lqrealtime.bench.load;

import java.util.concurrent.atomic.LongAdder;

/**
 * What all connections of one run count together. For any thread. Latencies are of the messages
 * that were due in the {@link Window}; the counts of the window are by when a thing happened; the
 * others are of the whole run.
 */
final class RunStats {

  /** Distinguishes this run's messages from those of earlier ones on the same channel. */
  final int run;

  volatile Window window = Window.NONE;

  final Latencies deliveries = new Latencies();
  final Latencies acks = new Latencies();
  final Latencies sendLag = new Latencies();

  final LongAdder sent = new LongAdder();
  final LongAdder unsent = new LongAdder();
  final LongAdder acked = new LongAdder();
  final LongAdder delivered = new LongAdder();

  final LongAdder sentInWindow = new LongAdder();
  final LongAdder ackedInWindow = new LongAdder();
  final LongAdder deliveredInWindow = new LongAdder();

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
}
