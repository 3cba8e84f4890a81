package io.lqrealtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.TestClient;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Those who asked are told who joins and leaves, by whatever gateway, and however it leaves. */
class JoinLeaveTest {
  /** Of the router and of those that are killed or paused. */
  private static final Duration LEASE = Duration.ofSeconds(3);

  /**
   * Of the gateways that are to stay: one that loses its lease because the machine is busy rightly
   * tells anew who is there.
   */
  private static final Map<String, String> STEADY = Map.of("LQ_LEASE", "15s");

  private static final Duration SWEPT_WITHIN = Duration.ofSeconds(30);

  /** Sooner than what is gone is swept, which is two leases after its own has run out. */
  private static final Duration GONE_AFTER_LEASE = Duration.ofSeconds(4);

  private static final int CROWD = 200;
  private static Cluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = Cluster.start(Map.of("LQ_LEASE", LEASE.toSeconds() + "s"));
    cluster.launchGateway("gateway-1", STEADY);
    cluster.launchGateway("gateway-2", STEADY);
    cluster.with(0, 1);
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  @Test
  void watcher_isToldOfItself_andOfOthersOnAnotherGateway_inOneOrder() throws Exception {
    String room = "room.watched";
    try (TestClient watcher = client(0, "watcher");
        TestClient unasked = client(0, "unasked")) {
      watch(watcher, room);
      assertThat(event(watcher, "join", room)).isEqualTo("watcher " + watcher.connection());
      unasked.subscribe(room);
      assertThat(event(watcher, "join", room)).isEqualTo("unasked " + unasked.connection());

      String bob;
      try (TestClient other = client(1, "bob")) {
        bob = "bob " + other.connection();
        other.subscribe(room);
        assertThat(event(watcher, "join", room)).isEqualTo(bob);
        other.subscribe(room);
        other.send("{\"type\":\"unsubscribe\",\"channel\":\"" + room + "\"}");
        assertThat(event(watcher, "leave", room)).isEqualTo(bob);
        other.subscribe(room);
        assertThat(event(watcher, "join", room)).isEqualTo(bob);
      }
      assertThat(event(watcher, "leave", room)).isEqualTo(bob);
      String message = unasked.publishAcked("after", room, "1");
      assertThat(watcher.messages(1).getFirst().position()).isEqualTo(message);
      assertThat(watcher.everythingSoFar()).isEmpty();
      assertThat(unasked.messages(1).getFirst().position()).isEqualTo(message);
      assertThat(unasked.everythingSoFar()).isEmpty();
    }
  }

  @Test
  void companion_isNoChannelOfAnybody_andOfOneTenant() throws Exception {
    String room = "room.secret";
    try (TestClient watcher = client(0, "watcher");
        TestClient intruder = cluster.connect(cluster.gateway(0), "rival", "mallory")) {
      watch(watcher, room);
      event(watcher, "join", room);
      watch(intruder, room);
      event(intruder, "join", room);

      intruder.send("{\"type\":\"subscribe\",\"id\":\"c\",\"channel\":\"" + room + "!members\"}");
      assertThat(intruder.expectError("c").code()).isEqualTo("bad_request");
      try (TestClient other = client(1, "bob")) {
        other.subscribe(room);
        event(watcher, "join", room);
      }
      event(watcher, "leave", room);
      assertThat(intruder.everythingSoFar()).isEmpty();
    }
  }

  @Test
  void gatewayKilled_itsThousandMembersAreGoneWithItsLease_andEachLeavesOnce() throws Exception {
    Cluster.Node victim = cluster.launchGateway("killed");
    victim.awaitReady();
    List<String> rooms = IntStream.range(0, 10).mapToObj(i -> "room.gone." + i).toList();
    List<TestClient> members = new ArrayList<>();
    try (TestClient watcher = client(0, "watcher")) {
      for (String room : rooms) {
        watch(watcher, room);
        event(watcher, "join", room);
      }
      for (int i = 0; i < 1_000; i++) {
        TestClient member = cluster.connect(victim, "acme", "user" + i);
        members.add(member);
        member.subscribe(rooms.get(i % rooms.size()));
      }
      Set<String> there = comingAndGoing(watcher, "join", members.size());
      // What is told comes by Kafka, and what is counted by Redis, each in its own time.
      List<Integer> all = Collections.nCopies(rooms.size(), 1 + members.size() / rooms.size());
      Await.until("all are counted", Await.PATIENCE, () -> countsAt(watcher, rooms).equals(all));

      victim.process().kill();
      long killed = System.nanoTime();

      long asked;
      List<Integer> counts;
      do {
        asked = System.nanoTime();
        counts = countsAt(watcher, rooms);
      } while (asked - killed < LEASE.plus(GONE_AFTER_LEASE).toNanos()
          && !counts.equals(Collections.nCopies(rooms.size(), 1)));
      assertThat(counts).as("who is there, but for the watcher").containsOnly(1);
      assertThat(comingAndGoing(watcher, "leave", members.size())).isEqualTo(there);
      Await.until(
          "nothing of it is in Redis",
          SWEPT_WITHIN,
          () -> cluster.redisKeys("*killed*").isEmpty(),
          () -> cluster.redisKeys("*killed*").toString());

      Cluster.Node again = cluster.launchGateway("killed");
      again.awaitReady();
      try (TestClient member = cluster.connect(again, "acme", "back")) {
        member.subscribe(rooms.getFirst());
        assertThat(event(watcher, "join", rooms.getFirst()))
            .isEqualTo("back " + member.connection());
        assertThat(watcher.everythingSoFar()).isEmpty();
      }
    } finally {
      members.forEach(TestClient::close);
    }
  }

