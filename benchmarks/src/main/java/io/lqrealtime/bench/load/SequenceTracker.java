package io.lqrealtime.bench.load;

import org.jspecify.annotations.Nullable;

/**
 * Tells of a publisher's numbered messages which came in order, late, twice or not at all, on one
 * subscription. Costs one comparison for a message that comes in order; a gap is remembered as a
 * run of numbers.
 *
 * <p>More than {@link #MAX_GAPS} gaps at once are not remembered: the lowest then counts as lost
 * for good, and what of it comes after all counts as a duplicate. Either fails the run, so the
 * verdict stays right. Not for several threads.
 */
final class SequenceTracker {

  /** What a message was. */
  enum Arrival {
    /** Higher than all before it. */
    IN_ORDER,
    /** A missing one, after a higher one. */
    LATE,
    /** Seen before. */
    DUPLICATE
  }

  /** Gaps remembered; each message that is refused leaves one, until the account is made. */
  static final int MAX_GAPS = 100_000;

  private @Nullable Intervals missing;
  private long next;
  private long unique;
  private long late;
  private long duplicates;
  private long givenUp;

  Arrival record(long sequence) {
    if (sequence == next) {
      next++;
      unique++;
      return Arrival.IN_ORDER;
    }
    if (sequence > next) {
      gap(next, sequence);
      next = sequence + 1;
      unique++;
      return Arrival.IN_ORDER;
    }
    Intervals gaps = missing;
    if (gaps != null && gaps.remove(sequence)) {
      unique++;
      late++;
      if (gaps.isEmpty()) {
        missing = null;
      }
      return Arrival.LATE;
    }
    duplicates++;
    return Arrival.DUPLICATE;
  }

  private void gap(long start, long end) {
    Intervals gaps = missing;
    if (gaps == null) {
      gaps = new Intervals();
      missing = gaps;
    }
    gaps.addRun(start, end);
    if (gaps.runs() > MAX_GAPS) {
      givenUp += gaps.removeLowest();
    }
  }

  /** Different messages that came. */
  long unique() {
    return unique;
  }

  long late() {
    return late;
  }

  long duplicates() {
    return duplicates;
  }

  /** The numbers below {@code end} that have not come. */
  Intervals missingBelow(long end) {
    Intervals gaps = missing;
    Intervals all = gaps == null ? new Intervals() : gaps.copy();
    if (end > next) {
      all.addRun(next, end);
    }
    return all;
  }

  /**
   * Of {@code sent} messages, how many were acked and have not come.
   *
   * @param notAcked those that the publisher has no ack for
   */
  long lost(long sent, Intervals notAcked) {
    Intervals gone = missingBelow(sent);
    return givenUp + gone.count() - gone.countShared(notAcked);
  }
}
