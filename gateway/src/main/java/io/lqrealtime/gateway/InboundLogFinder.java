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
    long deadline = System.nanoTime() + within.toNanos();
    TopicDescription inbound = await(config.topics().inbound(), deadline);
    TopicDescription index = await(config.topics().index(), deadline);
    TopicDescription tenants = await(config.topics().tenants(), deadline);
    // Without them it would start, and fail at the first client's first message.
    Topics.checkRights(inbound, EnumSet.of(AclOperation.READ, AclOperation.WRITE));
    Topics.checkRights(index, EnumSet.of(AclOperation.READ));
    Topics.checkRights(tenants, EnumSet.of(AclOperation.READ));
    return new InboundLog(
        inbound.name(),
        config.region(),
        LogId.ofTopicId(inbound.topicId().toString()),
        new Placement(inbound.partitions().size()));
  }

  private TopicDescription await(String topic, long deadline)
      throws InterruptedException, TimeoutException {
    boolean told = false;
    while (true) {
      Optional<TopicDescription> found =
          Topics.describe(admin, topic, atLeastASecond(deadline - System.nanoTime()));
      if (found.isPresent()) {
        return found.get();
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

  /** Kafka that answers, though late, is not to be taken for one that does not. */
  private static Duration atLeastASecond(long nanos) {
    return Duration.ofNanos(Math.max(TimeUnit.SECONDS.toNanos(1), nanos));
  }
}
