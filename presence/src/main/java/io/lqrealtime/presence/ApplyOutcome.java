package io.lqrealtime.presence;

/** What became of a batch of changes. */
public sealed interface ApplyOutcome {
  /** The batch is in the directory. */
  record Applied() implements ApplyOutcome {}

  /**
   * The batch is in the directory, and the directory knew nothing before of this owner in this
   * tenant. An owner that had written there learns from it that its entries were lost.
   */
  record StartedAnew() implements ApplyOutcome {}

  /**
   * Nothing was done, because a batch with a higher stamp had come first: a call that timed out on
   * its owner's side may still reach the directory, after the owner has written something newer.
   */
  record Overtaken() implements ApplyOutcome {}
}
