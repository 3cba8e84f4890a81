package io.lqrealtime.gateway.delivery;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Asks Kafka about topics. Blocks. */
public final class Topics {
  private Topics() {}

  /**
   * What Kafka says of a topic; empty if there is none of that name.
   *
   * @throws IllegalStateException if Kafka refuses to say
   */
  public static Optional<TopicDescription> describe(Admin admin, String name, Duration within)
      throws InterruptedException, TimeoutException {
    try {
      return Optional.ofNullable(
          admin
              .describeTopics(List.of(name))
              .allTopicNames()
              .get(within.toNanos(), TimeUnit.NANOSECONDS)
              .get(name));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return Optional.empty();
      }
      if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
        throw new TimeoutException(e.getMessage());
      }
      throw new IllegalStateException("the topic " + name + " can't be described", e.getCause());
    }
  }
}
