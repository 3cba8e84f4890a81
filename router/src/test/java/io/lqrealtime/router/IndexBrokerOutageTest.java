package io.lqrealtime.router;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.embedded.KafkaOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The index where the broker itself goes away and comes back, under load. */
class IndexBrokerOutageTest {
  private static final Duration LONGER_THAN_SENDS_ARE_TRIED = Duration.ofSeconds(4);

  private final IndexedTraffic traffic = new IndexedTraffic();

  /**
   * All partitions are one thread's, and what is sent for each of them fails when the broker goes:
   * Streams tells of the first failure only.
   */
  @Test
  void brokerThatIsAway_leavesNoHoleInAnyPartition(@TempDir Path data) throws Exception {
    Random random = new Random(78);
    AtomicReference<EmbeddedKafka> kafka = new AtomicReference<>(EmbeddedKafka.start(broker(data)));
    String servers = kafka.get().bootstrapServers();
    int port = Integer.parseInt(servers.substring(servers.indexOf(':') + 1));
    try (ServiceTopics topics = new ServiceTopics(servers, "away");
        IndexReader index = new IndexReader(servers, topics.names.index())) {
      Process router = RouterProcess.start(topics.environment());
      try {
        traffic.publish(topics, random, 100);
        index.awaitAll(traffic.expected());
        for (int round = 0; round < 3; round++) {
          CompletableFuture<Void> outage =
              CompletableFuture.runAsync(
                  () -> {
                    kafka.get().close();
                    LockSupport.parkNanos(LONGER_THAN_SENDS_ARE_TRIED.toNanos());
                    kafka.set(EmbeddedKafka.start(broker(data).withPort(port)));
                  });
          while (!outage.isDone()) {
            traffic.publish(topics, random, 1);
          }
          outage.join();
          traffic.publish(topics, random, 50);
          index.awaitAll(traffic.expected());
        }
      } finally {
        router.destroyForcibly().waitFor();
      }
      index.assertWhole(traffic.expected());
    } finally {
      kafka.get().close();
    }
  }

  private static KafkaOptions broker(Path data) {
    return KafkaOptions.in(data)
        .withProperty("group.min.session.timeout.ms", "500")
        .withProperty("auto.create.topics.enable", "false");
  }
}
