package io.lqrealtime.gateway.history;

import static io.lqrealtime.gateway.history.Asking.ALL;
import static io.lqrealtime.gateway.history.Asking.assertSame;
import static io.lqrealtime.gateway.history.Asking.messages;
import static io.lqrealtime.gateway.history.RoutedLog.channel;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.gateway.history.RoutedLog.Message;
import io.lqrealtime.gateway.session.History;
import io.lqrealtime.gateway.session.History.From;
import io.lqrealtime.gateway.session.History.Page;
import io.lqrealtime.gateway.session.History.Request;
import io.lqrealtime.gateway.session.History.Start;
import io.lqrealtime.gateway.session.History.Stored;
import io.lqrealtime.gateway.session.TenantChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedKafka.class)
class LogHistoryWaitingTest {
  private static final TenantChannel ROOM = channel("room");

  private RoutedLog log;
  private Asking asking;

  @BeforeEach
  void start(EmbeddedKafka kafka) throws Exception {
    log = new RoutedLog(kafka, 3);
    asking = new Asking(log);
  }

  @AfterEach
  void close() {
    asking.close();
    log.close();
  }

  @Test
  void page_waitsForTheIndex_andHoldsUpNobody() throws Exception {
    publish(0, 5);
    publish(1, 5);
    log.index(1);

    CompletableFuture<Page> waiting = asking.ask(new Request(ROOM, 0, -1, 4, ALL, ALL));
    assertThat(messages(asking.read(ROOM, 1, -1, 4)).messages()).hasSize(5);
    assertThat(waiting).isNotDone();
    log.index(0);

    Page.Messages page = messages(waiting.get(10, TimeUnit.SECONDS));
    assertSame(page.messages(), log.messages(ROOM, 0, -1, 4));
    assertThat(page.complete()).isTrue();
  }

  @Test
  void questionThatNobodyAsksAnyMore_isNotReadFor() throws Exception {
    publish(0, 5);
    log.index(0);
    Request request = new Request(ROOM, 0, -1, 4, ALL, ALL);
    AtomicBoolean waits = new AtomicBoolean();
    CompletableFuture<Page> page = new CompletableFuture<>();
    CompletableFuture<Start> start = new CompletableFuture<>();

    asking.history.read(Asking.reader(ROOM.tenant(), waits), request, page::complete);
    asking.history.start(
        Asking.reader(ROOM.tenant(), waits), 0, new From.Earliest(), start::complete);

    assertThat(page.get(10, TimeUnit.SECONDS)).isEqualTo(new Page.Unavailable());
    assertThat(start.get(10, TimeUnit.SECONDS)).isEqualTo(new Start.Unavailable());
    assertThat(asking.count("lq.history.unavailable")).isZero();
    waits.set(true);
    assertThat(messages(asking.read(request)).messages()).hasSize(5);
  }

  @Test
  void toTheEnd_includesWhatWasJustPublished() throws Exception {
    publish(0, 5);
    log.index(0);
    assertThat(messages(asking.read(ROOM, 0, -1, History.END)).messages()).hasSize(5);
    publish(0, 1);

    CompletableFuture<Page> waiting = asking.ask(new Request(ROOM, 0, -1, History.END, ALL, ALL));
    asking.read(ROOM, 0, -1, 3);
    assertThat(waiting).isNotDone();
    log.index(0);

    Page.Messages page = messages(waiting.get(10, TimeUnit.SECONDS));
    assertThat(page.messages()).hasSize(6);
    assertThat(page.complete()).isTrue();
  }

