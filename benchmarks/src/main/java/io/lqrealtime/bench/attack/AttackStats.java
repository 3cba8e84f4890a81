package io.lqrealtime.bench.attack;

import io.lqrealtime.bench.client.Ending;
import io.lqrealtime.bench.load.Counts;
import java.util.concurrent.atomic.LongAdder;

/** What an attacker counts. For any thread. */
final class AttackStats {
  final LongAdder nanos = new LongAdder();
  final LongAdder connects = new LongAdder();
  final LongAdder opened = new LongAdder();
  final LongAdder framesSent = new LongAdder();
  final LongAdder framesHeldUp = new LongAdder();
  final LongAdder answers = new LongAdder();
  final Counts errors = new Counts();
  private final Counts endings = new Counts();
  private final Counts refusals = new Counts();

  /** A connection has ended, or did not come about. */
  void ended(Ending ending) {
    switch (ending) {
      case Ending.Refused refused -> refusals.add(Integer.toString(refused.response().status()));
      case Ending.Unreachable _ -> refusals.add("(no answer)");
      case Ending.ClosedByServer closed -> endings.add(Integer.toString(closed.code()));
      case Ending.Dropped _ -> endings.add("(dropped)");
      case Ending.Violation _ -> endings.add("(violation by the service)");
      case Ending.ClosedHere _ -> {}
    }
  }

  AttackResult result() {
    return new AttackResult(
        nanos.sum(),
        connects.sum(),
        opened.sum(),
        framesSent.sum(),
        framesHeldUp.sum(),
        answers.sum(),
        errors.snapshot(),
        endings.snapshot(),
        refusals.snapshot());
  }
}
