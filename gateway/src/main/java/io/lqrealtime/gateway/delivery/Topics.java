package io.lqrealtime.gateway.delivery;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

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
              .describeTopics(
                  List.of(name), new DescribeTopicsOptions().includeAuthorizedOperations(true))
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
      throw new IllegalStateException(
          "the topic " + name + " can't be described: " + e.getCause(), e.getCause());
    }
  }

  /**
   * Checks that this process may do so with a topic, where Kafka says what it may.
   *
   * @throws IllegalStateException that names the topic and what is not allowed
   */
  public static void checkRights(TopicDescription topic, Set<AclOperation> needed) {
    @Nullable Set<AclOperation> allowed = topic.authorizedOperations();
    if (allowed == null) {
      return;
    }
    Set<AclOperation> missing = EnumSet.copyOf(needed);
    missing.removeAll(allowed);
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "the ACLs of Kafka do not allow this process " + missing + " on " + topic.name());
    }
  }
}
