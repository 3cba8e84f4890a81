package io.lqrealtime.app.command;

import io.lqrealtime.app.KafkaRules;
import io.lqrealtime.config.Environment;
import java.util.HashMap;
import java.util.Map;

/** The Kafka client properties that the environment gives, for commands that ask Kafka directly. */
final class KafkaSettings {
  private KafkaSettings() {}

  static Map<String, Object> from(Environment environment) {
    Map<String, String> given = environment.kafkaProperties("LQ_KAFKA_");
    KafkaRules.check(given);
    Map<String, Object> properties = new HashMap<>(given);
    properties.putIfAbsent("bootstrap.servers", "localhost:9092");
    return properties;
  }
}
