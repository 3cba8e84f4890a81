package io.lqrealtime.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.lqrealtime.bench.client.HandshakeException;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.ConnectionId;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.id.UserId;
import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Cluster.Node;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.TestClient;
import io.lqrealtime.tenant.Target;
import io.lqrealtime.tenant.TenantOrder;
import io.lqrealtime.topic.Placement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No name, position, id, token or order reaches another tenant; and no answer tells what another
 * tenant has, for it is the same as about things that nobody has. Of two neighbours one has its
 * home in the partition of the tenant that asks, the other one elsewhere.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TenantIsolationTest {
  private static final String ASKING = "asking";
  private static final String SECRET = "not for others";
  private static final Map<String, List<String>> ALL =
      Map.of(
          "subscribe", List.of("*"),
          "publish", List.of("*"),
          "presence", List.of("*"),
          "history", List.of("*"));

  /** About a channel {@code X}; {@code P} is a position, {@code T} long ago. */
  private static final List<String> REQUESTS =
      List.of(
          "{\"type\":\"subscribe\",\"id\":\"a\",\"channel\":\"X\"}",
          "{\"type\":\"subscribe\",\"id\":\"a\",\"channel\":\"X\",\"presence\":true}",
          "{\"type\":\"subscribe\",\"id\":\"a\",\"channel\":\"X\",\"since\":\"earliest\"}",
          "{\"type\":\"subscribe\",\"id\":\"a\",\"channel\":\"X\",\"since\":\"T\"}",
          "{\"type\":\"subscribe\",\"id\":\"a\",\"channel\":\"X\",\"since\":\"P\"}",
          "{\"type\":\"unsubscribe\",\"id\":\"a\",\"channel\":\"X\"}",
          "{\"type\":\"publish\",\"id\":\"a\",\"channel\":\"X\",\"payload\":1}",
          "{\"type\":\"presence\",\"id\":\"a\",\"channel\":\"X\"}",
          "{\"type\":\"history\",\"id\":\"a\",\"channel\":\"X\"}",
          "{\"type\":\"history\",\"id\":\"a\",\"channel\":\"X\",\"since\":\"T\"}",
          "{\"type\":\"history\",\"id\":\"a\",\"channel\":\"X\",\"since\":\"P\"}");

  /**
   * A tenant with a member and messages in each of its channels. Not closeable: JUnit would close
   * what it hands to the first of the tests.
   */
  final class Neighbour {
    private final String tenant;
    private final TestClient member;
    private final TestClient backend;
    private final Map<String, String> last = new HashMap<>();
    private final List<String> sent = new ArrayList<>();

    Neighbour(String tenant) throws Exception {
      this.tenant = tenant;
      this.member = connect(tenant, "bob");
      this.backend = connect(tenant, "service:news");
    }

    /** A channel in which there is a message, and somebody who hears of all that happens. */
    void have(String channel) {
      if (last.containsKey(channel)) {
        return;
      }
      member.send(
          "{\"type\":\"subscribe\",\"id\":\"s\",\"channel\":\"%s\",\"presence\":true}"
              .formatted(channel));
      member.expectSubscribed(channel);
      publish(channel);
    }

    void publish(String channel) {
      String position = backend.publishOnce(channel, "\"" + SECRET + "\"").position();
      sent.add(position);
      last.put(channel, position);
    }

    /** It has got what it published itself, and nothing else; and nobody has joined it. */
    void assertUndisturbed() {
      assertThat(member.messages(sent.size())).extracting(Frame::position).isEqualTo(sent);
      sent.clear();
      assertThat(member.everythingSoFar())
          .allSatisfy(
              frame -> {
                assertThat(frame.type()).isEqualTo("join");
                assertThat(frame.payload().path("connection").asText())
                    .isEqualTo(member.connection());
              });
      assertThat(member.isOpen()).isTrue();
    }

    void leave() {
      member.close();
      backend.close();
    }

    @Override
    public String toString() {
      return tenant;
    }
  }

  private Cluster cluster;
  private Node gateway;
  private List<Neighbour> neighbours;

  @BeforeAll
  void start() throws Exception {
    cluster = Cluster.start().withRouterHere(1);
    gateway = cluster.gateway(0);
    neighbours = List.of(new Neighbour(neighbour(true)), new Neighbour(neighbour(false)));
  }

  @AfterEach
  void neighboursHaveNoticedNothing() {
    neighbours.forEach(Neighbour::assertUndisturbed);
  }

  @AfterAll
  void end() throws Exception {
    neighbours.forEach(Neighbour::leave);
    cluster.close();
  }

  /** The first such name whose home is, or is not, that of the tenant that asks. */
  private static String neighbour(boolean sharesPartition) {
    Placement placement = new Placement(Cluster.PARTITIONS);
    int home = placement.home(new TenantId(ASKING));
    return Stream.iterate(0, i -> i + 1)
        .map(i -> (sharesPartition ? "sharing-" : "apart-") + i)
        .filter(name -> (placement.home(new TenantId(name)) == home) == sharesPartition)
        .findFirst()
        .orElseThrow();
  }

  private TestClient connect(String tenant, String user) throws Exception {
    Instant later = Instant.now().plus(Duration.ofHours(1));
    return TestClient.connect(gateway.uri(), cluster.tokens().of(tenant, user, later, ALL));
  }

  Stream<Arguments> requests() {
    return neighbours.stream()
        .flatMap(
            neighbour ->
                Stream.of("room", "user")
                    .flatMap(
                        kind ->
                            REQUESTS.stream().map(request -> arguments(neighbour, kind, request))));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void aboutANeighboursChannel_theAnswerIsAsAboutNobodys(
      Neighbour neighbour, String kind, String request) throws Exception {
    // Each time other channels, in which the tenant that asks has no past of its own.
    String suffix = neighbour + "." + REQUESTS.indexOf(request);
    String theirs = kind + ":its-" + suffix;
    String nobodys = kind + ":no-" + suffix;
    neighbour.have(theirs);
    String position = neighbour.last.get(theirs);

    List<String> answers = answers(request, theirs, position, neighbour, theirs);

    assertThat(answers).isEqualTo(answers(request, nobodys, position, neighbour, theirs));
    assertThat(answers).isNotEmpty().noneMatch(answer -> answer.contains(SECRET));
  }

  @ParameterizedTest
  @CsvSource({"subscribe, 0", "history, 0", "subscribe, 1", "history, 1"})
  void positionOfANeighboursMessage_isAsAnyOtherOfItsPartition(String type, int index)
      throws Exception {
    Neighbour neighbour = neighbours.get(index);
    String theirs = "room.position";
    neighbour.have(theirs);
    String ofAMessage = neighbour.last.get(theirs);
    // The record before it is a join or a message, of whatever channel; the other one is to come.
    String before = moved(ofAMessage, -1);
    String request =
        "{\"type\":\"%s\",\"id\":\"a\",\"channel\":\"X\",\"since\":\"P\"}".formatted(type);
    String channel = "room.position-" + type + index;

    List<String> answers = answers(request, channel + "-a", ofAMessage, neighbour, theirs);

    assertThat(answers)
        .isEqualTo(answers(request, channel + "-b", before, neighbour, theirs))
        .noneMatch(answer -> answer.contains(SECRET));
    if (index == 1) {
      assertThat(answers)
          .isEqualTo(
              answers(request, channel + "-c", moved(ofAMessage, 1_000_000), neighbour, theirs));
    }
  }

  private static String moved(String position, int by) {
    int offset = position.lastIndexOf('.') + 1;
    return position.substring(0, offset) + (Long.parseLong(position.substring(offset)) + by);
  }

  /**
   * All that comes of a request, on a connection of its own, while the neighbour publishes: without
   * what differs from one channel, connection and moment to the next.
   */
  private List<String> answers(
      String request, String channel, String position, Neighbour neighbour, String theirs)
      throws Exception {
    try (TestClient client = connect(ASKING, "bob")) {
      client.send(
          request
              .replace("\"X\"", "\"" + channel + "\"")
              .replace("\"P\"", "\"" + position + "\"")
              .replace("\"T\"", "\"2020-01-01T00:00:00Z\""));
      Frame answer = client.expect("an answer", frame -> frame.id().equals("a"), Await.PATIENCE);
      List<Frame> all = new ArrayList<>(List.of(answer));
      neighbour.publish(theirs);
      if (answer.type().equals("subscribed")) {
        if (request.contains("since") && answer.json().path("recovered").asBoolean()) {
          all.add(client.expect("live"));
        }
        if (request.contains("presence")) {
          all.add(client.expect("join"));
        }
        // It lies behind what the neighbour published, where they share a partition.
        client.publish("own", channel, "1");
        all.addAll(client.messages(1));
        // Before or after the message.
        all.add(client.expectAck("own"));
      }
      all.addAll(client.everythingSoFar());
      return all.stream()
          .map(
              frame ->
                  frame
                      .text()
                      .replace("\"" + channel + "\"", "\"X\"")
                      .replace(client.connection(), "CONNECTION")
                      .replaceAll("local\\.[a-z2-7]{8}\\.\\d+\\.-?\\d+", "POSITION")
                      .replaceAll("\"time\":\\d+", "TIME"))
          .toList();
    }
  }

  @Test
  void inboxOfANamesake_isAnotherInbox() throws Exception {
    for (Neighbour neighbour : neighbours) {
      neighbour.have("user:bob");
      try (TestClient namesake = cluster.connect(gateway, ASKING, "bob");
          TestClient other = cluster.connect(gateway, ASKING, "eve");
          TestClient backend = connect(ASKING, "service:news")) {
        namesake.subscribe("user:bob");
        neighbour.publish("user:bob");
        String own = backend.publishOnce("user:bob", "1").position();
        assertThat(namesake.messages(1).getFirst().position()).isEqualTo(own);
        assertThat(namesake.everythingSoFar()).isEmpty();

        for (String inbox : List.of("user:bob", "user:nobody")) {
          for (String type : List.of("subscribe", "presence", "history", "publish")) {
            other.send(
                "{\"type\":\"%s\",\"id\":\"%s%s\",\"channel\":\"%s\",\"payload\":1}"
                    .formatted(type, type, inbox, inbox));
            assertThat(other.expectError(type + inbox).code()).isEqualTo("forbidden");
          }
        }
      }
    }
  }

  @Test
  void tokenOfANeighbour_refreshesNothing_andIsRefusedLikeOneOfNobody() throws Exception {
    Instant later = Instant.now().plus(Duration.ofHours(2));
    try (TestClient client = connect(ASKING, "bob")) {
      List<String> answers = new ArrayList<>();
      for (String tenant : List.of(neighbours.get(0).tenant, neighbours.get(1).tenant, "nobody")) {
        client.send(
            "{\"type\":\"refresh\",\"id\":\"r\",\"payload\":{\"token\":\"%s\"}}"
                .formatted(cluster.tokens().of(tenant, "bob", later, ALL)));
        answers.add(client.expectError("r").text());
      }
      assertThat(answers).allSatisfy(text -> assertThat(text).contains("\"forbidden\""));
      assertThat(answers.stream().distinct()).hasSize(1);
      String own = client.publishOnce("room.refreshed", "1").position();
      client.send("{\"type\":\"history\",\"id\":\"h\",\"channel\":\"room.refreshed\"}");
      assertThat(client.expect("history").payload().path("messages").findValuesAsText("position"))
          .containsExactly(own);
    }
  }

  @Test
  void orderAboutATenant_reachesNobodyOfAnother() throws Exception {
    TenantId asking = new TenantId(ASKING);
    try (TestClient bob = connect(ASKING, "bob")) {
      for (Neighbour neighbour : neighbours) {
        neighbour.have("room.orders");
        ConnectionId theirs = new ConnectionId(neighbour.member.connection());
        cluster.give(
            new TenantOrder.Unsubscribe(
                asking, "ops", new Target.Connection(theirs), new Channel("room.orders")));
        cluster.give(
            new TenantOrder.Unsubscribe(
                asking, "ops", new Target.Everyone(), new Channel("room.orders")));
        cluster.give(new TenantOrder.Disconnect(asking, "ops", new Target.Connection(theirs)));
      }
      long now = Instant.now().getEpochSecond() + 1;
      cluster.give(new TenantOrder.Revoke(asking, "ops", new Target.User(new UserId("bob")), now));
      assertThat(bob.closeCode()).isEqualTo(4403);
      // For the tests that follow.
      cluster.give(new TenantOrder.Revoke(asking, "ops", new Target.User(new UserId("bob")), 0));
    }
    for (Neighbour neighbour : neighbours) {
      neighbour.publish("room.orders");
      try (TestClient namesake = connect(neighbour.tenant, "bob")) {
        assertThat(namesake.isOpen()).as("a token of %s", neighbour).isTrue();
      }
    }
    Await.until("bob is let in again", Await.PATIENCE, () -> isLetIn(ASKING, "bob"));
  }

  private boolean isLetIn(String tenant, String user) throws Exception {
    try (TestClient client = connect(tenant, user)) {
      return client.isOpen();
    } catch (HandshakeException e) {
      assertThat(e.status()).isEqualTo(401);
      return false;
    }
  }

  /** Names that would be one if they were only put together, or are somebody else's elsewhere. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a        | b:c            | a:b              | c
          a        | b/c            | a/b              | c
          a        | b,c            | a,b              | c
          a        | b.c            | a.b              | c
          a        | b#c            | a#b              | c
          a        | b@c            | a@b              | c
          a        | b=c            | a=b              | c
          a        | bc             | ab               | c
          one      | same           | other            | same
          One      | Same           | one              | same
          gateways | leases         | gateways:leases  | x
          gateways | owners         | lq               | gateways:owners
          x        | members:y      | x:members        | y
          x        | index:g:1      | x:index          | g:1
          a        | user:u         | a:user           | u
          a        | u              | a                | user:u
          members  | c              | c                | members
          """)
  void namesThatLookAlikeTogether_areTwoChannels(
      String oneTenant, String oneChannel, String otherTenant, String otherChannel)
      throws Exception {
    try (TestClient one = connect(oneTenant, "u");
        TestClient other = connect(otherTenant, "u")) {
      one.subscribe(oneChannel);
      other.subscribe(otherChannel);
      // The same id by the same user: once each.
      String id = "same " + oneTenant + oneChannel;
      String first = one.publishAcked(id, oneChannel, "\"one\"");
      String second = other.publishAcked(id, otherChannel, "\"other\"");

      assertOnly(first, one, oneChannel);
      assertOnly(second, other, otherChannel);
    }
    assertThat(gateway.isReady()).isTrue();
  }

  /** Its channel has this message, and itself. */
  private static void assertOnly(String position, TestClient client, String channel)
      throws Exception {
    assertThat(client.messages(1).getFirst().position()).isEqualTo(position);
    Await.until(
        "it is the only one there",
        Await.PATIENCE,
        () -> {
          client.send("{\"type\":\"presence\",\"id\":\"p\",\"channel\":\"%s\"}".formatted(channel));
          return client
              .expectAnswer("presence", "p")
              .payload()
              .path("members")
              .findValuesAsText("connection")
              .equals(List.of(client.connection()));
        });
    client.send("{\"type\":\"history\",\"id\":\"h\",\"channel\":\"%s\"}".formatted(channel));
    assertThat(
            client
                .expectAnswer("history", "h")
                .payload()
                .path("messages")
                .findValuesAsText("position"))
        .endsWith(position);
    assertThat(client.everythingSoFar()).isEmpty();
  }
}
