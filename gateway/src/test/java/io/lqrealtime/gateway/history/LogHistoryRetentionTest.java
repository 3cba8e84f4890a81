package io.lqrealtime.gateway.history;

import static io.lqrealtime.gateway.history.Asking.assertSame;
import static io.lqrealtime.gateway.history.Asking.messages;
import static io.lqrealtime.gateway.history.RoutedLog.channel;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.gateway.history.RoutedLog.Message;
import io.lqrealtime.gateway.session.History;
import io.lqrealtime.gateway.session.History.From;
import io.lqrealtime.gateway.session.History.Page;
import io.lqrealtime.gateway.session.History.Start;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.LogId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedKafka.class)
class LogHistoryRetentionTest {
  private static final TenantChannel ROOM = channel("room");

  private RoutedLog log;
  private Asking asking;

  @BeforeEach
  void start(EmbeddedKafka kafka) throws Exception {
    log = new RoutedLog(kafka, 2);
    asking = new Asking(log);
  }

  @AfterEach
  void close() {
    asking.close();
    log.close();
  }

  @Test
  void start_afterAnOffsetThatWasGivenOut_isThere() throws Exception {
    publish(10);
    log.indexInSteps(0, 3);

    assertThat(asking.start(0, new From.After(-1))).isEqualTo(new Start.After(-1));
    assertThat(asking.start(0, new From.After(0))).isEqualTo(new Start.After(0));
    assertThat(asking.start(0, new From.After(9))).isEqualTo(new Start.After(9));
    long acked = log.publish(0, Message.in("room", "1"));
    assertThat(asking.start(0, new From.After(acked))).isEqualTo(new Start.After(acked));
  }

  @Test
  void start_afterAnOffsetThatWasNeverGivenOut_isNotRetained() throws Exception {
    publish(10);
    log.index(0);

    assertThat(asking.start(0, new From.After(10))).isEqualTo(new Start.NotRetained(0));
    assertThat(asking.start(0, new From.After(1_000_000))).isEqualTo(new Start.NotRetained(0));
    assertThat(asking.start(1, new From.After(0))).isEqualTo(new Start.NotRetained(0));
  }

  @Test
  void earliest_ofANewLog_isBeforeItsFirstRecord() throws Exception {
    assertThat(asking.start(0, new From.Earliest())).isEqualTo(new Start.After(-1));
    publish(1);
    log.index(0);
    assertThat(asking.start(0, new From.Earliest())).isEqualTo(new Start.After(-1));
  }

  @Test
  void earliest_whileTheRouterHasNotSaidAnything_waitsForIt() throws Exception {
    publish(3);

    CompletableFuture<Start> answer = asking.askStart(0, new From.Earliest());
    assertThat(asking.start(1, new From.Earliest())).isEqualTo(new Start.After(-1));
    assertThat(answer).isNotDone();
    log.index(0);

    assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(new Start.After(-1));
  }

  @Test
  void earliest_whileNoRouterSaysAnything_isUnavailable() throws Exception {
    publish(3);
    try (Asking hurried = new Asking(log, 1 << 20, Duration.ofSeconds(1))) {
      assertThat(hurried.start(0, new From.Earliest())).isEqualTo(new Start.Unavailable());
    }
  }

  @Test
  void bodiesThatAreDeleted_areNotRetained() throws Exception {
    publish(100);
    log.indexInSteps(0, 9);
    log.deleteBodies(0, 50);

    assertThat(asking.start(0, new From.Earliest())).isEqualTo(new Start.After(49));
    assertThat(asking.start(0, new From.After(48))).isEqualTo(new Start.NotRetained(50));
    assertThat(asking.start(0, new From.After(49))).isEqualTo(new Start.After(49));
    assertThat(asking.read(ROOM, 0, 10, 99)).isEqualTo(new Page.NotRetained(50));
    assertSame(messages(asking.read(ROOM, 0, 49, 99)).messages(), log.messages(ROOM, 0, 49, 99));
  }

