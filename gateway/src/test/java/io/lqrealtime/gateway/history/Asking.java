package io.lqrealtime.gateway.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.gateway.session.History;
import io.lqrealtime.gateway.session.History.From;
import io.lqrealtime.gateway.session.History.Page;
import io.lqrealtime.gateway.session.History.Request;
import io.lqrealtime.gateway.session.History.Start;
import io.lqrealtime.gateway.session.History.Stored;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.TenantId;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A history of a {@link RoutedLog}, and somebody who asks it and waits for the answers. */
final class Asking implements AutoCloseable {
  static final int ALL = 1_000_000;
  private static final int TIMEOUT_SECONDS = 60;
  private static final Duration UNHURRIED = Duration.ofSeconds(10);
  private static final long CACHE_BYTES = 16 << 20;

  /** Somebody who waits for every answer. */
  static final History.Reader BY = reader(new TenantId("acme"), new AtomicBoolean(true));

  final MeterRegistry meters = new SimpleMeterRegistry();
  final LogHistory history;

  Asking(RoutedLog log) {
    this(log, CACHE_BYTES, Duration.ofSeconds(10));
  }

  Asking(RoutedLog log, long cacheBytes, Duration coveredWithin) {
    // A machine that stands still for a moment is no outage.
    this(log, cacheBytes, coveredWithin, Duration.ofSeconds(30));
  }

  Asking(RoutedLog log, long cacheBytes, Duration coveredWithin, Duration answeredWithin) {
    this.history =
        new LogHistory(
            log::consumer,
            log.indexTopic(),
            log.log,
            cacheBytes,
            meters,
            new Pace(answeredWithin, coveredWithin, UNHURRIED, UNHURRIED, UNHURRIED, UNHURRIED));
  }

  static History.Reader reader(TenantId tenant, AtomicBoolean waiting) {
    return new History.Reader() {
      @Override
      public TenantId tenant() {
        return tenant;
      }

      @Override
      public boolean isWaiting() {
        return waiting.get();
      }
    };
  }

  CompletableFuture<Page> ask(Request request) {
    CompletableFuture<Page> answer = new CompletableFuture<>();
    history.read(
        BY, request, page -> assertThat(answer.complete(page)).as("answered once").isTrue());
    return answer;
  }

  Page read(Request request) throws Exception {
    return ask(request).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  Page read(TenantChannel channel, int partition, long after, long upTo) throws Exception {
    return read(new Request(channel, partition, after, upTo, ALL, ALL));
  }

  /** All pages, until one is complete. */
  List<Stored> readAll(Request first) throws Exception {
    List<Stored> all = new ArrayList<>();
    Request request = first;
    while (true) {
      Page.Messages page = messages(read(request));
      all.addAll(page.messages());
      if (page.complete()) {
        return all;
      }
      assertThat(page.cursor()).as("progress").isGreaterThan(request.after());
      request =
          new Request(
              request.channel(),
              request.partition(),
              page.cursor(),
              request.upTo(),
              request.maxMessages(),
              request.maxBytes());
    }
  }

  CompletableFuture<Start> askStart(int partition, From from) {
    CompletableFuture<Start> answer = new CompletableFuture<>();
    history.start(
        BY,
        partition,
        from,
        start -> assertThat(answer.complete(start)).as("answered once").isTrue());
    return answer;
  }

  Start start(int partition, From from) throws Exception {
    return askStart(partition, from).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  static Page.Messages messages(Page page) {
    assertThat(page).isInstanceOf(Page.Messages.class);
    return (Page.Messages) page;
  }

  static void assertSame(List<Stored> actual, List<Stored> expected) {
    assertThat(actual).extracting(Stored::offset).isEqualTo(offsets(expected));
    for (int i = 0; i < actual.size(); i++) {
      assertThat(Arrays.equals(actual.get(i).frame(), expected.get(i).frame()))
          .as("the frame at %d", actual.get(i).offset())
          .isTrue();
    }
  }

  private static List<Long> offsets(List<Stored> messages) {
    return messages.stream().map(Stored::offset).toList();
  }

  double count(String meter) {
    return meters.get(meter).counter().count();
  }

  @Override
  public void close() {
    history.close();
  }
}
