package io.lqrealtime.router.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.lqrealtime.config.Environment;
import io.lqrealtime.router.RouterConfig;
import io.lqrealtime.router.core.IdBudget;
import io.lqrealtime.topic.TopicNames;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class StreamsSettingsTest {
  @Test
  void recordForATopicThatIsGone_holdsUpTheOthersForLessThanFiveSeconds() {
    Properties settings = settings();

    assertThat(settings)
        .containsEntry("producer.max.block.ms", 1_500)
        .containsEntry("producer.delivery.timeout.ms", 2_500);
  }

  private static Properties settings() {
    RouterConfig config =
        RouterConfig.from(
            new Environment(Map.of("LQ_CONTROL_KEY", "0123456789abcdef0123456789abcdef")));
    RouterMetrics metrics =
        new RouterMetrics(new SimpleMeterRegistry(), new ActivePartitions(), new IdBudget(1_000));
    return StreamsSettings.of(
        config,
        Path.of("state"),
        new ProductionFailures.Ports(new TopicNames("lq"), new FixedTopics(), metrics));
  }
}