  @Test
  void indexThatIsDeleted_isNotRetained() throws Exception {
    publish(100);
    log.indexInSteps(0, 9);
    log.deleteIndex(0, 3);

    assertThat(asking.start(0, new From.Earliest())).isEqualTo(new Start.After(26));
    assertThat(asking.start(0, new From.After(25))).isEqualTo(new Start.NotRetained(27));
    assertThat(asking.read(ROOM, 0, 10, 99)).isEqualTo(new Page.NotRetained(27));
    assertSame(messages(asking.read(ROOM, 0, 26, 99)).messages(), log.messages(ROOM, 0, 26, 99));
  }

  @Test
  void retentionThatOvertakesAReader_isTold() throws Exception {
    publish(2_000);
    log.indexInSteps(0, 50);
    assertThat(messages(asking.read(ROOM, 0, -1, 10)).messages()).hasSize(11);

    log.deleteBodies(0, 1_000);
    log.deleteIndex(0, 25);

    await(() -> asking.read(ROOM, 0, 10, 1_999).equals(new Page.NotRetained(1_250)));
    assertThat(asking.start(0, new From.Earliest())).isEqualTo(new Start.After(1_249));
    assertThat(messages(asking.read(ROOM, 0, 1_249, 1_999)).messages()).hasSize(750);
  }

  @Test
  void everythingDeleted_startsAtTheEnd() throws Exception {
    publish(10);
    log.index(0);
    log.deleteBodies(0, 10);
    log.deleteIndex(0, 1);

    assertThat(asking.start(0, new From.Earliest())).isEqualTo(new Start.After(9));
    assertThat(asking.start(0, new From.After(8))).isEqualTo(new Start.NotRetained(10));
    assertThat(asking.start(0, new From.After(9))).isEqualTo(new Start.After(9));
    assertThat(asking.read(ROOM, 0, 9, History.END))
        .isEqualTo(new Page.Messages(List.of(), 9, true));
  }

  @Test
  void indexThatBeginsAfterTheLog_isWhatThereIs() throws Exception {
    // As after an upgrade from a version without an index.
    publish(30);
    log.index(0, 12, 30);

    assertThat(asking.start(0, new From.Earliest())).isEqualTo(new Start.After(11));
    assertThat(asking.read(ROOM, 0, 5, 29)).isEqualTo(new Page.NotRetained(12));
  }

  @Test
  void indexOfAFormerLog_isNone() throws Exception {
    for (int i = 0; i < 200; i++) {
      log.indexOf(new LogId(4711), 0, 10L * i, 10L * i + 10);
    }
    publish(30);
    log.index(0, 10, 30);

    assertThat(asking.start(0, new From.Earliest())).isEqualTo(new Start.After(9));
    assertThat(messages(asking.read(ROOM, 0, 9, 29)).messages()).hasSize(20);
  }

  @Test
  void instant_isTheFirstMessageAppendedThenOrLater() throws Exception {
    log.publish(0, Message.in("room", "1"));
    await(() -> System.currentTimeMillis() > log.time(0, 0));
    log.publish(0, Message.in("room", "2"));
    log.publish(0, Message.in("room", "3"));
    log.index(0);
    long second = log.time(0, 1);

    assertThat(asking.start(0, at(second))).isEqualTo(new Start.After(0));
    assertThat(asking.start(0, at(log.time(0, 0)))).isEqualTo(new Start.After(-1));
    assertThat(asking.start(0, new From.At(Instant.EPOCH))).isEqualTo(new Start.After(-1));
    assertThat(asking.start(0, new From.At(Instant.ofEpochSecond(-1))))
        .isEqualTo(new Start.After(-1));
    assertThat(asking.start(0, at(System.currentTimeMillis() + 100_000)))
        .isEqualTo(new Start.NotYet(2));
    assertThat(asking.start(1, at(second))).isEqualTo(new Start.NotYet(-1));
    Instant justPastFirst = Instant.ofEpochMilli(log.time(0, 0)).plusNanos(1);
    assertThat(asking.start(0, new From.At(justPastFirst))).isEqualTo(new Start.After(0));
    log.deleteBodies(0, 2);
    await(() -> asking.start(0, at(second)).equals(new Start.After(1)));
  }

  private static From.At at(long epochMillis) {
    return new From.At(Instant.ofEpochMilli(epochMillis));
  }

  private void publish(int count) throws Exception {
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(Message.in("room", Integer.toString(i)));
    }
    log.publish(0, messages);
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.holds()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
