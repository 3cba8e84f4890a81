package io.lqrealtime.gateway.history;

import io.lqrealtime.gateway.history.PageBuilder.Turn;
import io.lqrealtime.gateway.history.Question.Asker;
import io.lqrealtime.gateway.session.History;
import io.lqrealtime.gateway.session.History.Page;
import io.lqrealtime.gateway.session.History.Start;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * Brings a question one turn on. Throws Kafka's exceptions, after which the question may have
 * another turn. Confined to one thread.
 */
final class Turns {
  /** What is to become of a question after a turn. */
  sealed interface Step {
    /** It has its answer. */
    record Answered(Runnable answer) implements Step {}

    /** It wants another turn. */
    record Again() implements Step {}

    /**
     * It waits for the index to go on.
     *
     * @param next where that ends
     * @param untilNanos when it gets a turn in any case
     */
    record Waits(long next, long untilNanos) implements Step {}

    /** Nobody can say. */
    record Unavailable() implements Step {}
  }

  private final LogOffsets offsets;
  private final Retention retention;
  private final PageBuilder pages;
  private final HistoryMetrics metrics;
  private final Pace pace;

  Turns(
      LogOffsets offsets,
      Retention retention,
      PageBuilder pages,
      HistoryMetrics metrics,
      Pace pace) {
    this.offsets = offsets;
    this.retention = retention;
    this.pages = pages;
    this.metrics = metrics;
    this.pace = pace;
  }

  Step turn(Question question) {
    return switch (question) {
      case Question.Beginning beginning -> begin(beginning);
      case Question.Reading reading -> read(reading);
    };
  }

  private Step begin(Question.Beginning question) {
    int partition = question.partition();
    return switch (retention.earliest(partition)) {
      case Retention.Earliest.At(long earliest) -> {
        Start start =
            switch (question.from()) {
              case History.From.After(long offset) -> after(question, offset, earliest);
              case History.From.Earliest() -> new Start.After(earliest - 1);
              case History.From.At at -> at(question, at.epochMillis(), earliest);
            };
        yield new Step.Answered(() -> question.asker().answer().accept(start));
      }
      case Retention.Earliest.NotYet(long next) ->
          waits(question, next, pace.covered(), new Step.Unavailable());
    };
  }

  private Start after(Question.Beginning question, long offset, long earliest) {
    return offset + 1 < earliest
            || offset >= 0
                && !offsets.isBeforeEnd(question.partition(), offset, question.askedNanos())
        ? new Start.NotRetained(earliest)
        : new Start.After(offset);
  }

  private Start at(Question.Beginning question, long epochMillis, long earliest) {
    // Before the search: it is good for all up to this end.
    long end = offsets.endSince(question.partition(), question.askedNanos());
    OptionalLong first = offsets.first(question.partition(), epochMillis);
    return first.isPresent()
        ? new Start.After(Math.max(first.getAsLong(), earliest) - 1)
        : new Start.NotYet(end - 1);
  }

  private Step waits(Question question, long next, Duration patience, Step otherwise) {
    long until = question.askedNanos() + patience.toNanos();
    return System.nanoTime() - until >= 0 ? otherwise : new Step.Waits(next, until);
  }

  private Step read(Question.Reading reading) {
    long begun = System.nanoTime();
    Turn turn = pages.build(reading);
    reading.spentNanos += System.nanoTime() - begun;
    return switch (turn) {
      case Turn.Filled(var messages, long cursor, boolean complete) ->
          answer(reading, new Page.Messages(messages, cursor, complete));
      case Turn.Over(long cursor) -> {
        reading.cursor = cursor;
        yield reading.spentNanos < pace.search().toNanos()
            ? new Step.Again()
            : answer(reading, new Page.Messages(List.of(), cursor, false));
      }
      case Turn.Waits waits -> waits(reading, waits);
      case Turn.Gone(long oldest) -> answer(reading, new Page.NotRetained(oldest));
    };
  }

  private Step waits(Question.Reading reading, Turn.Waits turn) {
    Page.Messages soFar = new Page.Messages(turn.messages(), turn.cursor(), false);
    if (!turn.messages().isEmpty()) {
      // Who asked for all there is would rather have it in one page.
      return reading.isToTheEnd()
          ? waits(reading, turn.next(), pace.endCovered(), answer(reading, soFar))
          : answer(reading, soFar);
    }
    reading.cursor = turn.cursor();
    OptionalLong pastHole = turn.pastHole();
    Step otherwise;
    if (turn.cursor() > reading.request.after()) {
      otherwise = answer(reading, soFar);
    } else if (pastHole.isPresent()) {
      otherwise = answer(reading, new Page.NotRetained(pastHole.getAsLong()));
    } else {
      otherwise = new Step.Unavailable();
    }
    return waits(reading, turn.next(), pace.covered(), otherwise);
  }

  private Step answer(Question.Reading reading, Page page) {
    return new Step.Answered(
        () -> {
          long now = System.nanoTime();
          for (Asker<Page> asker : reading.askers) {
            if (page instanceof Page.Messages messages) {
              metrics.page(messages.messages().size(), now - asker.askedNanos());
            }
            asker.answer().accept(page);
          }
        });
  }
}
