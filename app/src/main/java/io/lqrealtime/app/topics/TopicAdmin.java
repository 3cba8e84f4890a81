package io.lqrealtime.app.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates and describes the service's topics. Blocks. */
public final class TopicAdmin {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private TopicAdmin() {}

  /** Creates the topics that are missing, leaves the others as they are, and says what it did. */
  public static List<String> create(Map<String, Object> kafka, TopicPlan plan)
      throws InterruptedException, TimeoutException {
    List<String> done = new ArrayList<>();
    try (Admin admin = Admin.create(kafka)) {
      for (NewTopic topic : plan.topics()) {
        try {
          admin.createTopics(List.of(topic)).all().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
          done.add("created " + topic.name());
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw new IllegalStateException(
                topic.name() + " can't be created: " + e.getCause(), e.getCause());
          }
          done.add("kept " + topic.name() + difference(admin, topic));
        }
      }
      awaitLeaders(admin, plan);
    }
    return done;
  }

  /** What was asked for, where the topic that is there has another number of partitions. */
  private static String difference(Admin admin, NewTopic asked)
      throws InterruptedException, TimeoutException {
    try {
      int found =
          admin
              .describeTopics(List.of(asked.name()))
              .allTopicNames()
              .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
              .values()
              .stream()
              .mapToInt(topic -> topic.partitions().size())
              .sum();
      return found == asked.numPartitions()
          ? ""
          : ", with its "
              + found
              + " partitions and not "
              + asked.numPartitions()
              + ": growing it is a planned operation";
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          asked.name() + " can't be described: " + e.getCause(), e.getCause());
    }
  }

  /**
   * A topic that was just created has no leaders for a moment, and clients would stumble over that.
   */
  private static void awaitLeaders(Admin admin, TopicPlan plan)
      throws InterruptedException, TimeoutException {
    List<String> names = plan.topics().stream().map(NewTopic::name).toList();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        Map<String, TopicDescription> found =
            admin.describeTopics(names).allTopicNames().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        boolean led =
            found.values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .allMatch(partition -> partition.leader() != null && !partition.leader().isEmpty());
        if (led) {
          return;
        }
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw new IllegalStateException("the topics can't be described", e.getCause());
        }
      }
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("the topics have no leaders");
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** A line a topic of the service: name, id, partitions, replicas. */
  public static List<String> describe(Map<String, Object> kafka, String prefix)
      throws InterruptedException, TimeoutException {
    try (Admin admin = Admin.create(kafka)) {
      List<String> names =
          get(admin.listTopics().names()).stream()
              .filter(name -> name.startsWith(prefix + "."))
              .sorted()
              .toList();
      return get(admin.describeTopics(names).allTopicNames()).values().stream()
          .map(
              topic ->
                  topic.name()
                      + " id="
                      + topic.topicId()
                      + " partitions="
                      + topic.partitions().size()
                      + " replicas="
                      + topic.partitions().getFirst().replicas().size())
          .sorted()
          .toList();
    }
  }

  private static <T> T get(KafkaFuture<T> future) throws InterruptedException, TimeoutException {
    try {
      return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("Kafka refused: " + e.getCause(), e.getCause());
    }
  }
}
