package io.lqrealtime.gateway.history;

import java.time.Duration;
import org.apache.kafka.clients.consumer.Consumer;

/** Makes the Kafka consumers that the past is read with. */
@FunctionalInterface
public interface HistoryConsumers {
  /**
   * How a consumer fetches.
   *
   * @param purpose tells it from the others, in names
   * @param bytes of a partition in one fetch, at the most; one batch comes whatever its size
   * @param holdBack how long the broker may hold a fetch back where there is nothing to give
   */
  record Fetching(String purpose, int bytes, Duration holdBack) {}

  Consumer<byte[], byte[]> create(Fetching fetching);
}
