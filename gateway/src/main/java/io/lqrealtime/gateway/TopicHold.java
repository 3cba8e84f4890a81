package io.lqrealtime.gateway;

import io.lqrealtime.gateway.delivery.GatewayTopic;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process's hold on its gateway's topic: takes one generation after the other, and watches that
 * the topic is still the one that was claimed, and that Kafka answers.
 *
 * <p>Blocks: for the gateway's own threads, never for an I/O thread. Safe for use by several.
 */
final class TopicHold {
  private static final Logger log = LoggerFactory.getLogger(TopicHold.class);
  private static final Duration CHECK_EVERY = Duration.ofSeconds(2);
  private static final Duration CLAIM_WITHIN = Duration.ofSeconds(10);
  private static final Duration ID_WITHIN = Duration.ofSeconds(5);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(1);

  private final GatewayTopic topic;
  private final String instance;
  private final AtomicLong checkedNanos = new AtomicLong(System.nanoTime());
  private volatile long answeredNanos = System.nanoTime();
  private volatile @Nullable Uuid topicId;

  /**
   * @param instance names this process, among all that have ever had the gateway's id
   */
  TopicHold(GatewayTopic topic, String instance) {
    this.topic = topic;
    this.instance = instance;
  }

  /** Takes the first generation, and makes the topic if it is missing. */
  GatewayTopic.Claimed claim(Duration within) throws InterruptedException, TimeoutException {
    GatewayTopic.Claimed claimed = topic.claim(instance, within);
    topicId = topic.id(within).orElse(null);
    answeredNanos = System.nanoTime();
    return claimed;
  }

  /** Takes another generation; empty where that can't be now, and is to be tried again. */
  Optional<GatewayTopic.Claimed> claimAgain() throws InterruptedException {
    try {
      GatewayTopic.Claimed claimed = topic.claim(instance, CLAIM_WITHIN);
      topicId = topic.id(ID_WITHIN).orElse(null);
      return Optional.of(claimed);
    } catch (TimeoutException | IllegalStateException e) {
      log.warn("No new generation could be had, which is tried again: {}", e.toString());
      return Optional.empty();
    }
  }

  /**
   * Finds out, at most every {@link #CHECK_EVERY}, whether the topic was deleted, or deleted and
   * made again. Where that is not known, it was not.
   */
  boolean isLost() {
    long now = System.nanoTime();
    if (now - checkedNanos.get() < CHECK_EVERY.toNanos()) {
      return false;
    }
    checkedNanos.set(now);
    try {
      Optional<Uuid> found = topic.id(ANSWER_WITHIN);
      answeredNanos = System.nanoTime();
      return !found.equals(Optional.ofNullable(topicId));
    } catch (TimeoutException | IllegalStateException e) {
      log.debug("Whether the gateway's topic is there is not known", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** Nanoseconds since Kafka last answered {@link #isLost}. */
  long nanosSinceAnswer() {
    return System.nanoTime() - answeredNanos;
  }
}
