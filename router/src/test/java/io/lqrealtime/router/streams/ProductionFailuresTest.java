package io.lqrealtime.router.streams;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.record.RecordHeader;
import io.lqrealtime.router.core.IdBudget;
import io.lqrealtime.topic.TopicNames;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.errors.ProductionExceptionHandler.Response;
import org.apache.kafka.streams.errors.ProductionExceptionHandler.Result;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProductionFailuresTest {
  private static final TopicNames NAMES = new TopicNames("lq");

  private final FixedTopics topics = new FixedTopics("lq.gateway.g");
  private final ProductionFailures failures = new ProductionFailures();

  @BeforeEach
  void configure() {
    RouterMetrics metrics =
        new RouterMetrics(new SimpleMeterRegistry(), new ActivePartitions(), new IdBudget(1_000));
    failures.configure(
        Map.of(ProductionFailures.PORTS, new ProductionFailures.Ports(NAMES, topics, metrics)));
  }

  @Test
  void recordForAGateway_isPassedOver_andItsTopicIsMissingFromThen() {
    assertThat(handle("lq.gateway.g", new TimeoutException("gone")).result())
        .isEqualTo(Result.RESUME);
    assertThat(topics.exists("lq.gateway.g")).isFalse();
  }

  @Test
  void recordForOwnTopics_failsTheThreadWithAllOfItsTasks() {
    for (String topic :
        new String[] {
          "lq.router-directory-changelog", "lq.inbound", "lq.index", "lq.dead-letter"
        }) {
      assertThat(handle(topic, new TimeoutException("slow")).result()).isEqualTo(Result.FAIL);
      assertThat(handle(topic, new InvalidConfigurationException("no")).result())
          .isEqualTo(Result.FAIL);
    }
    assertThat(handle("lq.router-progress-changelog", new RecordTooLargeException()).result())
        .isEqualTo(Result.FAIL);
  }

  @Test
  void messageTooLargeToGoHome_goesToTheDeadLettersWithItsOrigin() {
    Response response = handle("lq.inbound", new RecordTooLargeException());

    assertThat(response.result()).isEqualTo(Result.RESUME);
    ProducerRecord<byte[], byte[]> dead = response.deadLetterQueueRecords().getFirst();
    assertThat(dead.topic()).isEqualTo("lq.dead-letter");
    assertThat(dead.value()).isNull();
    assertThat(header(dead, RecordHeader.DEAD_REASON)).isEqualTo("too-large");
    assertThat(header(dead, RecordHeader.DEAD_PARTITION)).isEqualTo("3");
    assertThat(header(dead, RecordHeader.DEAD_OFFSET)).isEqualTo("42");
  }

  @Test
  void deadLetterTooLarge_isGivenUp() {
    Response response = handle("lq.dead-letter", new RecordTooLargeException());

    assertThat(response.result()).isEqualTo(Result.RESUME);
    assertThat(response.deadLetterQueueRecords()).isEmpty();
  }

  private Response handle(String topic, Exception exception) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, "acme".getBytes(UTF_8), "1".getBytes(UTF_8));
    record.headers().add(RecordHeader.ORIGIN, "3@42".getBytes(UTF_8));
    return failures.handleError(null, record, exception);
  }

  private static String header(ProducerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }
}
