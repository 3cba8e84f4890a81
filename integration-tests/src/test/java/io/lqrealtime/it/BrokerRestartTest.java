package io.lqrealtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Load;
import io.lqrealtime.it.fixture.TestClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The broker goes away under load and comes back: nobody misses a message without being told. */
class BrokerRestartTest {
  private static Cluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = Cluster.start().with(2, 2);
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  @Test
  void broker_restartedUnderLoad_losesNothingSilently() throws Exception {
    try (Load load = Load.start(cluster, cluster.gateway(0), cluster.gateway(1))) {
      cluster.kafka().restart();
      load.awaitFlow(50);
      load.stopAndCheck();
      System.out.println("broker restarted: " + load.summary());
    }
    // Whoever comes now is served as ever, and what it gets is the same at both gateways.
    try (Load load = Load.start(cluster, cluster.gateway(1), cluster.gateway(0))) {
      load.stopAndCheck();
      assertThat(load.receiversAt(0)).allSatisfy(r -> assertThat(r.isOpen()).isTrue());
      assertThat(load.receiversAt(1)).allSatisfy(r -> assertThat(r.isOpen()).isTrue());
    }
    try (TestClient client = cluster.connect(cluster.gateway(0), "acme", "after")) {
      client.subscribe("room.after");
      client.publishAcked("after", "room.after", "1");
      assertThat(client.messages(1).getFirst().id()).isEqualTo("after");
    }
  }
}
