package io.lqrealtime.bench.load;

import java.util.concurrent.atomic.LongAdder;

/**
 * What is counted in windows of one kind. For any thread. Latencies are of the messages that were
 * due in the windows; the counts are by when a thing happened.
 */
final class Tally {

  final Latencies deliveries = new Latencies();
  final Latencies acks = new Latencies();
  final Latencies sendLag = new Latencies();

  final LongAdder sent = new LongAdder();
  final LongAdder acked = new LongAdder();
  final LongAdder delivered = new LongAdder();

  /**
   * What has been counted; histograms are emptied.
   *
   * @param nanos how long the windows were, together
   */
  Measurement take(long nanos) {
    return new Measurement(
        nanos,
        sent.sum(),
        acked.sum(),
        delivered.sum(),
        deliveries.take(),
        acks.take(),
        sendLag.take());
  }
}