  /** So many joins or leaves, each of another member. */
  private static Set<String> comingAndGoing(TestClient watcher, String type, int count) {
    Set<String> who = new HashSet<>();
    for (int i = 0; i < count; i++) {
      Frame event = watcher.expect("a " + type, frame -> frame.type().equals(type), SWEPT_WITHIN);
      assertThat(who.add(event.channel() + " " + text(event))).as("%s comes once", event).isTrue();
    }
    return who;
  }

  private static List<Integer> countsAt(TestClient client, List<String> rooms) throws Exception {
    List<Integer> counts = new ArrayList<>();
    for (String room : rooms) {
      counts.add(presence(client, "channel", room).payload().path("connections").asInt());
    }
    return counts;
  }

  /** The answer: a gateway that did not hear from Redis for a while has none at first. */
  private static Frame presence(TestClient client, String of, String name) throws Exception {
    Frame[] answer = new Frame[1];
    Await.until(
        "presence of " + name + " is known",
        Await.PATIENCE,
        () -> {
          client.send("{\"type\":\"presence\",\"id\":\"w\",\"%s\":\"%s\"}".formatted(of, name));
          answer[0] = client.expect("answer to presence", f -> f.id().equals("w"), Await.PATIENCE);
          return !answer[0].code().equals("unavailable");
        });
    assertThat(answer[0].type()).as(answer[0].text()).isEqualTo("presence");
    return answer[0];
  }

  @Test
  void user_isOnlineWhileAnyOfItsConnectionsIs_andWasLastSeenWhenTheLastOneWent() throws Exception {
    try (TestClient watcher =
            TestClient.connect(
                cluster.gateway(0).uri(),
                cluster
                    .tokens()
                    .of(
                        "acme",
                        "watcher",
                        Instant.now().plus(Duration.ofHours(1)),
                        Map.of("presence", List.of("user:carol", "user:Ada *"))));
        TestClient rival = cluster.connect(cluster.gateway(0), "rival", "carol")) {
      assertThat(state(watcher, "carol"))
          .isEqualTo("{\"online\":false,\"connections\":0,\"members\":[]}");
      TestClient here = client(0, "carol");
      TestClient there = client(1, "carol");
      awaitConnections(watcher, "carol", 2);
      assertThat(state(watcher, "carol")).contains(here.connection(), there.connection());
      awaitConnections(rival, "carol", 1);

      long before = System.currentTimeMillis();
      here.close();
      awaitConnections(watcher, "carol", 1);
      there.close();
      awaitConnections(watcher, "carol", 0);
      assertThat(Frame.of(state(watcher, "carol")).json().path("lastSeen").asLong())
          .isBetween(before, System.currentTimeMillis());

      try (TestClient ada = client(1, "Ada 🦆")) {
        awaitConnections(watcher, "Ada 🦆", 1);
        ada.send("{\"type\":\"presence\",\"id\":\"u\",\"user\":\"carol\"}");
        assertThat(ada.expectError("u").code()).isEqualTo("forbidden");
        awaitConnections(ada, "Ada 🦆", 1);
      }
    }
  }

  private static void awaitConnections(TestClient client, String user, int connections)
      throws Exception {
    String[] last = new String[1];
    Await.until(
        user + " has " + connections + " connections",
        Await.PATIENCE,
        () -> {
          last[0] = state(client, user);
          return last[0].contains("\"connections\":" + connections + ",");
        },
        () -> last[0]);
  }

  /** The payload of the answer. */
  private static String state(TestClient client, String user) throws Exception {
    return presence(client, "user", user).payload().toString();
  }

