package io.lqrealtime.bench.load;

import org.HdrHistogram.Histogram;

/**
 * What was measured in windows of one kind, all of them together. Histograms are in nanoseconds, of
 * the messages due in the windows; the counts are by when a thing happened.
 *
 * @param nanos how long was measured: shorter than planned if the run was interrupted
 * @param sendLag from when a message was due until the generator had sent it
 */
public record Measurement(
    long nanos,
    long sent,
    long acked,
    long delivered,
    Histogram deliveries,
    Histogram acks,
    Histogram sendLag) {

  public double seconds() {
    return nanos / 1e9;
  }
}
