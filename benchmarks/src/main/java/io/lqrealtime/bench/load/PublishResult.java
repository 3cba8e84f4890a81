package io.lqrealtime.bench.load;

import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What a run that published came to. Histograms are in nanoseconds, of the messages due in the
 * window.
 *
 * @param windowNanos how long was measured: shorter than planned if the run was interrupted
 * @param unsent due, but their publisher's connection had ended
 * @param sendLag from when a message was due until the generator had sent it
 * @param malformed frames that are no JSON object, or messages without a stamp
 * @param foreign messages or acks of another run or publisher
 * @param toldOfLoss subscriptions that the server reset with {@code recovered: false}
 */
public record PublishResult(
    ConnectResult connects,
    boolean interrupted,
    long windowNanos,
    long sent,
    long unsent,
    long acked,
    long delivered,
    long sentInWindow,
    long ackedInWindow,
    long deliveredInWindow,
    Histogram deliveries,
    Histogram acks,
    Histogram sendLag,
    List<SubscriptionResult> subscriptions,
    Map<String, Long> errors,
    Map<String, Long> endings,
    long malformed,
    long foreign,
    long toldOfLoss) {

  /** Acked messages that a subscription did not get, over all subscriptions. */
  public long lost() {
    return subscriptions.stream().mapToLong(SubscriptionResult::lost).sum();
  }

  public long duplicated() {
    return subscriptions.stream().mapToLong(SubscriptionResult::duplicated).sum();
  }

  public long outOfOrder() {
    return subscriptions.stream().mapToLong(SubscriptionResult::outOfOrder).sum();
  }
}
