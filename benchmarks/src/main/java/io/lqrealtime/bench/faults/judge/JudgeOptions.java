package io.lqrealtime.bench.faults.judge;

import java.time.Duration;

/**
 * How strict to be.
 *
 * @param patience within which after healing everything acked is to be delivered
 * @param lossMayBeTold whether {@code recovered: false} is an answer that the run permits
 */
public record JudgeOptions(Duration patience, boolean lossMayBeTold) {
  public static JudgeOptions strict() {
    return new JudgeOptions(Duration.ofSeconds(30), false);
  }
}
