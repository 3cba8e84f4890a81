package io.lqrealtime.bench.load;

/**
 * What one subscription got, over the whole run.
 *
 * @param acked messages of its channel that the publishers have an ack for
 * @param received different messages that came
 * @param lost acked, and not received
 * @param duplicated came again
 * @param outOfOrder came after a later one of the same publisher
 */
public record SubscriptionResult(
    String subscriber,
    String channel,
    long acked,
    long received,
    long lost,
    long duplicated,
    long outOfOrder) {

  /** Whether each acked message came once and in order. */
  public boolean sound() {
    return lost == 0 && duplicated == 0 && outOfOrder == 0;
  }
}
