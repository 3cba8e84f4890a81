package io.lqrealtime.bench.faults.judge;

import java.util.Map;
import java.util.TreeMap;

/** Counts over a history. Written by the judge, read when it is done. */
public final class Figures {
  long messages;
  long sends;
  long acked;
  long unanswered;
  long refused;
  long unavailable;
  long received;
  long connects;
  long resumes;
  long notRecovered;
  long faults;
  long longestDeliveryGapMillis;
  long longestAckGapMillis;
  long slowestHealMillis;
  final Map<Integer, Long> closes = new TreeMap<>();

  Figures() {}

  /** Different messages that were sent. */
  public long messages() {
    return messages;
  }

  /** Times that they were sent: with retries. */
  public long sends() {
    return sends;
  }

  /** Messages that were acked at least once. */
  public long acked() {
    return acked;
  }

  /** Messages that got neither an ack nor a refusal. */
  public long unanswered() {
    return unanswered;
  }

  public long refused() {
    return refused;
  }

  /** Answers {@code unavailable} to a publish. */
  public long unavailable() {
    return unavailable;
  }

  public long received() {
    return received;
  }

  public long connects() {
    return connects;
  }

  /** Subscriptions with a {@code since} that were answered. */
  public long resumes() {
    return resumes;
  }

  public long notRecovered() {
    return notRecovered;
  }

  public long faults() {
    return faults;
  }

  /**
   * The longest time in which no client of some tenant received anything, from the first message to
   * healing.
   */
  public long longestDeliveryGapMillis() {
    return longestDeliveryGapMillis;
  }

  /**
   * The longest time in which no client of some tenant was acked anything, from the first message
   * to healing.
   */
  public long longestAckGapMillis() {
    return longestAckGapMillis;
  }

  /** From healing to the last message that was acked before and came after. */
  public long slowestHealMillis() {
    return slowestHealMillis;
  }

  /** Ends of connections by code. */
  public Map<Integer, Long> closes() {
    return closes;
  }

  @Override
  public String toString() {
    return """
    messages %d (sent %d times), acked %d, unanswered %d, refused %d, answers unavailable %d
    received %d, connects %d, resumes %d, not recovered %d, ends of connections by code %s
    faults %d, longest a tenant was without a delivery %.1f s, without an ack %.1f s, \
    all delivered %.1f s after healing\
    """
        .formatted(
            messages,
            sends,
            acked,
            unanswered,
            refused,
            unavailable,
            received,
            connects,
            resumes,
            notRecovered,
            closes,
            faults,
            longestDeliveryGapMillis / 1e3,
            longestAckGapMillis / 1e3,
            slowestHealMillis / 1e3);
  }
}
