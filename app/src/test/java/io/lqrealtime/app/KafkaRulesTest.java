package io.lqrealtime.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lqrealtime.config.ConfigurationException;
import io.lqrealtime.config.Environment;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaRulesTest {
  private static void check(String key, String value) {
    KafkaRules.check(new Environment(Map.of(key, value)).kafkaProperties("LQ_KAFKA_"));
  }

  @Test
  void whatNoClientOfKafkaHas_isFound() {
    Set<String> keys =
        Set.of(
            "LQ_KAFKA_BOOTSTRAP_SERVER",
            "LQ_KAFKA_BOOTSTRAP_SERVERS",
            "LQ_KAFKA_SASL_JAAS_CONFIG",
            "LQ_KAFKA_SSL_TRUSTSTORE_LOCATION",
            "LQ_KAFKA_PRODUCER_BATCH_SIZE",
            "LQ_KAFKA_PRODUCER_BATCHSIZE",
            "LQ_KAFKA_MAIN_CONSUMER_FETCH_MAX_WAIT_MS",
            "LQ_KAFKA_ROCKSDB_CONFIG_SETTER",
            "LQ_KAFKA_TOPIC_MAX_MESSAGE_BYTES",
            "LQ_REGION");

    assertThat(KafkaRules.unknown(keys))
        .containsExactly("LQ_KAFKA_BOOTSTRAP_SERVER", "LQ_KAFKA_PRODUCER_BATCHSIZE");
    assertThat(RoleSettings.unknown(keys)).isEqualTo(KafkaRules.unknown(keys));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LQ_KAFKA_ACKS",
        "LQ_KAFKA_ENABLE_IDEMPOTENCE",
        "LQ_KAFKA_MAX_BLOCK_MS",
        "LQ_KAFKA_AUTO_OFFSET_RESET",
        "LQ_KAFKA_GROUP_ID",
        "LQ_KAFKA_PRODUCER_ACKS",
        "LQ_KAFKA_MAIN_CONSUMER_AUTO_OFFSET_RESET",
        "LQ_KAFKA_PROCESSING_GUARANTEE",
      })
  void whatGuaranteesRestOn_isRefusedUnderItsKey(String key) {
    assertThatThrownBy(() -> check(key, "0"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(key + ": can't be set");
  }

  @ParameterizedTest
  @CsvSource({
    "LQ_KAFKA_DELIVERY_TIMEOUT_MS, LQ_PUBLISH_TIMEOUT",
    "LQ_KAFKA_SESSION_TIMEOUT_MS, LQ_ROUTER_SESSION_TIMEOUT",
    "LQ_KAFKA_NUM_STREAM_THREADS, LQ_ROUTER_THREADS",
  })
  void whatHasASettingOfItsOwn_isRefusedAndPointsThere(String key, String own) {
    assertThatThrownBy(() -> check(key, "1")).hasMessage(key + ": can't be set: set " + own);
  }

  @ParameterizedTest
  @CsvSource({
    "LQ_KAFKA_SECURITY_PROTOCOL, SASL_SSL",
    "LQ_KAFKA_SASL_JAAS_CONFIG, x",
    "LQ_KAFKA_COMPRESSION_TYPE, lz4",
    "LQ_KAFKA_BOOTSTRAP_SERVERS, 'one:9092, two.example.com:9093'",
    "LQ_KAFKA_BOOTSTRAP_SERVERS, [::1]:9092",
    "LQ_KAFKA_BOOTSTRAP_SERVERS, SSL://one:9092",
  })
  void anythingElse_isTaken(String key, String value) {
    assertThatCode(() -> check(key, value)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "one:9092,nonsense", "one:", "one:70000", ":9092"})
  void addressThatIsNone_isRefusedUnderItsKey(String servers) {
    assertThatThrownBy(() -> check("LQ_KAFKA_BOOTSTRAP_SERVERS", servers))
        .hasMessageStartingWith("LQ_KAFKA_BOOTSTRAP_SERVERS: must be host:port");
  }

  @Test
  void keyNamedBy_isTheOneThatAMessageOfKafkaIsAbout() {
    Set<String> keys = Set.of("LQ_KAFKA_SASL_MECHANISM", "LQ_KAFKA_SECURITY_PROTOCOL", "PATH");

    assertThat(KafkaRules.keyNamedBy("Invalid value X for configuration security.protocol", keys))
        .isEqualTo("LQ_KAFKA_SECURITY_PROTOCOL");
    assertThat(
            KafkaRules.keyNamedBy("No resolvable bootstrap urls given in bootstrap.servers", keys))
        .isEqualTo("LQ_KAFKA_BOOTSTRAP_SERVERS");
    assertThat(KafkaRules.keyNamedBy("something else", keys)).isEqualTo("LQ_KAFKA_*");
  }
}
