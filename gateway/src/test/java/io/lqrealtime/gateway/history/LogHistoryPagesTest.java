package io.lqrealtime.gateway.history;

import static io.lqrealtime.gateway.history.Asking.ALL;
import static io.lqrealtime.gateway.history.Asking.assertSame;
import static io.lqrealtime.gateway.history.Asking.messages;
import static io.lqrealtime.gateway.history.RoutedLog.channel;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.gateway.history.RoutedLog.Message;
import io.lqrealtime.gateway.session.History;
import io.lqrealtime.gateway.session.History.Page;
import io.lqrealtime.gateway.session.History.Request;
import io.lqrealtime.gateway.session.History.Stored;
import io.lqrealtime.gateway.session.TenantChannel;
import io.lqrealtime.id.LogId;
import io.lqrealtime.id.TenantId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedKafka.class)
class LogHistoryPagesTest {
  private static final TenantChannel ROOM = channel("room");
  private static final TenantChannel OTHER = channel("other");

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
  void page_isWhatWasRouted_withTheFramesOfLiveDelivery() throws Exception {
    log.publish(1, new Message(ROOM, "m\"1", "alice", "{ \"price\" : 1.50 }"));
    log.publish(1, Message.in("other", "2"));
    log.control(1);
    log.unrouted(1, new Message(ROOM, "m\"1", "alice", "{ \"price\" : 1.50 }"));
    log.publish(1, Message.in("room", "\"\u00e4\ud83d\ude00\""));
    log.index(1);

    Page.Messages page = messages(asking.read(ROOM, 1, -1, 4));

    assertSame(page.messages(), log.messages(ROOM, 1, -1, 4));
    assertThat(page.messages()).extracting(Stored::offset).containsExactly(0L, 4L);
    assertThat(page.cursor()).isEqualTo(4);
    assertThat(page.complete()).isTrue();
    assertThat(new String(page.messages().getFirst().frame(), StandardCharsets.UTF_8))
        .contains("\"payload\":{ \"price\" : 1.50 }}");
  }

  @Test
  void after_isExclusive_andUpToInclusive() throws Exception {
    publish(0, "room", 10);
    log.index(0);

    Page.Messages page = messages(asking.read(ROOM, 0, 3, 6));

    assertSame(page.messages(), log.messages(ROOM, 0, 3, 6));
    assertThat(page.cursor()).isEqualTo(6);
    assertThat(page.complete()).isTrue();
    assertThat(asking.read(ROOM, 0, 6, 6)).isEqualTo(new Page.Messages(List.of(), 6, true));
    assertThat(asking.read(ROOM, 0, 7, 6)).isEqualTo(new Page.Messages(List.of(), 7, true));
  }

  @Test
  void page_ofAChannelWithoutMessages_isEmpty_andComplete() throws Exception {
    publish(0, "room", 10);
    log.index(0);

    assertThat(asking.read(OTHER, 0, -1, 9)).isEqualTo(new Page.Messages(List.of(), 9, true));
  }

  @Test
  void pages_byCount_followOneAnother() throws Exception {
    publish(0, "room", 95);
    log.indexInSteps(0, 7);

    Page.Messages first = messages(asking.read(new Request(ROOM, 0, -1, 94, 10, ALL)));
    assertThat(first.messages()).hasSize(10);
    assertThat(first.cursor()).isEqualTo(9);
    assertThat(first.complete()).isFalse();
    assertSame(
        asking.readAll(new Request(ROOM, 0, -1, 94, 10, ALL)), log.messages(ROOM, 0, -1, 94));
    Page.Messages last = messages(asking.read(new Request(ROOM, 0, 84, 94, 10, ALL)));
    assertThat(last.messages()).hasSize(10);
    assertThat(last.complete()).isTrue();
  }

  @Test
  void pages_byBytes_haveAFirstMessageWhateverItsSize() throws Exception {
    publish(0, "room", 5);
    log.publish(0, Message.in("room", "\"" + "x".repeat(100_000) + "\""));
    publish(0, "room", 5);
    log.index(0);
    int size = log.messages(ROOM, 0, -1, 0).getFirst().frame().length;

    Page.Messages first = messages(asking.read(new Request(ROOM, 0, -1, 10, ALL, 3 * size)));
    assertThat(first.messages()).hasSize(3);
    assertThat(first.cursor()).isEqualTo(2);
    assertThat(messages(asking.read(new Request(ROOM, 0, -1, 10, ALL, 3 * size - 1))).messages())
        .hasSize(2);
    Page.Messages big = messages(asking.read(new Request(ROOM, 0, 4, 10, ALL, 100)));
    assertThat(big.messages()).extracting(Stored::offset).containsExactly(5L);
    assertSame(
        asking.readAll(new Request(ROOM, 0, -1, 10, ALL, 100)), log.messages(ROOM, 0, -1, 10));
  }

