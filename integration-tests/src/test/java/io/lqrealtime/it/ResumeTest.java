package io.lqrealtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.id.Position;
import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.TestClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that come back get what they missed, on any gateway, by whatever they start from. */
class ResumeTest {
  private static Cluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = Cluster.start().withRouterHere(2);
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  @Test
  void resume_onAnotherGateway_bringsWhatWasMissedOnce_thenLive_thenWhatIsNew() throws Exception {
    String room = "room.resume";
    String last;
    try (TestClient before = client(0)) {
      before.subscribe(room);
      before.publishAcked("seen", room, "0");
      last = before.messages(1).getFirst().position();
    }
    List<String> missed;
    try (TestClient publisher = client(0)) {
      missed = publish(publisher, room, 1, 500);
    }

    try (TestClient after = client(1);
        TestClient publisher = client(0)) {
      Frame subscribed = subscribe(after, room, last);
      assertThat(subscribed.field("recovered")).isEqualTo("true");
      assertThat(subscribed.position()).isEqualTo(last);
      assertThat(after.messages(500).stream().map(Frame::position))
          .containsExactlyElementsOf(missed);
      assertThat(after.expect("live").channel()).isEqualTo(room);
      String fresh = publisher.publishAcked("fresh", room, "501");
      assertThat(after.messages(1).getFirst().position()).isEqualTo(fresh);
      assertThat(after.everythingSoFar()).isEmpty();
    }
  }

