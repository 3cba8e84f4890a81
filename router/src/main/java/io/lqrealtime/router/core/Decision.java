package io.lqrealtime.router.core;

import io.lqrealtime.record.DeadLetterReason;
import java.util.List;

/**
 * What is to happen because of one record.
 *
 * @param verdict what the record was found to be
 * @param effects what goes out, in this order
 * @param changes how the state moves, in this order; to be applied after the effects, so that a
 *     record whose effects failed midway is decided again in the same way
 */
public record Decision(Verdict verdict, List<Effect> effects, List<Change> changes) {

  /** What a record was found to be. */
  public sealed interface Verdict {
    /** A message in its home partition. */
    record Routed() implements Verdict {}

    /** A message whose home is elsewhere. */
    record SentHome() implements Verdict {}

    /** A message that was sent home before, by a predecessor that did the same work. */
    record ForwardedAgain() implements Verdict {}

    /** A message that its publisher sent again: its id was seen before. */
    record Duplicate() implements Verdict {}

    record Rejected(DeadLetterReason reason) implements Verdict {}

    record Controlled(String type, ControlOutcome outcome) implements Verdict {}
  }

  /** What became of a control record. */
  public enum ControlOutcome {
    /** It changed the state. */
    APPLIED,
    /** It had been applied before this process read it (again). */
    REPLAYED,
    /** Its sequence is not newer than what was applied in its generation. */
    STALE,
    /** The gateway has a newer generation. */
    OLD_GENERATION,
    /** Its generation was declared down. */
    GENERATION_DOWN
  }

  static final Verdict ROUTED = new Verdict.Routed();
  static final Verdict SENT_HOME = new Verdict.SentHome();
  static final Verdict FORWARDED_AGAIN = new Verdict.ForwardedAgain();

  static final Verdict DUPLICATE = new Verdict.Duplicate();

  static Decision rejected(DeadLetterReason reason, String detail) {
    return new Decision(
        new Verdict.Rejected(reason), List.of(new Effect.DeadLetter(reason, detail)), List.of());
  }
}
