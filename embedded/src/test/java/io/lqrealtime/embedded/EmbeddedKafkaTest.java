package io.lqrealtime.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class EmbeddedKafkaTest {
  @TempDir private Path directory;

  @Test
  void start_newDirectory_givesBackWhatWasProduced() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.in(directory))) {
      KafkaClients.createTopic(kafka, "t", 2);
      KafkaClients.produce(kafka, "t", List.of("a", "b", "c"));

      assertThat(KafkaClients.consume(kafka, "t", "g", 3)).containsExactlyInAnyOrder("a", "b", "c");
      assertThat(kafka.fault()).isEmpty();
    }
  }

  @Test
  void sessionBelowKafkasOwnFloor_isAdmitted() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.in(directory))) {
      KafkaClients.createTopic(kafka, "t", 1);

      KafkaClients.join(kafka, "t", "g", 1000);
    }
  }

  @Test
  void restart_keepsPortClusterDataAndGroupOffsets() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.in(directory))) {
      String servers = kafka.bootstrapServers();
      String cluster = kafka.clusterId();
      KafkaClients.createTopic(kafka, "t", 1);
      KafkaClients.produce(kafka, "t", List.of("a", "b"));
      KafkaClients.consume(kafka, "t", "g", 2);

      kafka.restart();
      KafkaClients.produce(kafka, "t", List.of("c"));

      assertThat(kafka.bootstrapServers()).isEqualTo(servers);
      assertThat(kafka.clusterId()).isEqualTo(cluster);
      assertThat(KafkaClients.consume(kafka, "t", "g", 1)).containsExactly("c");
      assertThat(KafkaClients.consume(kafka, "t", "other", 3)).containsExactly("a", "b", "c");
    }
  }

  @Test
  void stopAndStart_clientThatStayed_goesOn() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.in(directory))) {
      KafkaClients.createTopic(kafka, "t", 1);
      try (KafkaProducer<String, String> producer = KafkaClients.producer(kafka)) {
        producer.send(new ProducerRecord<>("t", "before")).get(60, TimeUnit.SECONDS);

        kafka.stop();
        assertThat(kafka.isRunning()).isFalse();
        assertThatThrownBy(() -> connect(kafka.port())).isInstanceOf(ConnectException.class);
        // On a thread of its own: a client that has forgotten its only broker waits in send()
        // itself.
        FutureTask<RecordMetadata> whileAway =
            new FutureTask<>(() -> producer.send(new ProducerRecord<>("t", "while away")).get());
        Thread.ofVirtual().start(whileAway);
        kafka.start();

        whileAway.get(60, TimeUnit.SECONDS);
      }
      assertThat(KafkaClients.consume(kafka, "t", "g", 2)).containsExactly("before", "while away");
    }
  }

  @Test
  void start_afterBrokerWasKilled_hasAllThatWasAcknowledged() throws Exception {
    String cluster;
    try (ChildJvm child =
        ChildJvm.run(KafkaChild.class, directory.toString(), "t", Integer.toString(1000))) {
      cluster = child.nextLine();
      assertThat(child.kill()).as("stray output on stdout").isEmpty();
    }

    try (EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.in(directory))) {
      assertThat(kafka.clusterId()).isEqualTo(cluster);
      KafkaClients.produce(kafka, "t", List.of("after"));
      assertThat(KafkaClients.consume(kafka, "t", "g", 1001))
          .contains("after")
          .containsAll(IntStream.range(0, 1000).mapToObj(Integer::toString).toList());
    }
  }

  @Test
  void start_directoryOfThisProcess_isRefusedAndLeavesTheFirstLocked() {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.in(directory))) {
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> EmbeddedKafka.start(KafkaOptions.in(directory)))
            .isInstanceOf(EmbeddedServerException.DirectoryInUse.class)
            .hasMessageContaining("this process");
      }
      assertThat(kafka.isRunning()).isTrue();
    }
  }

  @Test
  void close_thenStartInTheSameDirectory_findsTheSameCluster() throws Exception {
    String cluster;
    try (EmbeddedKafka first = EmbeddedKafka.start(KafkaOptions.in(directory))) {
      cluster = first.clusterId();
      KafkaClients.createTopic(first, "t", 1);
      KafkaClients.produce(first, "t", List.of("a"));
    }
    try (EmbeddedKafka second = EmbeddedKafka.start(KafkaOptions.in(directory))) {
      assertThat(second.clusterId()).isEqualTo(cluster);
      assertThat(KafkaClients.consume(second, "t", "g", 1)).containsExactly("a");
    }
  }

  @Test
  void start_twoAtOnce_workAndEndIndependently() throws Exception {
    try (EmbeddedKafka one = EmbeddedKafka.start(KafkaOptions.ephemeral())) {
      try (EmbeddedKafka two = EmbeddedKafka.start(KafkaOptions.ephemeral())) {
        assertThat(one.clusterId()).isNotEqualTo(two.clusterId());
        KafkaClients.createTopic(one, "t", 1);
        KafkaClients.createTopic(two, "t", 1);
        KafkaClients.produce(one, "t", List.of("1"));
        KafkaClients.produce(two, "t", List.of("2"));
        assertThat(KafkaClients.consume(two, "t", "g", 1)).containsExactly("2");
      }
      KafkaClients.produce(one, "t", List.of("1b"));
      assertThat(KafkaClients.consume(one, "t", "g", 2)).containsExactly("1", "1b");
    }
  }

  @Test
  void start_portInUse_namesThePort() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();

      assertThatThrownBy(() -> EmbeddedKafka.start(KafkaOptions.in(directory).withPort(port)))
          .isInstanceOf(EmbeddedServerException.PortInUse.class)
          .hasMessageContaining("port " + port);
    }
    try (EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.in(directory))) {
      assertThat(kafka.isRunning()).as("a failed start leaves the directory usable").isTrue();
    }
  }

  @Test
  void start_directoryIsAFile_namesIt() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(() -> EmbeddedKafka.start(KafkaOptions.in(file)))
        .isInstanceOf(EmbeddedServerException.DirectoryUnusable.class)
        .hasMessageContaining(file.toString());
    assertThatThrownBy(() -> EmbeddedKafka.start(KafkaOptions.in(file.resolve("below"))))
        .isInstanceOf(EmbeddedServerException.DirectoryUnusable.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void start_brokerPropertyIsWrong_namesItAndLeavesNothingBehind() {
    KafkaOptions options = KafkaOptions.in(directory).withProperty("num.io.threads", "none");

    assertThatThrownBy(() -> EmbeddedKafka.start(options))
        .isInstanceOf(EmbeddedServerException.Failed.class)
        .hasMessageContaining("num.io.threads");
    EmbeddedKafka.start(KafkaOptions.in(directory)).close();
  }

  @Test
  void start_formattingWasCutShort_formatsAnew() throws Exception {
    Files.createDirectories(directory.resolve("logs.new"));
    Files.writeString(directory.resolve("logs.new").resolve("meta.properties"), "half a f");

    try (EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.in(directory))) {
      assertThat(kafka.isRunning()).isTrue();
    }
  }

  @Test
  void close_ephemeral_leavesNoDirectory() {
    EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.ephemeral());
    assertThat(kafka.directory()).exists();

    kafka.close();

    assertThat(kafka.directory()).doesNotExist();
  }

  @Test
  void options_propertyThatFollowsFromOthers_isRefused() {
    assertThatThrownBy(() -> KafkaOptions.ephemeral().withProperty("listeners", "X://:1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("listeners");
  }

  private static void connect(int port) throws IOException {
    new Socket(InetAddress.getLoopbackAddress(), port).close();
  }
}
