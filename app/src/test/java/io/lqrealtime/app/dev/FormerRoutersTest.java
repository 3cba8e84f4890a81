package io.lqrealtime.app.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.embedded.EmbeddedKafka;
import io.lqrealtime.embedded.KafkaOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FormerRoutersTest {
  private static final String GROUP = "lq.router";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static EmbeddedKafka kafka;
  private static Map<String, Object> client;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start(KafkaOptions.ephemeral());
    client = Map.of("bootstrap.servers", kafka.bootstrapServers());
    try (Admin admin = Admin.create(client)) {
      admin.createTopics(List.of(new NewTopic("some", 1, (short) 1))).all().get();
    }
  }

  @AfterAll
  static void end() throws Exception {
    kafka.close();
  }

  @Test
  void memberWhoseSessionIsNotOver_isGoneAtOnce() throws Exception {
    try (Consumer<byte[], byte[]> member = member()) {
      member.subscribe(List.of("some"));
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (member.assignment().isEmpty() && System.nanoTime() < deadline) {
        member.poll(Duration.ofMillis(100));
      }
      assertThat(members(GROUP)).isEqualTo(1);

      // It does not poll any more, as one that was killed; its session does not end meanwhile.
      long end = System.nanoTime() + PATIENCE.toNanos();
      do {
        // It gives up after five seconds.
        FormerRouters.forget(client, GROUP);
      } while (members(GROUP) > 0 && System.nanoTime() < end);

      assertThat(members(GROUP)).isZero();
    }
  }

  @Test
  void groupThatNeverWas_isNoError() throws Exception {
    FormerRouters.forget(client, "never");
  }

  private static Consumer<byte[], byte[]> member() {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            kafka.bootstrapServers(),
            "group.id",
            GROUP,
            "group.protocol",
            "classic",
            "session.timeout.ms",
            300_000),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static int members(String group) throws Exception {
    try (Admin admin = Admin.create(client)) {
      ConsumerGroupDescription description =
          admin
              .describeConsumerGroups(List.of(group))
              .all()
              .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
              .get(group);
      return description.members().size();
    }
  }
}