  @Test
  void resume_whileMessagesKeepComing_hasNoSeam() throws Exception {
    String room = "room.seam";
    try (TestClient publisher = client(0);
        TestClient reader = client(1)) {
      String first = publisher.publishAcked("m0", room, "0");
      int total = 2_000;
      Thread publishing =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 1; i < total; i++) {
                      publisher.send(
                          "{\"type\":\"publish\",\"channel\":\"%s\",\"payload\":%d}"
                              .formatted(room, i));
                    }
                  });
      int next = 1;
      String since = first;
      while (next < total) {
        subscribe(reader, room, since);
        // Subscribing again and again, from where it has come to.
        for (int i = 0; i < 300 && next < total; i++) {
          Frame message = reader.messages(1).getFirst();
          assertThat(message.payload().asInt()).isEqualTo(next);
          since = message.position();
          next++;
        }
        reader.send("{\"type\":\"unsubscribe\",\"id\":\"u\",\"channel\":\"%s\"}".formatted(room));
        reader.expectAnswer("unsubscribed", "u");
        reader.everythingSoFar();
      }
      publishing.join();
    }
  }

  @Test
  void since_earliest_instant_otherLog_andNonsense() throws Exception {
    String room = "room.since";
    try (TestClient client = client(0)) {
      List<String> early = publish(client, room, 0, 3);
      Instant between = Instant.ofEpochMilli(System.currentTimeMillis() + 1);
      Await.until("a moment", Await.PATIENCE, () -> Instant.now().isAfter(between));
      List<String> late = publish(client, room, 3, 2);

      subscribe(client, room, "earliest");
      assertThat(positions(client.messages(5))).containsExactlyElementsOf(concat(early, late));
      client.expect("live");

      subscribe(client, room, between.toString());
      assertThat(positions(client.messages(2))).containsExactlyElementsOf(late);
      client.expect("live");

      String foreign = early.getFirst().replaceAll("\\.[a-z2-7]{8}\\.", ".aaaaaaaa.");
      Frame refused = subscribe(client, room, foreign);
      assertThat(refused.field("recovered")).isEqualTo("false");
      assertThat(refused.field("oldest")).isNotEmpty();
      assertThat(client.everythingSoFar()).isEmpty();

      client.send(
          "{\"type\":\"subscribe\",\"id\":\"n\",\"channel\":\"%s\",\"since\":\"nonsense\"}"
              .formatted(room));
      assertThat(client.expectError("n").code()).isEqualTo("bad_request");
    }
  }

  @Test
  void since_anInstantThatHasNotCome_getsNothingFromBefore() throws Exception {
    // On a busy machine the instant may come while the test still prepares: then a later one.
    boolean inTime = false;
    for (int seconds : new int[] {2, 8, 30}) {
      inTime = inTime || getsNothingFromBefore("room.early." + seconds, seconds);
    }
    assertThat(inTime).as("the test is in time").isTrue();
  }

  /** Says whether what was to be published before the instant was. */
  private static boolean getsNothingFromBefore(String room, int seconds) throws Exception {
    try (TestClient early = client(0);
        TestClient publisher = client(1)) {
      publish(publisher, room, 0, 2);
      Instant soon = Instant.now().plusSeconds(seconds);

      Frame answer = subscribe(early, room, soon.toString());
      assertThat(answer.field("recovered")).isEqualTo("true");
      early.expect("live");
      List<String> before = publish(publisher, room, 2, 3);
      if (!Instant.now().isBefore(soon)) {
        return false;
      }
      Await.until("the instant", Await.PATIENCE, () -> Instant.now().isAfter(soon));
      List<String> after = publish(publisher, room, 5, 3);

      assertThat(positions(early.messages(3))).containsExactlyElementsOf(after);
      subscribe(early, room, answer.field("position"));
      assertThat(positions(early.messages(6))).containsExactlyElementsOf(concat(before, after));
      assertThat(pagePositions(history(early, room, "\"since\":\"2100-01-01T00:00:00Z\"")))
          .isEmpty();
      return true;
    }
  }

  @Test
  void since_pastTheLogsEnd_isToldAsLost_andGoesOnLive() throws Exception {
    String room = "room.future";
    try (TestClient client = client(0)) {
      Position last = Position.parse(publish(client, room, 0, 1).getLast());
      subscribe(client, room, last.toString());
      client.expect("live");
      Position lost =
          new Position(last.region(), last.log(), last.partition(), last.offset() + 1_000);

      Frame answer = subscribe(client, room, lost.toString());
      List<String> next = publish(client, room, 1, 2);

      assertThat(answer.field("recovered")).isEqualTo("false");
      assertThat(answer.field("oldest")).isNotEmpty();
      assertThat(positions(client.messages(2))).containsExactlyElementsOf(next);
    }
  }

  @Test
  void history_comesInPages_withPayloadsByteForByte() throws Exception {
    String room = "room.history";
    try (TestClient client = client(0)) {
      String first = client.publishAcked("odd", room, "{\"b\" : 1.50,\"a\":\"\\u00e9\"}");
      List<String> rest = publish(client, room, 1, 6);

      Frame page = history(client, room, "\"limit\":3");
      assertThat(pagePositions(page)).containsExactly(first, rest.get(0), rest.get(1));
      assertThat(page.text()).contains("\"payload\":{\"b\" : 1.50,\"a\":\"\\u00e9\"}");
      assertThat(page.payload().path("more").asBoolean()).isTrue();

      List<String> others = new ArrayList<>();
      while (page.payload().path("more").asBoolean()) {
        page =
            history(
                client,
                room,
                "\"limit\":3,\"since\":\"%s\"".formatted(page.payload().path("position").asText()));
        others.addAll(pagePositions(page));
      }
      assertThat(others).containsExactlyElementsOf(rest.subList(2, 6));
    }
  }

  @Test
  void id_publishedAgain_onAnotherGateway_isAckedAgainAndDeliveredOnce() throws Exception {
    String room = "room.once";
    try (TestClient first = client(0);
        TestClient second = client(1)) {
      first.subscribe(room);
      String one = first.publishAcked("same", room, "1");
      String two = second.publishAcked("same", room, "1");
      String marker = second.publishAcked("marker", room, "2");

      assertThat(one).isNotEqualTo(two);
      assertThat(positions(first.messages(2))).containsExactly(one, marker);
      assertThat(pagePositions(history(second, room, "\"limit\":10"))).containsExactly(one, marker);
    }
  }

  @Test
  void clientThatReadsNothing_losesNothing_andHarmsNobody() throws Exception {
    String room = "room.slow";
    int messages = 400;
    String payload = "\"" + "x".repeat(40_000) + "\"";
    try (TestClient slow = client(1);
        TestClient quick = client(1);
        TestClient publisher = client(0)) {
      slow.subscribe(room);
      quick.subscribe(room);
      slow.raw().connection().pauseReading();
      for (int i = 0; i < messages; i++) {
        publisher.publishAcked("m" + i, room, payload);
        quick.messages(1);
      }
      Await.until(
          "it counts as lagging",
          Await.PATIENCE,
          () -> cluster.gateway(1).metric("lq_outbound_lagging_connections") >= 1);
      assertThat(cluster.gateway(1).metric("lq_outbound_queued_bytes")).isLessThan(1 << 20);

      slow.raw().connection().resumeReading();
      List<Frame> got = slow.messages(messages);
      assertThat(got.stream().map(Frame::id))
          .containsExactlyElementsOf(IntStream.range(0, messages).mapToObj(i -> "m" + i).toList());
      assertThat(slow.everythingSoFar()).isEmpty();
    }
  }

  private static TestClient client(int gateway) throws Exception {
    return cluster.connect(cluster.gateway(gateway), "acme", "somebody");
  }

  private static Frame subscribe(TestClient client, String channel, String since) {
    client.send(
        "{\"type\":\"subscribe\",\"id\":\"s\",\"channel\":\"%s\",\"since\":\"%s\"}"
            .formatted(channel, since));
    return client.expectSubscribed(channel);
  }

  private static Frame history(TestClient client, String channel, String fields) {
    client.send(
        "{\"type\":\"history\",\"id\":\"h\",\"channel\":\"%s\",%s}".formatted(channel, fields));
    return client.expectAnswer("history", "h");
  }

  private static List<String> publish(TestClient client, String channel, int from, int count) {
    for (int i = from; i < from + count; i++) {
      client.publish("p" + i, channel, Integer.toString(i));
    }
    List<String> positions = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      positions.add(client.expectAck("p" + i).position());
    }
    return positions;
  }

  private static List<String> positions(List<Frame> frames) {
    return frames.stream().map(Frame::position).toList();
  }

  private static List<String> pagePositions(Frame page) {
    List<String> positions = new ArrayList<>();
    page.payload()
        .path("messages")
        .forEach(message -> positions.add(message.path("position").asText()));
    return positions;
  }

  private static List<String> concat(List<String> one, List<String> two) {
    List<String> all = new ArrayList<>(one);
    all.addAll(two);
    return all;
  }
}
