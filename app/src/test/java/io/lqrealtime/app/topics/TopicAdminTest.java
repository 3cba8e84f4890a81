package io.lqrealtime.app.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.embedded.KafkaOptions;
import io.lqrealtime.topic.TopicNames;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicAdminTest {
  @Test
  void create_ofATopicWithOtherPartitions_keepsItAndSaysSo() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start(KafkaOptions.ephemeral())) {
      Map<String, Object> client = Map.of("bootstrap.servers", kafka.bootstrapServers());
      assertThat(TopicAdmin.create(client, plan(2)))
          .contains("created lq.inbound", "created lq.index");

      assertThat(TopicAdmin.create(client, plan(2))).contains("kept lq.inbound");
      assertThat(TopicAdmin.create(client, plan(3)))
          .anyMatch(line -> line.startsWith("kept lq.inbound, with its 2 partitions and not 3"));
    }
  }

  @Test
  void kafkaAway_isToldWithItsAddressInTime() {
    Map<String, Object> away = Map.of("bootstrap.servers", "127.0.0.1:1");
    long begun = System.nanoTime();

    assertThatThrownBy(() -> TopicAdmin.describe(away, "lq"))
        .hasMessage("Kafka at 127.0.0.1:1 did not answer within 15 s");
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(60));
  }

  private static TopicPlan plan(int partitions) {
    return new TopicPlan(
        new TopicNames(TopicNames.DEFAULT_PREFIX),
        partitions,
        (short) 1,
        1,
        Duration.ofDays(1),
        -1);
  }
}