  @Test
  void whatIsCovered_isGivenBeforeTheRest() throws Exception {
    publish(0, 5);
    log.index(0);
    publish(0, 5);

    Page.Messages page = messages(asking.read(ROOM, 0, -1, 9));

    assertThat(page.messages()).hasSize(5);
    assertThat(page.cursor()).isEqualTo(4);
    assertThat(page.complete()).isFalse();
    CompletableFuture<Page> rest = asking.ask(new Request(ROOM, 0, 4, 9, ALL, ALL));
    log.index(0, 5, 7);
    log.index(0, 7, 10);
    List<Stored> got = new ArrayList<>(messages(rest.get(10, TimeUnit.SECONDS)).messages());
    if (got.size() < 5) {
      got.addAll(messages(asking.read(ROOM, 0, 4 + got.size(), 9)).messages());
    }
    assertSame(got, log.messages(ROOM, 0, 4, 9));
  }

  @Test
  void indexThatDoesNotCome_isUnavailable() throws Exception {
    publish(0, 5);
    log.index(0);
    publish(0, 5);
    try (Asking hurried = new Asking(log, 1 << 20, Duration.ofSeconds(1))) {
      long begun = System.nanoTime();
      assertThat(hurried.read(ROOM, 0, 4, 9)).isEqualTo(new Page.Unavailable());
      assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(500));
      // Without a message, the cursor is what there is to give.
      assertThat(hurried.read(channel("other"), 0, -1, 9))
          .isEqualTo(new Page.Messages(List.of(), 4, false));
      assertThat(hurried.count("lq.history.unavailable")).isEqualTo(1);
    }
  }

  @Test
  void hole_isNotRetained_onceItsTimeIsOver() throws Exception {
    publish(0, 100);
    log.index(0, 0, 30);
    log.index(0, 40, 60);
    log.index(0, 60, 100);
    try (Asking hurried = new Asking(log, 1 << 20, Duration.ofSeconds(1))) {
      Page.Messages before = messages(hurried.read(ROOM, 0, -1, 99));
      assertThat(before.messages()).hasSize(30);
      assertThat(before.complete()).isFalse();
      assertThat(hurried.read(ROOM, 0, 29, 99)).isEqualTo(new Page.NotRetained(40));
      assertThat(hurried.read(ROOM, 0, 35, 99)).isEqualTo(new Page.NotRetained(40));
      assertThat(messages(hurried.read(ROOM, 0, 39, 99)).messages()).hasSize(60);
      assertThat(hurried.start(0, new From.Earliest())).isEqualTo(new Start.After(-1));
    }
  }

  @Test
  void hole_thatManyRecordsHavePassed_isNotRetainedAtOnce() throws Exception {
    publish(0, 300);
    log.index(0, 0, 30);
    log.index(0, 40, 60);
    log.indexInSteps(0, 3);

    assertThat(messages(asking.read(ROOM, 0, -1, 99)).messages()).hasSize(30);
    assertThat(asking.read(ROOM, 0, 29, 99)).isEqualTo(new Page.NotRetained(40));
    assertThat(messages(asking.read(ROOM, 0, 39, 299)).messages()).hasSize(260);
  }

  /** A router that was overtaken, and wakes, writes again what has long been followed by more. */
  @Test
  void stretchWrittenAgainLate_isNoHole_whereWhatFollowsItCameBefore() throws Exception {
    publish(0, 400);
    publish(1, 5);
    log.index(1);
    log.index(0, 0, 10);
    log.index(0, 10, 30);
    log.index(0, 30, 50);
    // Of what was read, only the last is kept in memory; of the rest, where it lies.
    try (Asking forgetful = new Asking(log, 1, Duration.ofSeconds(10))) {
      assertThat(messages(forgetful.read(ROOM, 0, -1, 49)).messages()).hasSize(50);
      assertThat(messages(forgetful.read(ROOM, 1, -1, 4)).messages()).hasSize(5);
      log.index(0, 10, 15);
      log.index(0, 40, 44);
      log.indexInSteps(0, 4);
      assertThat(messages(forgetful.read(ROOM, 0, 49, 59)).messages()).hasSize(10);

      assertThat(messages(forgetful.read(ROOM, 0, 14, 399)).messages()).hasSize(385);
    }
  }

  @Test
  void hole_thatIsFilledInTime_isNone() throws Exception {
    publish(0, 100);
    log.index(0, 0, 30);
    log.index(0, 40, 60);
    assertThat(messages(asking.read(ROOM, 0, -1, 99)).messages()).hasSize(30);

    CompletableFuture<Page> waiting = asking.ask(new Request(ROOM, 0, 29, 99, ALL, ALL));
    asking.read(ROOM, 0, -1, 10);
    assertThat(waiting).isNotDone();
    log.index(0, 30, 100);

    assertThat(messages(waiting.get(10, TimeUnit.SECONDS)).messages()).hasSize(70);
  }

  @Test
  void sameQuestions_areAnsweredTogether() throws Exception {
    publish(0, 50);
    Request request = new Request(ROOM, 0, -1, 49, ALL, ALL);
    List<CompletableFuture<Page>> answers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      answers.add(asking.ask(request));
    }
    log.index(0);

    Page first = answers.getFirst().get(10, TimeUnit.SECONDS);
    assertSame(messages(first).messages(), log.messages(ROOM, 0, -1, 49));
    Set<Page> pages = Collections.newSetFromMap(new IdentityHashMap<>());
    for (CompletableFuture<Page> answer : answers) {
      pages.add(answer.get(10, TimeUnit.SECONDS));
    }
    assertThat(pages).as("those asked while another was being looked for").hasSizeLessThan(10);
    assertThat(asking.count("lq.history.pages")).isEqualTo(1_000);
    assertThat(asking.count("lq.history.cache.misses")).isLessThan(5);
  }

  @Test
  void frames_areShared_amongPages() throws Exception {
    publish(0, 50);
    log.index(0);

    byte[] one = messages(asking.read(ROOM, 0, -1, 20)).messages().get(10).frame();
    byte[] same = messages(asking.read(ROOM, 0, 3, 30)).messages().get(6).frame();

    assertThat(same).isSameAs(one);
  }

  @Test
  void close_answersEverything() throws Exception {
    publish(0, 50);
    List<CompletableFuture<?>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(asking.ask(new Request(ROOM, 0, -1, i, ALL, ALL)));
      answers.add(asking.ask(new Request(ROOM, 1, i, History.END, ALL, ALL)));
      answers.add(asking.askStart(0, new From.Earliest()));
    }
    asking.history.close();

    for (CompletableFuture<?> answer : answers) {
      assertThat(answer).isDone();
    }
    assertThat(asking.ask(new Request(ROOM, 0, -1, 5, ALL, ALL)).get(10, TimeUnit.SECONDS))
        .isEqualTo(new Page.Unavailable());
    assertThat(asking.askStart(0, new From.Earliest()).get(10, TimeUnit.SECONDS))
        .isEqualTo(new Start.Unavailable());
    assertThat(asking.meters.get("lq.history.pending").gauge().value()).isZero();
  }

  @Test
  void questionsPastTheBound_areUnavailable_afterAMoment() throws Exception {
    publish(0, 5);
    AtomicInteger unavailable = new AtomicInteger();
    AtomicInteger given = new AtomicInteger();
    int tooMany = 100;
    // A tenant may have as many as are left.
    int most = LogHistory.MAX_PENDING / 2;
    for (int i = 0; i < most + tooMany; i++) {
      asking.history.read(
          Asking.BY,
          new Request(ROOM, 0, -1, 4, ALL, 1_000 + i),
          page -> (page instanceof Page.Messages ? given : unavailable).incrementAndGet());
    }
    assertThat(unavailable).hasValue(0);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (unavailable.get() < tooMany && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    log.index(0);
    while (given.get() < most && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    assertThat(unavailable).hasValue(tooMany);
    assertThat(given).hasValue(most);
  }

  private void publish(int partition, int count) throws Exception {
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(Message.in("room", Integer.toString(i)));
    }
    log.publish(partition, messages);
  }
}
