package io.lqrealtime.app.command;

import io.lqrealtime.config.Environment;
import java.util.HashMap;
import java.util.Map;

/** The Kafka client properties that the environment gives, for commands that ask Kafka directly. */
final class KafkaSettings {
  private KafkaSettings() {}

  static Map<String, Object> from(Environment environment) {
    Map<String, Object> properties = new HashMap<>(environment.kafkaProperties("LQ_KAFKA_"));
    properties.putIfAbsent("bootstrap.servers", "localhost:9092");
    return properties;
  }
}
