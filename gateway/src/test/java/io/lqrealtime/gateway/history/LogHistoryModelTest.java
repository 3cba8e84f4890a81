package io.lqrealtime.gateway.history;

import static io.lqrealtime.gateway.history.Asking.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.gateway.history.RoutedLog.Message;
import io.lqrealtime.gateway.session.History;
import io.lqrealtime.gateway.session.History.Page;
import io.lqrealtime.gateway.session.History.Request;
import io.lqrealtime.gateway.session.History.Stored;
import io.lqrealtime.gateway.session.TenantChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Many readers at once, with random pages of random channels, against a plain list of what was
 * routed; the cache is far too small, so that everything is let go of and read again.
 */
@ExtendWith(SharedKafka.class)
class LogHistoryModelTest {
  private static final int PARTITIONS = 3;
  private static final int RECORDS = 3_000;
  private static final int QUESTIONS = 500;
  private static final int ROUNDS = 2;

  @Test
  void randomPages_areWhatWasRouted(EmbeddedKafka kafka) throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    try (RoutedLog log = new RoutedLog(kafka, PARTITIONS);
        Asking asking = new Asking(log, 1 << 20, Duration.ofSeconds(10))) {
      Random random = new Random(seed);
      for (int round = 0; round < ROUNDS; round++) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
          write(log, partition, random);
        }
        List<Question> questions = new ArrayList<>();
        for (int i = 0; i < QUESTIONS; i++) {
          Request request = request(log, random);
          questions.add(new Question(request, asking.ask(request)));
        }
        for (Question question : questions) {
          check(log, question.request(), question.answer().get(60, TimeUnit.SECONDS));
        }
        for (int i = 0; i < 20; i++) {
          Request request = request(log, random);
          long upTo = Math.min(request.upTo(), log.end(request.partition()) - 1);
          assertSame(
              asking.readAll(request),
              log.messages(request.channel(), request.partition(), request.after(), upTo));
        }
      }
    }
  }

  private record Question(Request request, CompletableFuture<Page> answer) {}

  /** Skewed: a few channels have most of the messages, and the last ones next to none. */
  private static TenantChannel channel(Random random) {
    return RoutedLog.channel("c." + (int) Math.pow(200, random.nextDouble()));
  }

  private static void write(RoutedLog log, int partition, Random random) throws Exception {
    long from = log.end(partition);
    while (log.end(partition) < from + RECORDS) {
      int kind = random.nextInt(20);
      if (kind == 0) {
        log.control(partition);
      } else if (kind == 1) {
        log.unrouted(partition, message(random));
      } else {
        List<Message> messages = new ArrayList<>();
        int count = 1 + random.nextInt(600);
        for (int i = 0; i < count; i++) {
          messages.add(message(random));
        }
        log.publish(partition, messages);
      }
      if (random.nextInt(3) == 0) {
        // A router that takes over writes again from somewhat before.
        log.indexFrom(partition, random.nextInt(50), 1 + random.nextInt(200));
      }
    }
    log.indexFrom(partition, 0, 1 + random.nextInt(500));
  }

  private static Message message(Random random) {
    int size = random.nextInt(100) == 0 ? 5_000 : random.nextInt(300);
    return new Message(
        channel(random),
        random.nextBoolean() ? "id-" + random.nextInt(1_000) : "",
        random.nextBoolean() ? "user\"" + random.nextInt(10) : "",
        "\"" + "x".repeat(size) + "\"");
  }

  private static Request request(RoutedLog log, Random random) {
    int partition = random.nextInt(PARTITIONS);
    long end = log.end(partition);
    long after = random.nextLong(end + 1) - 1;
    long upTo =
        switch (random.nextInt(3)) {
          case 0 -> History.END;
          case 1 -> end - 1;
          default -> random.nextLong(end);
        };
    return new Request(
        channel(random),
        partition,
        after,
        upTo,
        1 + random.nextInt(random.nextBoolean() ? 20 : 2_000),
        random.nextBoolean() ? random.nextInt(10_000) : 1 << 20);
  }

  private static void check(RoutedLog log, Request request, Page answer) {
    Page.Messages page = Asking.messages(answer);
    long upTo = Math.min(request.upTo(), log.end(request.partition()) - 1);
    assertThat(page.cursor()).isGreaterThanOrEqualTo(request.after());
    assertSame(
        page.messages(),
        log.messages(
            request.channel(),
            request.partition(),
            request.after(),
            Math.max(request.after(), Math.min(upTo, page.cursor()))));
    assertThat(page.complete()).isEqualTo(page.cursor() >= upTo);
    assertThat(page.messages().size()).isLessThanOrEqualTo(request.maxMessages());
    if (page.messages().size() > 1) {
      assertThat(page.messages().stream().map(Stored::frame).mapToInt(f -> f.length).sum())
          .isLessThanOrEqualTo(request.maxBytes());
    }
    if (!page.complete()) {
      // Nothing more fits: who reads gets on, by as much as there is room for.
      assertThat(page.cursor()).isGreaterThan(request.after());
    }
  }
}
