package io.lqrealtime.router.streams;

import io.lqrealtime.id.LogId;
import io.lqrealtime.router.RouterException;
import io.lqrealtime.topic.Placement;
import io.lqrealtime.topic.TopicNames;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inbound log as it was found at the start: which incarnation, and how many partitions. The
 * router creates no topics; it waits for them.
 */
record InboundTopic(Uuid id, int partitions) {
  private static final Logger LOG = LoggerFactory.getLogger(InboundTopic.class);
  private static final Duration PAUSE = Duration.ofMillis(500);

  LogId log() {
    return LogId.ofTopicId(id.toString());
  }

  Placement placement() {
    return new Placement(partitions);
  }

  /**
   * Waits until the inbound topic, its index, the tenants topic and the dead-letter topic are
   * there.
   *
   * @param servers where Kafka is, to name it where it does not answer
   * @throws RouterException if they are not within {@code bound}, saying what is missing; at once
   *     if the index has other partitions than the log, or Kafka does not let this process in, or
   *     its ACLs allow too little
   */
  static InboundTopic await(Admin admin, String servers, TopicNames names, Duration bound) {
    long end = System.nanoTime() + bound.toNanos();
    String told = "";
    while (true) {
      try {
        return describe(admin, names);
      } catch (ExecutionException | TimeoutException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String problem = problem(cause, servers, names);
        if (isRefusal(cause) || System.nanoTime() - end >= 0) {
          throw new RouterException(problem, cause);
        }
        if (!problem.equals(told)) {
          LOG.info("Waiting: {}", problem);
          told = problem;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RouterException("interrupted while waiting for the topics", e);
      }
      pause();
    }
  }

  /** Waiting would not help who is not let in, or may not know that there are such topics. */
  private static boolean isRefusal(Throwable cause) {
    return cause instanceof AuthenticationException || cause instanceof AuthorizationException;
  }

  private static String problem(Throwable cause, String servers, TopicNames names) {
    if (cause instanceof TimeoutException
        || cause instanceof org.apache.kafka.common.errors.TimeoutException) {
      return "Kafka at " + servers + " does not answer (LQ_KAFKA_BOOTSTRAP_SERVERS)";
    }
    return "the topics "
        + names.inbound()
        + ", "
        + names.index()
        + ", "
        + names.tenants()
        + " and "
        + names.deadLetter()
        + " have to exist ("
        + cause
        + ")";
  }

  private static InboundTopic describe(Admin admin, TopicNames names)
      throws ExecutionException, TimeoutException, InterruptedException {
    Map<String, TopicDescription> topics =
        admin
            .describeTopics(
                List.of(names.inbound(), names.index(), names.tenants(), names.deadLetter()),
                new DescribeTopicsOptions().includeAuthorizedOperations(true))
            .allTopicNames()
            .get(5, TimeUnit.SECONDS);
    checkRights(topics, names.inbound(), EnumSet.of(AclOperation.READ, AclOperation.WRITE));
    checkRights(topics, names.index(), EnumSet.of(AclOperation.WRITE));
    checkRights(topics, names.tenants(), EnumSet.of(AclOperation.WRITE));
    checkRights(topics, names.deadLetter(), EnumSet.of(AclOperation.WRITE));
    TopicDescription inbound = topics.get(names.inbound());
    TopicDescription index = topics.get(names.index());
    if (inbound == null || index == null) {
      throw new RouterException("Kafka described other topics than it was asked for");
    }
    if (index.partitions().size() != inbound.partitions().size()) {
      throw new RouterException(
          names.index()
              + " has "
              + index.partitions().size()
              + " partitions, and has to have the "
              + inbound.partitions().size()
              + " of "
              + names.inbound());
    }
    return new InboundTopic(inbound.topicId(), inbound.partitions().size());
  }

  /** Without them a router would start, and its threads die one after the other. */
  private static void checkRights(
      Map<String, TopicDescription> topics, String name, Set<AclOperation> needed) {
    TopicDescription topic = topics.get(name);
    @Nullable Set<AclOperation> allowed = topic == null ? null : topic.authorizedOperations();
    if (allowed == null) {
      return;
    }
    Set<AclOperation> missing = EnumSet.copyOf(needed);
    missing.removeAll(allowed);
    if (!missing.isEmpty()) {
      throw new RouterException(
          "the ACLs of Kafka do not allow this process " + missing + " on " + name);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RouterException("interrupted while waiting for the topics", e);
    }
  }
}
