package io.lqrealtime.gateway.history;

import io.lqrealtime.gateway.history.Question.Asker;
import io.lqrealtime.gateway.history.Turns.Step;
import io.lqrealtime.gateway.limit.RoundRobinQueue;
import io.lqrealtime.gateway.session.History.Page;
import io.lqrealtime.gateway.session.History.Request;
import io.lqrealtime.gateway.session.History.Start;
import io.lqrealtime.id.TenantId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each question its turns, one after the other, tenant by tenant, and looks meanwhile for
 * what some of them wait for. Asked from any thread; everything else is confined to the thread that
 * runs it.
 *
 * <p>If Kafka does not answer for a partition, its questions are unavailable for a while without
 * trying; if it does not for two in a row, all that wait are.
 */
final class HistoryLoop implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(HistoryLoop.class);
  private static final long IDLE_MILLIS = 100;
  private static final Duration TAIL_POLL = Duration.ofMillis(5);
  private static final long TAIL_PAUSE_NANOS = TAIL_POLL.toNanos();
  private static final long TAIL_RETRY_NANOS = Duration.ofMillis(500).toNanos();
  private static final long EXPIRY_CHECK_NANOS = Duration.ofMillis(20).toNanos();

  /** Questions that nobody asks any more, before one has its turn. */
  private static final int ABANDONED_IN_A_ROW = 1_000;

  private record Parked(Question question, long untilNanos) {}

  private record Late(long dueNanos, Runnable answer) {}

  private final Function<BooleanSupplier, HistoryReaders> readersSource;
  private final HistoryMetrics metrics;
  private final LinkedBlockingQueue<Question> inbox = new LinkedBlockingQueue<>();
  private final RoundRobinQueue<TenantId, Question> ready = new RoundRobinQueue<>();
  private final Map<Integer, List<Parked>> parked = new HashMap<>();
  private final Map<Request, Question.Reading> open = new HashMap<>();
  private final PriorityQueue<Late> late =
      new PriorityQueue<>(Comparator.comparingLong(Late::dueNanos));
  private final Outages outages = new Outages();
  private volatile @Nullable HistoryReaders readers;
  private volatile boolean closing;
  private volatile boolean ended;
  private long tailPollNanos = System.nanoTime();
  private long expiryNanos = System.nanoTime();

  /**
   * @param readers made when there is a first question, and told whether others wait
   */
  HistoryLoop(Function<BooleanSupplier, HistoryReaders> readers, HistoryMetrics metrics) {
    this.readersSource = readers;
    this.metrics = metrics;
  }

  /**
   * Takes a question; it is answered once.
   *
   * @return false if it will not be, for the loop has ended
   */
  boolean ask(Question question) {
    inbox.add(question);
    // Whoever takes it out of the inbox answers it.
    return !ended || !inbox.remove(question);
  }

  /** Ends soon, with everything answered. */
  void close() {
    closing = true;
    HistoryReaders current = readers;
    if (current != null) {
      current.wakeup();
    }
  }

  long cacheBytes() {
    HistoryReaders current = readers;
    return current == null ? 0 : current.cacheBytes();
  }

  @Override
  public void run() {
    try {
      while (!closing) {
        round();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended = true;
      endAll();
      HistoryReaders current = readers;
      if (current != null) {
        current.close();
      }
    }
  }

  /** The question is due a turn. */
  private void makeReady(Question question) {
    ready.add(question.tenant(), question);
  }

  private void round() throws InterruptedException {
    takeIn();
    long now = System.nanoTime();
    while (!late.isEmpty() && late.element().dueNanos() - now <= 0) {
      late.remove().answer().run();
    }
    if (!parked.isEmpty()) {
      expire(now);
      lookAtTail(now);
    }
    Question next = ready.poll();
    for (int i = 0; next != null && !next.isWanted() && i < ABANDONED_IN_A_ROW; i++) {
      abandon(next);
      next = ready.poll();
    }
    if (next != null) {
      turn(next);
    }
  }

  private void takeIn() throws InterruptedException {
    Question question =
        ready.isEmpty() && parked.isEmpty()
            ? inbox.poll(idleMillis(), TimeUnit.MILLISECONDS)
            : inbox.poll();
    for (; question != null; question = inbox.poll()) {
      if (question instanceof Question.Reading reading) {
        Question.Reading same = open.get(reading.request);
        if (same != null && same.isOpen()) {
          same.askers.addAll(reading.askers);
          continue;
        }
        open.put(reading.request, reading);
      }
      makeReady(question);
    }
  }

  private long idleMillis() {
    if (late.isEmpty()) {
      return IDLE_MILLIS;
    }
    long wait = TimeUnit.NANOSECONDS.toMillis(late.element().dueNanos() - System.nanoTime()) + 1;
    return Math.clamp(wait, 0, IDLE_MILLIS);
  }

  private void turn(Question question) {
    if (outages.isSuspect(question.partition())) {
      unavailable(question);
      return;
    }
    try {
      Step step = readers().turns().turn(question);
      outages.answered(question.partition());
      switch (step) {
        case Step.Answered(Runnable answer) -> {
          close(question);
          answer.run();
        }
        case Step.Again again -> makeReady(question);
        case Step.Waits(long next, long untilNanos) -> park(question, next, untilNanos);
        case Step.Unavailable unavailable -> unavailable(question);
      }
    } catch (KafkaException e) {
      failed(question, e);
    } catch (RuntimeException e) {
      log.error("A question about the past can't be answered, by a bug: {}", question, e);
      unavailable(question);
    }
  }

  private HistoryReaders readers() {
    HistoryReaders current = readers;
    if (current == null) {
      current = readersSource.apply(() -> !ready.isEmpty() || !inbox.isEmpty());
      readers = current;
    }
    return current;
  }

  private void failed(Question question, KafkaException reason) {
    unavailable(question);
    if (closing) {
      return;
    }
    if (outages.failed(question.partition())) {
      log.warn(
          "The past of partition {} can't be read at present: {}",
          question.partition(),
          reason.toString());
    }
    if (outages.isGeneral()) {
      for (Question next = ready.poll(); next != null; next = ready.poll()) {
        unavailable(next);
      }
    }
  }

  private void park(Question question, long next, long untilNanos) {
    parked
        .computeIfAbsent(question.partition(), partition -> new ArrayList<>())
        .add(new Parked(question, untilNanos));
    readers().tail().watch(question.partition(), next);
  }

  private void expire(long now) {
    if (now - expiryNanos < EXPIRY_CHECK_NANOS) {
      return;
    }
    expiryNanos = now;
    Iterator<List<Parked>> lists = parked.values().iterator();
    while (lists.hasNext()) {
      List<Parked> waiting = lists.next();
      waiting.removeIf(
          one -> {
            boolean expired = one.untilNanos() - now <= 0;
            if (expired) {
              makeReady(one.question());
            }
            return expired;
          });
      if (waiting.isEmpty()) {
        lists.remove();
      }
    }
  }

  private void lookAtTail(long now) {
    if (now - tailPollNanos < 0 && !ready.isEmpty()) {
      return;
    }
    IndexTail tail = readers().tail();
    try {
      tail.poll(parked.keySet(), ready.isEmpty() ? TAIL_POLL : Duration.ZERO).stream()
          .forEach(
              partition -> {
                List<Parked> waiting = parked.remove(partition);
                if (waiting != null) {
                  waiting.forEach(one -> makeReady(one.question()));
                }
              });
      tailPollNanos = System.nanoTime() + TAIL_PAUSE_NANOS;
    } catch (KafkaException e) {
      log.debug("The end of the index can't be read at present", e);
      tailPollNanos = System.nanoTime() + TAIL_RETRY_NANOS;
    }
  }

  private void close(Question question) {
    if (question instanceof Question.Reading reading) {
      open.remove(reading.request, reading);
    }
  }

  /** Nobody is there any more: what was set aside for the answer is given back at once. */
  private void abandon(Question question) {
    close(question);
    switch (question) {
      case Question.Beginning beginning ->
          beginning.asker().answer().accept(new Start.Unavailable());
      case Question.Reading reading ->
          reading.askers.forEach(asker -> asker.answer().accept(new Page.Unavailable()));
    }
  }

  private void unavailable(Question question) {
    close(question);
    switch (question) {
      case Question.Beginning beginning -> unavailable(beginning.asker(), new Start.Unavailable());
      case Question.Reading reading ->
          reading.askers.forEach(asker -> unavailable(asker, new Page.Unavailable()));
    }
  }

  private <T> void unavailable(Asker<T> asker, T answer) {
    metrics.unavailable();
    long due = asker.askedNanos() + LogHistory.UNAVAILABLE_AFTER.toNanos();
    if (ended || due - System.nanoTime() <= 0) {
      asker.answer().accept(answer);
    } else {
      late.add(new Late(due, () -> asker.answer().accept(answer)));
    }
  }

  private void endAll() {
    late.forEach(one -> one.answer().run());
    for (Question question = inbox.poll(); question != null; question = inbox.poll()) {
      unavailable(question);
    }
    for (Question next = ready.poll(); next != null; next = ready.poll()) {
      unavailable(next);
    }
    parked.values().forEach(waiting -> waiting.forEach(one -> unavailable(one.question())));
  }
}
