package io.lqrealtime.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.embedded.KafkaOptions;
import io.lqrealtime.id.Channel;
import io.lqrealtime.id.TenantId;
import io.lqrealtime.record.ChannelFingerprint;
import io.lqrealtime.record.IndexRecord;
import io.lqrealtime.record.IndexRecordCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The index and dedup on a real broker, with routers that are killed, paused beyond their session
 * and woken, and stopped as planned, under load with repeated ids.
 */
class IndexBrokerTest {
  private static final Channel ROOM = new Channel("room");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LONGER_THAN_SENDS_ARE_TRIED = Duration.ofSeconds(4);

  private final Map<Integer, Map<Long, Long>> expected = new TreeMap<>();
  private final Set<String> published = new HashSet<>();
  private int sent;

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
        publish(topics, random, 400);
        index.awaitAll(expected);

        publish(topics, random, 300);
        routers.getFirst().destroyForcibly().waitFor();
        publish(topics, random, 300);
        index.awaitAll(expected);

        routers.add(RouterProcess.start(environment));
        publish(topics, random, 200);
        index.awaitAll(expected);
        Process zombie = routers.get(1);
        signal(zombie, "STOP");
        publish(topics, random, 300);
        index.awaitAll(expected);
        signal(zombie, "CONT");
        publish(topics, random, 300);

        routers.getLast().destroy();
        publish(topics, random, 300);
        index.awaitAll(expected);
      } finally {
        for (Process router : routers) {
          router.destroyForcibly().waitFor();
        }
      }
      index.assertWhole(expected);
    }
  }

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
        publish(topics, random, 100);
        index.awaitAll(expected);
        for (int round = 0; round < 3; round++) {
          CompletableFuture<Void> outage =
              CompletableFuture.runAsync(
                  () -> {
                    kafka.get().close();
                    LockSupport.parkNanos(LONGER_THAN_SENDS_ARE_TRIED.toNanos());
                    kafka.set(EmbeddedKafka.start(broker(data).withPort(port)));
                  });
          while (!outage.isDone()) {
            publish(topics, random, 1);
          }
          outage.join();
          publish(topics, random, 50);
          index.awaitAll(expected);
        }
      } finally {
        router.destroyForcibly().waitFor();
      }
      index.assertWhole(expected);
    } finally {
      kafka.get().close();
    }
  }

  private static KafkaOptions broker(Path data) {
    return KafkaOptions.in(data)
        .withProperty("group.min.session.timeout.ms", "500")
        .withProperty("auto.create.topics.enable", "false");
  }

  /** Every fifth message repeats an id of before, under whichever router's watch that was. */
  private void publish(ServiceTopics topics, Random random, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      TenantId tenant = new TenantId("t" + random.nextInt(12));
      int number = sent > 0 && random.nextInt(5) == 0 ? random.nextInt(sent) : sent;
      sent++;
      String id = tenant + "/" + number;
      RecordMetadata at = topics.publish(tenant, ROOM, id, "1");
      Map<Long, Long> routed = expected.computeIfAbsent(at.partition(), p -> new TreeMap<>());
      if (published.add(id)) {
        routed.put(at.offset(), ChannelFingerprint.of(tenant, ROOM));
      }
    }
  }

  private static void signal(Process process, String signal) throws Exception {
    Process kill =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }

  /** Reads the index as a gateway would: of each record what is past what it has. */
  private static final class IndexReader implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    private final Map<Integer, Long> covered = new TreeMap<>();

    IndexReader(String bootstrapServers, String topic) {
      this.consumer =
          new KafkaConsumer<>(
              Map.of("bootstrap.servers", bootstrapServers),
              new ByteArrayDeserializer(),
              new ByteArrayDeserializer());
      List<TopicPartition> partitions = new ArrayList<>();
      for (int i = 0; i < ServiceTopics.PARTITIONS; i++) {
        partitions.add(new TopicPartition(topic, i));
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
    }

    /** Reads on until the last message of each partition is covered. */
    void awaitAll(Map<Integer, Map<Long, Long>> expected) {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!expected.entrySet().stream().allMatch(this::covers)) {
        assertThat(System.nanoTime() - end).as("in time: covered up to %s", covered).isNegative();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
          records.add(record);
          covered.merge(
              record.partition(),
              IndexRecordCodec.decode(record.value()).stretch().to(),
              Math::max);
        }
      }
    }

    private boolean covers(Map.Entry<Integer, Map<Long, Long>> partition) {
      long last = ((TreeMap<Long, Long>) partition.getValue()).lastKey();
      return covered.getOrDefault(partition.getKey(), 0L) > last;
    }

    void assertWhole(Map<Integer, Map<Long, Long>> expected) {
      System.out.println(records.size() + " index records");
      Map<Integer, Long> upTo = new TreeMap<>();
      Map<Integer, Map<Long, Long>> listed = new TreeMap<>();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        IndexRecord index = IndexRecordCodec.decode(record.value());
        IndexRecord.Stretch stretch = index.stretch();
        assertThat(record.key()).isNull();
        assertThat(stretch.partition()).isEqualTo(record.partition());
        assertThat(stretch.from())
            .as("%s: no hole", stretch)
            .isLessThanOrEqualTo(upTo.getOrDefault(record.partition(), 0L));
        upTo.merge(record.partition(), stretch.to(), Math::max);
        Map<Long, Long> here = new TreeMap<>();
        for (int i = 0; i < index.channels(); i++) {
          PrimitiveIterator.OfLong offsets = index.offsets(i);
          while (offsets.hasNext()) {
            here.put(offsets.nextLong(), index.fingerprint(i));
          }
        }
        assertThat(here)
            .as("%s", stretch)
            .isEqualTo(
                ((TreeMap<Long, Long>) expected.get(record.partition()))
                    .subMap(stretch.from(), stretch.to()));
        listed.computeIfAbsent(record.partition(), p -> new TreeMap<>()).putAll(here);
      }
      assertThat(listed).isEqualTo(expected);
      assertThat(listed.keySet()).as("all partitions had messages").hasSize(3);
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
