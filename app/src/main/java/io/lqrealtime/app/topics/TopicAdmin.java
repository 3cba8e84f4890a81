package io.lqrealtime.app.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates and describes the service's topics. Blocks, and throws a {@link TimeoutException} that
 * names Kafka's address where it does not answer within 15 seconds.
 */
public final class TopicAdmin {
  private static final int PATIENCE_SECONDS = 15;

  private TopicAdmin() {}

  private interface Question<T> {
    T ask(Admin admin) throws InterruptedException, TimeoutException;
  }

  /** Creates the topics that are missing, leaves the others as they are, and says what it did. */
  public static List<String> create(Map<String, Object> kafka, TopicPlan plan)
      throws InterruptedException, TimeoutException {
    return ask(
        kafka,
        admin -> {
          List<String> done = new ArrayList<>();
          for (NewTopic topic : plan.topics()) {
            done.add(create(admin, topic));
          }
          awaitLeaders(admin, plan);
          return done;
        });
  }

  /** A line a topic of the service: name, id, partitions, replicas. */
  public static List<String> describe(Map<String, Object> kafka, String prefix)
      throws InterruptedException, TimeoutException {
    return ask(
        kafka,
        admin -> {
          List<String> names =
              get("the topics can't be listed", admin.listTopics().names()).stream()
                  .filter(name -> name.startsWith(prefix + "."))
                  .sorted()
                  .toList();
          return describe(admin, names).values().stream().map(TopicAdmin::line).sorted().toList();
        });
  }

  private static String line(TopicDescription topic) {
    return topic.name()
        + " id="
        + topic.topicId()
        + " partitions="
        + topic.partitions().size()
        + " replicas="
        + topic.partitions().getFirst().replicas().size();
  }

  private static <T> T ask(Map<String, Object> kafka, Question<T> question)
      throws InterruptedException, TimeoutException {
    Map<String, Object> properties = new HashMap<>(kafka);
    // Left to itself, a client that finds no broker asks on for a minute, and closing waits for it.
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_SECONDS * 1000);
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_SECONDS * 1000);
    Admin admin = Admin.create(properties);
    try {
      return question.ask(admin);
    } catch (TimeoutException e) {
      TimeoutException told =
          new TimeoutException(
              "Kafka at "
                  + kafka.get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG)
                  + " did not answer within "
                  + PATIENCE_SECONDS
                  + " s");
      told.initCause(e);
      throw told;
    } finally {
      admin.close(Duration.ofSeconds(1));
    }
  }

  private static String create(Admin admin, NewTopic topic)
      throws InterruptedException, TimeoutException {
    try {
      await(admin.createTopics(List.of(topic)).all());
      return "created " + topic.name();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        return "kept " + topic.name() + difference(admin, topic);
      }
      throw refused(topic.name() + " can't be created", e);
    }
  }

  /** What was asked for, where the topic that is there has another number of partitions. */
  private static String difference(Admin admin, NewTopic asked)
      throws InterruptedException, TimeoutException {
    int found =
        describe(admin, List.of(asked.name())).values().stream()
            .mapToInt(topic -> topic.partitions().size())
            .sum();
    return found == asked.numPartitions()
        ? ""
        : ", with its "
            + found
            + " partitions and not "
            + asked.numPartitions()
            + ": growing it is a planned operation";
  }

  /**
   * A topic that was just created has no leaders for a moment, and clients would stumble over that.
   */
  private static void awaitLeaders(Admin admin, TopicPlan plan)
      throws InterruptedException, TimeoutException {
    List<String> names = plan.topics().stream().map(NewTopic::name).toList();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(2 * PATIENCE_SECONDS);
    while (!areLed(admin, names)) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException("the topics have no leaders: are all brokers there?");
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static boolean areLed(Admin admin, List<String> names)
      throws InterruptedException, TimeoutException {
    try {
      return await(admin.describeTopics(names).allTopicNames()).values().stream()
          .flatMap(topic -> topic.partitions().stream())
          .allMatch(partition -> partition.leader() != null && !partition.leader().isEmpty());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw refused("the topics can't be described", e);
    }
  }

  private static Map<String, TopicDescription> describe(Admin admin, List<String> names)
      throws InterruptedException, TimeoutException {
    return get("the topics can't be described", admin.describeTopics(names).allTopicNames());
  }

  private static <T> T get(String otherwise, KafkaFuture<T> future)
      throws InterruptedException, TimeoutException {
    try {
      return await(future);
    } catch (ExecutionException e) {
      throw refused(otherwise, e);
    }
  }

  private static <T> T await(KafkaFuture<T> future)
      throws InterruptedException, TimeoutException, ExecutionException {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException late) {
        throw new TimeoutException(late.getMessage());
      }
      throw e;
    }
  }

  private static IllegalStateException refused(String what, ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return new IllegalStateException(what + ": " + cause.getMessage(), cause);
  }
}
