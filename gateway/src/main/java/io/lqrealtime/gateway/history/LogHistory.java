package io.lqrealtime.gateway.history;

import io.lqrealtime.gateway.history.Question.Asker;
import io.lqrealtime.gateway.inbound.InboundLog;
import io.lqrealtime.gateway.session.History;
import io.lqrealtime.tenant.TenantShares;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The past, from the log itself: the router's index says at which offsets messages of a channel
 * were routed, and the inbound log holds them. Nothing is stored twice; what was not routed
 * (control records, duplicates, what was not valid) is in no page.
 *
 * <p>One thread reads, for everybody, in short turns which the tenants take one after the other:
 * what one of them asks for costs the others a turn at a time, and what nobody waits for any more
 * costs nothing. Parts of the log are read once and shared, as are frames; the same questions asked
 * at the same time are answered together. A page for which the index does not go far enough yet
 * waits for it, ten seconds at the most, without holding up others.
 *
 * <p>Bounds: {@value #MAX_PENDING} questions wait at the most, of a tenant as many as are left,
 * others are unavailable after a moment; parts of the log and the index are kept up to a number of
 * bytes; besides, each of five consumers has a fetch in memory and one on its way. Methods may be
 * called from any thread, and never wait; answers come on the thread that reads.
 */
public final class LogHistory implements History, AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(LogHistory.class);

  static final int MAX_PENDING = 100_000;

  /** An answer that nobody can give comes no sooner. */
  static final Duration UNAVAILABLE_AFTER = Duration.ofMillis(500);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

  private final HistoryLoop loop;
  private final HistoryMetrics metrics;
  private final TenantShares pending = new TenantShares(MAX_PENDING);
  private final Thread thread;

  /**
   * Starts reading when somebody asks.
   *
   * @param cacheBytes what parts of the log and its index may take together
   */
  public LogHistory(
      HistoryConsumers consumers,
      String indexTopic,
      InboundLog log,
      long cacheBytes,
      MeterRegistry meters) {
    this(consumers, indexTopic, log, cacheBytes, meters, Pace.USUAL);
  }

  LogHistory(
      HistoryConsumers consumers,
      String indexTopic,
      InboundLog log,
      long cacheBytes,
      MeterRegistry meters,
      Pace pace) {
    this.metrics = new HistoryMetrics(meters);
    this.loop =
        new HistoryLoop(
            othersWait ->
                new HistoryReaders(
                    consumers, indexTopic, log, cacheBytes, metrics, pace, othersWait),
            metrics);
    metrics.watch(pending::taken, loop::cacheBytes);
    this.thread = Thread.ofPlatform().daemon().name("lq-gateway-history").start(loop);
  }

  @Override
  public void start(Reader reader, int partition, From from, Consumer<Start> answer) {
    if (pending.enter(reader.tenant())) {
      Asker<Start> asker = new Asker<>(reader, leaving(reader, answer), System.nanoTime());
      ask(
          new Question.Beginning(partition, from, asker),
          () -> asker.answer().accept(new Start.Unavailable()));
    } else {
      refuse(() -> answer.accept(new Start.Unavailable()));
    }
  }

  @Override
  public void read(Reader reader, Request request, Consumer<Page> answer) {
    if (pending.enter(reader.tenant())) {
      Asker<Page> asker = new Asker<>(reader, leaving(reader, answer), System.nanoTime());
      ask(
          new Question.Reading(request, asker),
          () -> asker.answer().accept(new Page.Unavailable()));
    } else {
      refuse(() -> answer.accept(new Page.Unavailable()));
    }
  }

  private void ask(Question question, Runnable unavailable) {
    if (!loop.ask(question)) {
      refuse(unavailable);
    }
  }

  private <T> Consumer<T> leaving(Reader reader, Consumer<T> answer) {
    return value -> {
      pending.leave(reader.tenant());
      try {
        answer.accept(value);
      } catch (RuntimeException e) {
        logger.error("An answer about the past was not taken, by a bug", e);
      }
    };
  }

  /**
   * Held back by the JDK's own timer: who asks has one question open for each of its subscriptions,
   * which bounds how many there can be.
   */
  private void refuse(Runnable answer) {
    metrics.unavailable();
    CompletableFuture.delayedExecutor(UNAVAILABLE_AFTER.toMillis(), TimeUnit.MILLISECONDS)
        .execute(answer);
  }

  /** Whether it reads; if not, and it was not closed, everything is unavailable by a bug. */
  public boolean isAlive() {
    return thread.isAlive();
  }

  /** Everything that waits is unavailable. Returns when it has been answered. */
  @Override
  public void close() {
    loop.close();
    try {
      if (!thread.join(CLOSE_WITHIN)) {
        logger.warn("The thread that reads the past has not ended in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
