package io.lqrealtime.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.it.fixture.Await;
import io.lqrealtime.it.fixture.Cluster;
import io.lqrealtime.it.fixture.Load;
import io.lqrealtime.it.fixture.Receiver;
import io.lqrealtime.it.fixture.TestClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * One gateway's topic is deleted under load, or its retention overtakes the gateway: the others
 * hardly notice, and its clients lose nothing.
 */
class GatewayTopicMissingTest {
  private static final String TOPIC = "lq.gateway.gateway-2";
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
  void topicOfOneGateway_deletedUnderLoad_doesNotHoldUpTheOther() throws Exception {
    try (Admin admin =
            Admin.create(Map.of("bootstrap.servers", cluster.kafka().bootstrapServers()));
        Load load = Load.start(cluster, cluster.gateway(0), cluster.gateway(1))) {
      long begun = System.nanoTime();
      admin.deleteTopics(List.of(TOPIC)).all().get(60, TimeUnit.SECONDS);

      awaitService();
      Duration recovered = Duration.ofNanos(System.nanoTime() - begun);
      load.flowFor(Duration.ofSeconds(5));
      load.awaitFlow(20);
      load.stopAndCheck();
      System.out.printf(
          "topic deleted: served again after %d ms, longest gap of the other gateway %d ms; %s%n",
          recovered.toMillis(), longestGap(load.receiversAt(0)).toMillis(), load.summary());

      assertThat(load.receiversAt(0)).allMatch(Receiver::isOpen);
      assertThat(load.receiversAt(1)).as("got what they missed").allMatch(Receiver::isOpen);
      // A router may take 4 s, and a busy machine adds to that; by Kafka's own settings it would
      // be a minute or two.
      assertThat(longestGap(load.receiversAt(0))).isLessThan(Duration.ofSeconds(20));
      assertThat(admin.listTopics().names().get(60, TimeUnit.SECONDS)).contains(TOPIC);
      assertThat(cluster.gateway(1).process().log()).contains("under a new generation");
    }
  }

  @Test
  void gateway_thatFallsBehindTheRetentionOfItsTopic_catchesUp_andItsClientsNoticeNothing()
      throws Exception {
    TopicPartition partition = new TopicPartition(TOPIC, 0);
    try (Admin admin =
            Admin.create(Map.of("bootstrap.servers", cluster.kafka().bootstrapServers()));
        Load load = Load.start(cluster, cluster.gateway(0), cluster.gateway(1))) {
      load.awaitFlow(20);
      cluster.gateway(1).process().pause();
      try {
        // More than what may have been fetched already.
        long unread = endOf(admin, partition) + 300;
        Await.until(
            "more is there to read", Await.PATIENCE, () -> endOf(admin, partition) > unread);
        admin
            .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(unread)))
            .all()
            .get(60, TimeUnit.SECONDS);
      } finally {
        cluster.gateway(1).process().resume();
      }
      awaitService();
      load.awaitFlow(20);
      load.stopAndCheck();

      assertThat(load.receiversAt(0)).allMatch(Receiver::isOpen);
      assertThat(load.receiversAt(1)).as("got what they missed").allMatch(Receiver::isOpen);
      assertThat(cluster.gateway(1).process().log()).contains("no longer holds the offset");
    }
  }

  private static long endOf(Admin admin, TopicPartition partition) throws Exception {
    return admin
        .listOffsets(Map.of(partition, OffsetSpec.latest()))
        .partitionResult(partition)
        .get(60, TimeUnit.SECONDS)
        .offset();
  }

  /** A client that comes to the gateway whose topic was deleted gets what is published. */
  private static void awaitService() throws Exception {
    Await.until(
        "the gateway without a topic serves again",
        Await.PATIENCE,
        () -> {
          try (TestClient client = cluster.connect(cluster.gateway(1), "acme", "late")) {
            client.subscribe("room.late");
            client.publishOnce("room.late", "1");
            client.expect("its message", f -> f.type().equals("message"), Duration.ofSeconds(5));
            return true;
          } catch (AssertionError e) {
            return false;
          }
        });
  }

  private static Duration longestGap(List<Receiver> receivers) {
    return receivers.stream().map(Receiver::longestGap).max(Duration::compareTo).orElseThrow();
  }
}
