package io.lqrealtime.gateway;

import io.lqrealtime.gateway.delivery.Topics;
import io.lqrealtime.gateway.inbound.InboundLog;
import io.lqrealtime.id.LogId;
import io.lqrealtime.topic.Placement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.acl.AclOperation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the inbound log at the start, and waits for it where it is not there yet. Blocks. */
final class InboundLogFinder {
  private static final Logger log = LoggerFactory.getLogger(InboundLogFinder.class);

  private final Admin admin;
  private final GatewayConfig config;

  InboundLogFinder(Admin admin, GatewayConfig config) {
    this.admin = admin;
    this.config = config;
  }

  /**
   * @throws IllegalStateException if Kafka refuses, or allows too little, or there is no such topic
   *     in time
   */
  InboundLog find(Duration within) throws InterruptedException, TimeoutException {
    String topic = config.topics().inbound();
    long deadline = System.nanoTime() + within.toNanos();
    boolean told = false;
    while (true) {
      Optional<TopicDescription> found =
          Topics.describe(admin, topic, atLeastASecond(deadline - System.nanoTime()));
      if (found.isPresent()) {
        checkRights(found.get(), deadline);
        return new InboundLog(
            topic,
            config.region(),
            LogId.ofTopicId(found.get().topicId().toString()),
            new Placement(found.get().partitions().size()));
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "there is no topic " + topic + ": create it with ./lq topics");
      }
      if (!told) {
        log.info("Waiting for the topic {}", topic);
        told = true;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  /** Without them it would start, and fail at the first client's first message. */
  private void checkRights(TopicDescription inbound, long deadline)
      throws InterruptedException, TimeoutException {
    Topics.checkRights(inbound, EnumSet.of(AclOperation.READ, AclOperation.WRITE));
    Topics.describe(admin, config.topics().index(), atLeastASecond(deadline - System.nanoTime()))
        .ifPresent(index -> Topics.checkRights(index, EnumSet.of(AclOperation.READ)));
  }

  /** Kafka that answers, though late, is not to be taken for one that does not. */
  private static Duration atLeastASecond(long nanos) {
    return Duration.ofNanos(Math.max(TimeUnit.SECONDS.toNanos(1), nanos));
  }
}
