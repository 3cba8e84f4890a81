package io.lqrealtime.bench.load;

import java.time.Duration;

/**
 * The shape of an idle run: connections with one subscription each, held and left alone.
 *
 * @param connections to open and hold
 * @param channels they are spread over
 * @param prelude connections that are opened and closed before the first look at memory, so that
 *     classes, caches and the channels' own state are not counted as memory of a connection
 * @param hold how long they are held
 */
public record IdlePlan(
    int connections,
    int channels,
    String tenant,
    int tenants,
    String channelPrefix,
    int prelude,
    Duration hold) {

  public IdlePlan {
    if (connections < 1) {
      throw new IllegalArgumentException("at least one connection is needed");
    }
    if (prelude < 0 || prelude > PublishPlan.MAX_SUBSCRIBERS) {
      throw new IllegalArgumentException(
          "the prelude must be 0 to " + PublishPlan.MAX_SUBSCRIBERS + " connections");
    }
    if (hold.isNegative()) {
      throw new IllegalArgumentException("the time to hold must not be negative");
    }
  }

  /**
   * The same rules for names and numbers as for a run that publishes, with a publisher that never
   * does.
   */
  PublishPlan asPublishPlan() {
    return new PublishPlan(
        1,
        connections,
        0,
        channels,
        tenant,
        tenants,
        channelPrefix,
        PublishPlan.MIN_PAYLOAD,
        new PublishPlan.Pace.Closed(1),
        Agenda.of(Duration.ZERO, Duration.ofSeconds(1)),
        Duration.ZERO);
  }
}
