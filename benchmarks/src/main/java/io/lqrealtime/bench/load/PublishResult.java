package io.lqrealtime.bench.load;

import java.util.List;
import java.util.Map;

/**
 * What a run that published came to.
 *
 * @param unsent due, but their publisher's connection had ended
 * @param quiet what was measured while nobody else was there
 * @param noisy what was measured beside a neighbour; nothing in a run without one
 * @param malformed frames that are no JSON object, or messages without a stamp
 * @param foreign messages or acks of another run or publisher
 * @param toldOfLoss subscriptions that the server reset with {@code recovered: false}
 */
public record PublishResult(
    ConnectResult connects,
    boolean interrupted,
    long sent,
    long unsent,
    long acked,
    long delivered,
    Measurement quiet,
    Measurement noisy,
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
