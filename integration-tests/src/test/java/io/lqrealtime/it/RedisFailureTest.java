package io.lqrealtime.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Frame;
import io.lqrealtime.it.fixture.Load;
import io.lqrealtime.it.fixture.Receiver;
import io.lqrealtime.it.fixture.TestClient;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Redis holds views only: without it messages go on, and presence says that it is unavailable. */
class RedisFailureTest {
  /** So long that no gateway loses its own because the machine is busy. */
  private static final Duration LEASE = Duration.ofSeconds(6);

  private static Cluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = Cluster.start(Map.of("LQ_LEASE", LEASE.toSeconds() + "s")).withRouterHere(2);
  }

  @AfterAll
  static void end() throws Exception {
    cluster.close();
  }

  @Test
  void redis_flushedUnderLoad_deliveryGoesOnAndPresenceIsBuiltAgain() throws Exception {
    try (Load load = Load.start(cluster, cluster.gateway(0), cluster.gateway(1));
        TestClient observer = observer()) {
      awaitMembers(observer, 2);
      flushAll();
      awaitMembersAndNoWrongAnswer("flushed", observer, 2);
      load.flowFor(LEASE.multipliedBy(3));
      awaitMembers(observer, 2);
      load.awaitFlow(20);
      load.stopAndCheck();
      System.out.println("redis flushed: " + load.summary());
      assertNobodyWasClosed(load);
    }
  }

  @Test
  void redis_killedUnderLoad_deliveryGoesOnAndPresenceComesBack() throws Exception {
    try (Load load = Load.start(cluster, cluster.gateway(0), cluster.gateway(1));
        TestClient observer = observer()) {
      awaitMembers(observer, 2);
      cluster.redis().kill();
      Await.until(
          "presence is unavailable",
          Await.PATIENCE,
          () -> presence(observer).code().equals("unavailable"));
      // Longer than leases last: their absence must not be taken for the gateways' end.
      load.flowFor(LEASE.multipliedBy(3));
      load.awaitFlow(20);
      assertThat(presence(observer).code()).isEqualTo("unavailable");
      cluster.redis().start();
      awaitMembersAndNoWrongAnswer("killed and started", observer, 2);
      load.flowFor(LEASE.multipliedBy(2));
      load.awaitFlow(20);
      load.stopAndCheck();
      System.out.println("redis killed: " + load.summary());
      assertNobodyWasClosed(load);
    }
  }

  private static TestClient observer() throws Exception {
    return cluster.connect(cluster.gateway(0), Load.tenantsByPartition().getFirst(), "observer");
  }

  private static void assertNobodyWasClosed(Load load) {
    for (Load.Tenant tenant : load.tenants()) {
      assertThat(tenant.receivers()).allMatch(Receiver::isOpen);
      assertThat(tenant.publisher().refused()).isEmpty();
    }
  }

  private static void awaitMembers(TestClient client, int members) throws Exception {
    Frame[] last = new Frame[1];
    Await.until(
        members + " members are shown",
        Await.PATIENCE,
        () -> {
          last[0] = presence(client);
          return last[0].payload().path("members").size() == members;
        },
        () -> "last " + last[0]);
  }

  /** Each answer from now on is {@code unavailable} or right; the first right one ends it. */
  private static void awaitMembersAndNoWrongAnswer(String what, TestClient client, int members)
      throws Exception {
    long begun = System.nanoTime();
    Await.until(
        members + " members are shown",
        Await.PATIENCE,
        () -> {
          Frame answer = presence(client);
          if (answer.code().equals("unavailable")) {
            return false;
          }
          assertThat(answer.payload().path("connections").asInt())
              .as(answer.text())
              .isEqualTo(members);
          assertThat(answer.payload().path("members").size()).isEqualTo(members);
          return true;
        });
    System.out.printf(
        "redis %s: presence was right again after %d ms%n",
        what, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
  }

  private static Frame presence(TestClient client) {
    client.send("{\"type\":\"presence\",\"id\":\"who\",\"channel\":\"" + Load.CHANNEL + "\"}");
    return client.expect("answer to presence", f -> f.id().equals("who"), Await.PATIENCE);
  }

  private static void flushAll() throws Exception {
    try (Socket socket = new Socket(cluster.redis().host(), cluster.redis().port());
        BufferedReader answers =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII))) {
      socket.getOutputStream().write("FLUSHALL\r\n".getBytes(US_ASCII));
      assertThat(answers.readLine()).isEqualTo("+OK");
    }
  }
}
