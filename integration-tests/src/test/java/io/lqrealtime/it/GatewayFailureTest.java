package io.lqrealtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.Load;
import io.lqrealtime.it.fixture.Receiver;
import io.lqrealtime.it.fixture.TestClient;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * One gateway is killed, paused, or started a second time: the clients of the other never notice.
 */
class GatewayFailureTest {
  private static final Duration LEASE = Duration.ofSeconds(3);
  private static Cluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster =
        Cluster.start(Map.of("LQ_LEASE", LEASE.toSeconds() + "s", "LQ_DRAIN_TIME", "0s"))
            .withRouterHere(1);
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  @Test
  void gateway_killedUnderLoad_isGoneFromPresenceAndComesBackUnderItsId() throws Exception {
    Cluster.Node victim = cluster.launchGateway("killed");
    victim.awaitReady();
    try (Load load = Load.start(cluster, cluster.gateway(0), victim);
        TestClient observer = observer()) {
      awaitMembers(observer, 2);
      victim.process().kill();
      awaitMembers(observer, 1);
      Cluster.Node again = cluster.launchGateway("killed");
      again.awaitReady();
      assertServes(again, "killed");
      load.awaitFlow(20);
      judgeThoseOfTheOther(load, "gateway killed");
    }
  }

  @Test
  void gateway_pausedPastItsLease_losesNothingWhenItWakes_andKeepsItsClients() throws Exception {
    Cluster.Node sleeper = cluster.launchGateway("paused");
    sleeper.awaitReady();
    try (Load load = Load.start(cluster, cluster.gateway(0), sleeper);
        TestClient observer = observer()) {
      awaitMembers(observer, 2);
      sleeper.process().pause();
      try {
        awaitMembers(observer, 1);
      } finally {
        sleeper.process().resume();
      }
      Await.until("it serves again", Await.PATIENCE, () -> serves(sleeper, "paused"));
      load.awaitFlow(20);
      load.stopAndCheck();
      System.out.println("gateway paused: " + load.summary());
      assertThat(load.receiversAt(0)).allMatch(Receiver::isOpen);
      assertThat(load.receiversAt(1)).allMatch(Receiver::isOpen);
    }
  }

  @Test
  void gateway_startedTwiceWithOneId_theOlderTellsItsClientsAndLeaves() throws Exception {
    Cluster.Node older = cluster.launchGateway("twice");
    older.awaitReady();
    try (Load load = Load.start(cluster, cluster.gateway(0), older)) {
      Cluster.Node newer = cluster.launchGateway("twice");
      newer.awaitReady();

      assertThat(older.process().awaitExit(Duration.ofSeconds(60))).isEqualTo(1);
      assertThat(older.process().log()).contains("ERROR");
      assertServes(newer, "twice");
      assertThat(newer.process().isAlive()).isTrue();
      load.awaitFlow(20);
      for (Receiver receiver : load.receiversAt(1)) {
        assertThat(receiver.ending().orElseThrow().code()).isEqualTo(1012);
      }
      load.stopAndCheck();
      System.out.println("gateway twice: " + load.summary());
      assertThat(load.receiversAt(0)).allMatch(Receiver::isOpen);
    }
  }

  private static void assertServes(Cluster.Node gateway, String channel) throws Exception {
    try (TestClient client = cluster.connect(gateway, "acme", "after")) {
      client.subscribe("room." + channel);
      String position = client.publishOnce("room." + channel, "1").position();
      assertThat(client.messages(1).getFirst().position()).isEqualTo(position);
    }
  }

  private static boolean serves(Cluster.Node gateway, String channel) throws Exception {
    try {
      assertServes(gateway, channel);
      return true;
    } catch (TestClient.NoFrame closed) {
      return false;
    }
  }

  private static void judgeThoseOfTheOther(Load load, String what) throws Exception {
    for (Load.Tenant tenant : load.tenants()) {
      tenant.publisher().stop();
    }
    for (Load.Tenant tenant : load.tenants()) {
      Receiver receiver = tenant.receivers().getFirst();
      receiver.check(tenant.publisher());
      assertThat(receiver.isOpen()).isTrue();
    }
    System.out.println(what + ": " + load.summary());
  }

  private static TestClient observer() throws Exception {
    return cluster.connect(cluster.gateway(0), Load.tenantsByPartition().getFirst(), "observer");
  }

  private static void awaitMembers(TestClient client, int members) throws Exception {
    Await.until(
        members + " members are shown",
        Await.PATIENCE,
        () -> {
          client.send(
              "{\"type\":\"presence\",\"id\":\"who\",\"channel\":\"" + Load.CHANNEL + "\"}");
          Frame answer =
              client.expect("answer to presence", f -> f.id().equals("who"), Await.PATIENCE);
          return answer.payload().path("members").size() == members;
        });
  }
}