  @Test
  void sparseChannel_amongManyMessages_isFound() throws Exception {
    List<Message> all = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      all.add(Message.in(i % 3_001 == 17 ? "room" : "busy." + i % 50, Integer.toString(i)));
    }
    log.publish(0, all);
    log.indexInSteps(0, 137);

    List<Stored> found = asking.readAll(new Request(ROOM, 0, -1, 19_999, ALL, ALL));

    assertThat(found).hasSize(7);
    assertSame(found, log.messages(ROOM, 0, -1, 19_999));
  }

  @Test
  void overlappingStretches_giveEachMessageOnce() throws Exception {
    publish(0, "room", 100);
    log.index(0, 0, 40);
    log.index(0, 20, 30);
    log.index(0, 30, 60);
    log.index(0, 0, 70);
    log.index(0, 65, 100);

    assertSame(asking.readAll(new Request(ROOM, 0, -1, 99, 9, ALL)), log.messages(ROOM, 0, -1, 99));
    for (int after = -1; after < 99; after += 7) {
      assertSame(
          messages(asking.read(ROOM, 0, after, 99)).messages(), log.messages(ROOM, 0, after, 99));
    }
  }

  @Test
  void stretch_thatComesLate_isNoHole() throws Exception {
    publish(0, "room", 100);
    log.index(0, 0, 40);
    log.index(0, 60, 80);
    log.index(0, 35, 100);

    assertSame(messages(asking.read(ROOM, 0, -1, 99)).messages(), log.messages(ROOM, 0, -1, 99));
    assertSame(messages(asking.read(ROOM, 0, 45, 70)).messages(), log.messages(ROOM, 0, 45, 70));
  }

  @Test
  void recordsOfAnotherLog_andBrokenOnes_arePassedOver() throws Exception {
    log.indexOf(new LogId(12345), 0, 0, 1_000);
    publish(0, "room", 20);
    log.index(0, 0, 10);
    log.rawIndex(0, new byte[] {9, 9, 9});
    log.indexOf(new LogId(12345), 0, 5, 15);
    log.index(0, 10, 20);
    log.indexOf(new LogId(12345), 0, 1_000, 2_000);

    assertSame(messages(asking.read(ROOM, 0, -1, 19)).messages(), log.messages(ROOM, 0, -1, 19));
    assertSame(messages(asking.read(ROOM, 0, 12, 19)).messages(), log.messages(ROOM, 0, 12, 19));
  }

  @Test
  void channel_withTheSameFingerprint_isToldApart() throws Exception {
    publish(0, "room", 3);
    long of = log.publish(0, Message.in("other", "\"not for the room\""));
    log.collide(0, of, ROOM);
    TenantChannel foreign = new TenantChannel(new TenantId("evil"), ROOM.channel());
    long alien = log.publish(0, new Message(foreign, "", "", "\"not for acme\""));
    log.collide(0, alien, ROOM);
    publish(0, "room", 3);
    log.index(0);

    Page.Messages page = messages(asking.read(ROOM, 0, -1, 7));

    assertThat(page.messages()).extracting(Stored::offset).containsExactly(0L, 1L, 2L, 5L, 6L, 7L);
    assertThat(messages(asking.read(ROOM, 0, 2, 4)).messages()).isEmpty();
  }

  @Test
  void toTheEnd_isUpToWhatWasThereWhenAsked() throws Exception {
    publish(0, "room", 5);
    log.control(0);
    log.index(0);

    Page.Messages page = messages(asking.read(ROOM, 0, -1, History.END));
    assertThat(page.messages()).hasSize(5);
    assertThat(page.cursor()).isEqualTo(5);
    assertThat(page.complete()).isTrue();
    assertThat(asking.read(ROOM, 1, -1, History.END))
        .isEqualTo(new Page.Messages(List.of(), -1, true));

    publish(0, "room", 1);
    log.index(0);
    assertSame(
        asking.readAll(new Request(ROOM, 0, -1, History.END, ALL, ALL)),
        log.messages(ROOM, 0, -1, 6));
  }

  @Test
  void markersOfTransactions_areNoRecords_alsoAtTheEnd() throws Exception {
    publish(0, "room", 3);
    log.transaction(0, List.of(Message.in("room", "1"), Message.in("room", "2")));
    publish(0, "room", 2);
    log.transaction(0, List.of(Message.in("room", "3")));
    log.index(0);

    Page.Messages page = messages(asking.read(ROOM, 0, -1, History.END));

    assertThat(page.messages())
        .extracting(Stored::offset)
        .containsExactly(0L, 1L, 2L, 3L, 4L, 6L, 7L, 8L);
    assertThat(page.complete()).isTrue();
    assertThat(page.cursor()).isEqualTo(9);
    assertThat(asking.read(OTHER, 0, 8, History.END))
        .isEqualTo(new Page.Messages(List.of(), 9, true));
    assertThat(messages(asking.read(ROOM, 0, 4, 6)).messages()).hasSize(1);
  }

  private void publish(int partition, String channel, int count) throws Exception {
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(Message.in(channel, Integer.toString(i % 10)));
    }
    log.publish(partition, messages);
  }
}
