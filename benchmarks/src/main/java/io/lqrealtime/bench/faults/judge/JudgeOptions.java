package io.lqrealtime.bench.faults.judge;

import java.time.Duration;

/**
 * How strict to be.
 *
 * @param patience within which after healing everything acked is to be delivered
 * @param lossMayBeTold whether {@code recovered: false} is an answer that the run permits
 * @param asIfEnded whether to judge a history that goes on as if it ended here
 */
public record JudgeOptions(Duration patience, boolean lossMayBeTold, boolean asIfEnded) {
  public static JudgeOptions strict() {
    return new JudgeOptions(Duration.ofSeconds(30), false, false);
  }

  public JudgeOptions permittingLoss() {
    return new JudgeOptions(patience, true, asIfEnded);
  }

  /** For a run that may end now if nothing is missing. */
  public JudgeOptions endingNow() {
    return new JudgeOptions(patience, lossMayBeTold, true);
  }
}
