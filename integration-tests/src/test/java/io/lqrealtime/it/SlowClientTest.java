package io.lqrealtime.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.Http;
import io.lqrealtime.it.fixture.Metric;
import io.lqrealtime.it.fixture.RawSocket;
import io.lqrealtime.it.fixture.TestClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * A client that reads slowly is behind, and not dead, also where all that waits for it waits in the
 * kernel. Only Linux tells.
 */
@EnabledOnOs(OS.LINUX)
class SlowClientTest {
  private static final int HEARTBEAT_SECONDS = 3;
  private static final int NO_HEARTBEAT = 4408;
  private static final int LAGGING = 4413;

  /** More than the client's kernel takes, and less than that of the gateway. */
  private static final int MESSAGES = 60;

  private static final int RECEIVE_BUFFER = 4096;
  private static Cluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = Cluster.start().withRouterHere(0);
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  @Test
  void clientThatReadsTenBytesASecond_staysForManyHeartbeats_andGetsEverythingInOrder()
      throws Exception {
    Cluster.Node gateway = gateway("patient", Duration.ofMinutes(10));
    try (TestClient publisher = publisher(gateway);
        RawSocket slow = subscribed(gateway)) {
      publish(publisher, gateway, slow);

      slow.readSlowly(Duration.ofSeconds(4 * HEARTBEAT_SECONDS));
      assertThat(gateway.metric("lq_outbound_lagging_connections")).isEqualTo(1);
      assertThat(gateway.metric("lq_outbound_queued_bytes")).isZero();

      for (int i = 0; i < MESSAGES; i++) {
        assertThat(Frame.of(slow.text()).id()).isEqualTo("m" + i);
      }
      // It has everything, and does not answer the ping that came last.
      assertThat(slow.closeCode()).isEqualTo(NO_HEARTBEAT);
    }
  }

  @Test
  void clientThatReadsNothing_isClosedAfterTheLongestLag() throws Exception {
    Cluster.Node gateway = gateway("impatient", Duration.ofSeconds(2));
    try (TestClient publisher = publisher(gateway);
        RawSocket silent = subscribed(gateway)) {
      publish(publisher, gateway, silent);

      Await.until("it is closed", Await.PATIENCE, () -> ended(gateway, "lagging") == 1);
      assertThat(silent.closeCode()).isEqualTo(LAGGING);
    }
  }

  /** A megabyte an answer, and more of them than the heap has room for. */
  @Test
  void clientsThatAskForHistoryAndReadNothing_holdLittleMoreThanTheBudget() throws Exception {
    int clients = 60;
    long budget = 16 << 20;
    Cluster.Node gateway =
        cluster.launchGateway("asked", Map.of("LQ_OUTBOUND_BUDGET_BYTES", "" + budget));
    gateway.awaitReady();
    List<RawSocket> asking = new ArrayList<>();
    try (TestClient publisher = cluster.connect(gateway, "acme", "publisher")) {
      for (int i = 0; i < 20; i++) {
        publisher.publishAcked("h" + i, "room.large", "\"" + "x".repeat(60_000) + "\"");
      }
      byte[] question =
          "{\"type\":\"history\",\"id\":\"h\",\"channel\":\"room.large\",\"limit\":1000}"
              .getBytes(UTF_8);
      for (int i = 0; i < clients; i++) {
        RawSocket socket =
            RawSocket.upgraded(gateway.uri(), cluster.tokens().of("acme", "u" + i), RECEIVE_BUFFER);
        asking.add(socket);
        for (int q = 0; q < 8; q++) {
          socket.sendFrame(RawSocket.TEXT, question);
        }
      }
      Await.until(
          "none of them takes any more",
          Await.PATIENCE,
          () -> gateway.metric("lq_outbound_lagging_connections") == clients);

      assertThat(gateway.metric("lq_outbound_queued_bytes"))
          .isLessThan(budget + clients * 2 * 65_536.0);
      try (TestClient other = cluster.connect(gateway, "globex", "other")) {
        other.publishOnce("room.1", "1");
        other.send("{\"type\":\"history\",\"id\":\"o\",\"channel\":\"room.1\"}");
        assertThat(other.expectAnswer("history", "o").payload().path("messages")).hasSize(1);
      }
    } finally {
      for (RawSocket socket : asking) {
        socket.close();
      }
    }
  }

  private static double ended(Cluster.Node gateway, String cause) throws Exception {
    return Metric.sum(
        Http.get(gateway.management("/metrics")).body(),
        "lq_connections_ended_total",
        "\"" + cause + "\"");
  }

  private static Cluster.Node gateway(String id, Duration maxLag) throws Exception {
    Cluster.Node gateway =
        cluster.launchGateway(
            id,
            Map.of(
                "WS_HEARTBEAT_SECONDS",
                "" + HEARTBEAT_SECONDS,
                "WS_MAX_LAG",
                maxLag.toSeconds() + "s"));
    gateway.awaitReady();
    return gateway;
  }

  /**
   * A publisher whose first message is through: that one takes long, and meanwhile a subscriber
   * would have to answer pings.
   */
  private static TestClient publisher(Cluster.Node gateway) throws Exception {
    TestClient publisher = cluster.connect(gateway, "acme", "publisher");
    publisher.publishOnce("nobody." + gateway.name(), "1");
    return publisher;
  }

  private static RawSocket subscribed(Cluster.Node gateway) throws Exception {
    RawSocket socket =
        RawSocket.upgraded(gateway.uri(), cluster.tokens().of("acme", "slow"), RECEIVE_BUFFER);
    assertThat(Frame.of(socket.text()).type()).isEqualTo("welcome");
    socket.sendFrame(
        RawSocket.TEXT,
        "{\"type\":\"subscribe\",\"channel\":\"%s\"}".formatted(gateway.name()).getBytes(UTF_8));
    assertThat(Frame.of(socket.text()).type()).isEqualTo("subscribed");
    return socket;
  }

  /**
   * Publishes, and has the subscriber heard until all of it is on its way, so that no ping has come
   * before it that it had to answer.
   */
  private static void publish(TestClient publisher, Cluster.Node gateway, RawSocket subscriber)
      throws Exception {
    subscriber.sendFrame(RawSocket.PONG, new byte[0]);
    String payload = "\"" + "x".repeat(1000) + "\"";
    for (int i = 0; i < MESSAGES; i++) {
      publisher.publishAcked("m" + i, gateway.name(), payload);
      subscriber.sendFrame(RawSocket.PONG, new byte[0]);
    }
    Await.until(
        "all is on its way to the subscriber",
        Await.PATIENCE,
        () -> gateway.metric("websocket_messages_delivered_total") == MESSAGES);
    subscriber.sendFrame(RawSocket.PONG, new byte[0]);
  }
}
