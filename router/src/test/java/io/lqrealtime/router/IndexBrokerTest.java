package io.lqrealtime.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.embedded.KafkaOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * The index and dedup on a real broker, with routers that are killed, paused beyond their session
 * and woken, and stopped as planned, under load with repeated ids.
 */
class IndexBrokerTest {
  private final IndexedTraffic traffic = new IndexedTraffic();

  @Test
  void routersThatDie_leaveAnIndexWithoutAHole_andRouteRepeatsOnce() throws Exception {
    long seed = 77;
    System.out.println("index under faults, seed " + seed);
    Random random = new Random(seed);
    try (EmbeddedKafka kafka =
            EmbeddedKafka.start(
                KafkaOptions.ephemeral()
                    .withProperty("group.min.session.timeout.ms", "500")
                    .withProperty("auto.create.topics.enable", "false"));
        ServiceTopics topics = new ServiceTopics(kafka.bootstrapServers(), "faults");
        IndexReader index = new IndexReader(kafka.bootstrapServers(), topics.names.index())) {
      Map<String, String> environment = topics.environment();
      environment.put("LQ_ROUTER_STANDBYS", "1");
      List<Process> routers = new ArrayList<>();
      try {
        routers.add(RouterProcess.start(environment));
        routers.add(RouterProcess.start(environment));
        traffic.publish(topics, random, 400);
        index.awaitAll(traffic.expected());

        traffic.publish(topics, random, 300);
        routers.getFirst().destroyForcibly().waitFor();
        traffic.publish(topics, random, 300);
        index.awaitAll(traffic.expected());

        routers.add(RouterProcess.start(environment));
        traffic.publish(topics, random, 200);
        index.awaitAll(traffic.expected());
        Process zombie = routers.get(1);
        signal(zombie, "STOP");
        traffic.publish(topics, random, 300);
        index.awaitAll(traffic.expected());
        signal(zombie, "CONT");
        traffic.publish(topics, random, 300);

        routers.getLast().destroy();
        traffic.publish(topics, random, 300);
        index.awaitAll(traffic.expected());
      } finally {
        for (Process router : routers) {
          router.destroyForcibly().waitFor();
        }
      }
      index.assertWhole(traffic.expected());
    }
  }

  private static void signal(Process process, String signal) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }
}
