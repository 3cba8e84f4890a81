package io.lqrealtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.Load;
import io.lqrealtime.it.fixture.Receiver;
import io.lqrealtime.it.fixture.TestClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Two gateway and two router processes side by side: what one does reaches those of the other. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TwoGatewaysTwoRoutersTest {
  private static Cluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = Cluster.start(Map.of("LQ_DRAIN_TIME", "2s")).with(2, 2);
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  @Test
  @Order(1)
  void message_ofOneGateway_reachesClientsOfBothInAllPartitions() throws Exception {
    for (String tenant : Load.tenantsByPartition()) {
      try (TestClient first = cluster.connect(cluster.gateway(0), tenant, "first");
          TestClient second = cluster.connect(cluster.gateway(1), tenant, "second")) {
        first.subscribe("room.both");
        second.subscribe("room.both");
        String fromFirst = first.publishAcked("1", "room.both", "\"of the first\"");
        String fromSecond = second.publishAcked("2", "room.both", "\"of the second\"");

        for (TestClient client : List.of(first, second)) {
          assertThat(client.messages(2).stream().map(Frame::position))
              .containsExactly(fromFirst, fromSecond);
        }
      }
    }
  }

  @Test
  @Order(2)
  void presence_showsTheMembersOfBothGateways() throws Exception {
    try (TestClient first = cluster.connect(cluster.gateway(0), "acme", "first");
        TestClient second = cluster.connect(cluster.gateway(1), "acme", "second")) {
      first.subscribe("room.who");
      second.subscribe("room.who");
      for (TestClient client : List.of(first, second)) {
        Await.until(
            "both are shown",
            Await.PATIENCE,
            () -> {
              client.send("{\"type\":\"presence\",\"id\":\"who\",\"channel\":\"room.who\"}");
              List<String> members = new ArrayList<>();
              client
                  .expectAnswer("presence", "who")
                  .payload()
                  .path("members")
                  .forEach(member -> members.add(member.path("connection").asText()));
              members.sort(null);
              return members.equals(
                  List.of(first.connection(), second.connection()).stream().sorted().toList());
            });
      }
    }
  }

  @Test
  @Order(3)
  void gatewayProcess_onSigterm_advisesItsClientsAndLeaves() throws Exception {
    Cluster.Node leaving = cluster.launchGateway("gateway-3");
    leaving.awaitReady();
    try (Load load = Load.start(cluster, cluster.gateway(0), leaving)) {
      long begun = System.nanoTime();
      leaving.process().terminate();
      int code = leaving.process().awaitExit(Duration.ofSeconds(60));
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      load.awaitFlow(20);
      load.stopAndCheck();
      System.out.printf("drained in %d ms; %s%n", took.toMillis(), load.summary());

      assertThat(code).isIn(0, 143);
      assertThat(load.receiversAt(0))
          .allSatisfy(receiver -> assertThat(receiver.isOpen()).isTrue());
      for (Receiver receiver : load.receiversAt(1)) {
        assertThat(receiver.ending().orElseThrow().code()).isEqualTo(1012);
        assertThat(receiver.others())
            .singleElement()
            .satisfies(
                frame -> {
                  assertThat(frame.type()).isEqualTo("reconnect");
                  assertThat(frame.payload().path("reason").asText()).isNotEmpty();
                  assertThat(frame.payload().path("afterMs").isIntegralNumber()).isTrue();
                });
      }
    }
  }

  @Test
  @Order(4)
  void routerProcess_killedUnderLoad_isReplacedAndNothingAckedIsLost() throws Exception {
    try (Load load = Load.start(cluster, cluster.gateway(0), cluster.gateway(1))) {
      Cluster.Node victim =
          cluster.router(0).metric("lq_routed_total") > 0 ? cluster.router(0) : cluster.router(1);
      assertThat(victim.metric("lq_routed_total")).isPositive();

      victim.process().kill();
      load.awaitFlow(50);
      load.stopAndCheck();
      System.out.println("router killed: " + load.summary());
    }
    try (TestClient client = cluster.connect(cluster.gateway(1), "acme", "after")) {
      client.subscribe("room.after");
      client.publishAcked("after", "room.after", "1");
      assertThat(client.messages(1).getFirst().id()).isEqualTo("after");
    }
  }
}
