package io.lqrealtime.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterConfigTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @Test
  void withoutSettings_defaultsHold() {
    RouterConfig config = from(Map.of("LQ_CONTROL_KEY", SECRET));

    assertThat(config.bootstrapServers()).isEqualTo("localhost:9092");
    assertThat(config.topics().inbound()).isEqualTo("lq.inbound");
    assertThat(config.region().value()).isEqualTo("local");
    assertThat(config.threads()).isEqualTo(1);
    assertThat(config.standbys()).isEqualTo(1);
    assertThat(config.replicationFactor()).isEqualTo(-1);
    assertThat(config.stateDirectory()).isEqualTo(Optional.empty());
    assertThat(config.maxPayloadBytes()).isEqualTo(65_536);
    assertThat(config.sessionTimeout()).isEqualTo(Duration.ofSeconds(6));
    assertThat(config.commitInterval()).isEqualTo(Duration.ofMillis(250));
    assertThat(config.cacheBytes()).isEqualTo(8 << 20);
    assertThat(config.dedupWindow()).isEqualTo(Duration.ofMinutes(2));
    assertThat(config.dedupMaxIds()).isEqualTo(5_000_000);
    assertThat(config.leaseTime()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.topicWait()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void dedup_canBeTurnedOff() {
    assertThat(from(Map.of("LQ_CONTROL_KEY", SECRET, "LQ_ROUTER_DEDUP_WINDOW", "0s")).dedupWindow())
        .isEqualTo(Duration.ZERO);
  }

  @Test
  void kafkaProperties_arePassedThrough() {
    assertThat(from(Map.of("LQ_CONTROL_KEY", SECRET, "LQ_KAFKA_SECURITY_PROTOCOL", "SSL")).kafka())
        .containsEntry("security.protocol", "SSL");
  }

  @Test
  void controlKey_isRequired_andNotTold() {
    assertThatThrownBy(() -> from(Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("LQ_CONTROL_KEY");
    assertThatThrownBy(() -> from(Map.of("LQ_CONTROL_KEY", "too short")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("LQ_CONTROL_KEY")
        .hasMessageNotContaining("too short");
  }

  @ParameterizedTest
  @CsvSource({
    "LQ_ROUTER_THREADS,0",
    "LQ_ROUTER_STANDBYS,4",
    "LQ_MAX_PAYLOAD_BYTES,1048577",
    "LQ_ROUTER_SESSION_TIMEOUT,100ms",
    "LQ_ROUTER_COMMIT_INTERVAL,1m",
    "LQ_ROUTER_DEDUP_WINDOW,61m",
    "LQ_ROUTER_DEDUP_MAX_IDS,0",
    "LQ_TOPIC_PREFIX,a b",
    "LQ_REGION,far.away",
    "LQ_LEASE,1s"
  })
  void valueOutOfBounds_isRefused_byItsKey(String key, String value) {
    assertThatThrownBy(() -> from(Map.of("LQ_CONTROL_KEY", SECRET, key, value)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(key);
  }

  private static RouterConfig from(Map<String, String> values) {
    return RouterConfig.from(new Environment(values));
  }
}