  @Test
  void gatewayPausedPastItsLease_itsMembersLeave_andAreBackWhenItWakes() throws Exception {
    String room = "room.paused";
    Cluster.Node sleeper = cluster.launchGateway("paused");
    sleeper.awaitReady();
    try (TestClient watcher = client(0, "watcher");
        TestClient member = cluster.connect(sleeper, "acme", "sleepy")) {
      watch(watcher, room);
      event(watcher, "join", room);
      member.subscribe(room);
      String who = event(watcher, "join", room);

      sleeper.process().pause();
      try {
        Frame leave = watcher.expect("the leave", isEvent("leave", room), SWEPT_WITHIN);
        assertThat(text(leave)).isEqualTo(who);
      } finally {
        sleeper.process().resume();
      }

      Frame join = watcher.expect("the join", isEvent("join", room), SWEPT_WITHIN);
      assertThat(text(join)).isEqualTo(who);
      assertThat(watcher.everythingSoFar()).isEmpty();
    }
  }

  @Test
  void routerKilled_whileMembersComeAndGo_eachComesOnceAndInOrder() throws Exception {
    String room = "room.takeover";
    int rounds = 100;
    try (TestClient watcher = client(0, "watcher");
        TestClient holder = client(1, "holder");
        TestClient restless = client(1, "restless")) {
      watch(watcher, room);
      event(watcher, "join", room);
      // What the gateway has already is subscribed without a router.
      holder.subscribe(room);
      event(watcher, "join", room);
      for (int i = 0; i < rounds; i++) {
        if (i == rounds / 2) {
          cluster.router(0).process().kill();
        }
        restless.subscribe(room);
        restless.send("{\"type\":\"unsubscribe\",\"channel\":\"" + room + "\"}");
        restless.expect("unsubscribed");
      }
      Cluster.Node again = cluster.launchRouter("again");
      again.awaitReady();

      for (int i = 0; i < rounds; i++) {
        for (String type : List.of("join", "leave")) {
          assertThat(event(watcher, type, room)).isEqualTo("restless " + restless.connection());
        }
      }
      String message = holder.publishAcked("after", room, "1");
      assertThat(watcher.messages(1).getFirst().position()).isEqualTo(message);
      assertThat(watcher.everythingSoFar()).isEmpty();
    }
  }

  @Test
  void crowd_isToldByItsCountsAlone() throws Exception {
    String room = "room.crowd";
    List<TestClient> members = new ArrayList<>();
    try (TestClient watcher = client(0, "watcher")) {
      watch(watcher, room);
      event(watcher, "join", room);
      for (int i = 1; i < CROWD; i++) {
        TestClient member = client(1, "user" + i % 50);
        members.add(member);
        member.subscribe(room);
        event(watcher, "join", room);
      }

      try (TestClient one = client(1, "onemore")) {
        one.subscribe(room);
        assertThat(counts(watcher, "join", room)).isEqualTo("201 connections of 52 users");
      }
      assertThat(counts(watcher, "leave", room)).isEqualTo("200 connections of 51 users");
      TestClient last = members.removeLast();
      last.close();
      // Counts may come again before it.
      watcher.expect(
          "its leave",
          isEvent("leave", room).and(frame -> text(frame).endsWith(" " + last.connection())),
          Await.PATIENCE);
    } finally {
      members.forEach(TestClient::close);
    }
  }

  private static TestClient client(int gateway, String user) throws IOException {
    return cluster.connect(cluster.gateway(gateway), "acme", user);
  }

  private static void watch(TestClient client, String room) {
    client.send("{\"type\":\"subscribe\",\"channel\":\"%s\",\"presence\":true}".formatted(room));
    client.expectSubscribed(room);
  }

  /** The next join or leave, which is the one expected: user and connection. */
  private static String event(TestClient client, String type, String room) {
    Frame frame =
        client.expect(
            "a join or leave",
            next -> next.type().equals("join") || next.type().equals("leave"),
            Await.PATIENCE);
    assertThat(frame).matches(isEvent(type, room));
    assertThat(frame.position()).isNotEmpty();
    return text(frame);
  }

  private static Predicate<Frame> isEvent(String type, String room) {
    return frame -> frame.type().equals(type) && frame.channel().equals(room);
  }

  private static String text(Frame frame) {
    return frame.payload().path("user").asText()
        + " "
        + frame.payload().path("connection").asText();
  }

  /** What a frame of this type says last: the same counts may come again. */
  private static String counts(TestClient client, String type, String room) {
    Frame frame = client.expect("counts", isEvent(type, room), Await.PATIENCE);
    return frame.payload().path("connections").asInt()
        + " connections of "
        + frame.payload().path("users").asInt()
        + " users";
  }
}
