package io.lqrealtime.gateway.history;

import static io.lqrealtime.gateway.history.Asking.ALL;
import static io.lqrealtime.gateway.history.Asking.assertSame;
import static io.lqrealtime.gateway.history.RoutedLog.channel;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.embedded.KafkaOptions;
import io.lqrealtime.gateway.history.RoutedLog.Message;
import io.lqrealtime.gateway.session.History.From;
import io.lqrealtime.gateway.session.History.Page;
import io.lqrealtime.gateway.session.History.Request;
import io.lqrealtime.gateway.session.History.Start;
import io.lqrealtime.gateway.session.TenantChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LogHistoryOutageTest {
  private static final TenantChannel ROOM = channel("room");
  private static final int PARTITIONS = 8;

  @Test
  void kafkaAway_isUnavailable_andBackIsBack() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.ephemeral());
        RoutedLog log = new RoutedLog(kafka, PARTITIONS);
        Asking asking = new Asking(log, 16 << 20, Duration.ofSeconds(10), Duration.ofSeconds(2))) {
      for (int partition = 0; partition < PARTITIONS; partition++) {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
          messages.add(Message.in("room", Integer.toString(i)));
        }
        log.publish(partition, messages);
        log.indexInSteps(partition, 100);
      }
      int inMemory = PARTITIONS - 1;
      assertThat(asking.read(ROOM, inMemory, -1, 999)).isInstanceOf(Page.Messages.class);
      kafka.stop();

      long begun = System.nanoTime();
      List<CompletableFuture<?>> answers = new ArrayList<>();
      for (int partition = 0; partition < inMemory; partition++) {
        answers.add(asking.ask(new Request(ROOM, partition, 500, 999, ALL, ALL)));
        answers.add(asking.askStart(partition, new From.After(1_000)));
      }
      for (CompletableFuture<?> answer : answers) {
        Object said = answer.get(30, TimeUnit.SECONDS);
        assertThat(said instanceof Page.Unavailable || said instanceof Start.Unavailable).isTrue();
        assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(500));
      }
      // Two attempts, and nothing else waits for Kafka.
      assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(15));
      assertThat(asking.read(ROOM, 3, 500, 999)).isEqualTo(new Page.Unavailable());

      kafka.start();

      for (int partition = 0; partition < PARTITIONS; partition++) {
        Page page = asking.read(ROOM, partition, 500, 999);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (page instanceof Page.Unavailable) {
          assertThat(System.nanoTime()).isLessThan(deadline);
          page = asking.read(ROOM, partition, 500, 999);
        }
        assertSame(Asking.messages(page).messages(), log.messages(ROOM, partition, 500, 999));
      }
    }
  }
}
