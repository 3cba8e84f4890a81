package io.lqrealtime.router.streams;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicListing;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists the topics about once a second on a thread of its own, so that the router's threads know
 * which gateway topics there are without asking: a producer that is given a record for a missing
 * topic blocks its thread for {@code max.block.ms}, with every other gateway waiting behind it.
 *
 * <p>A gateway makes sure of its topic before it writes its {@code up}, so that record makes its
 * topic {@link #expect expected} for {@link #EXPECTED_NANOS} before a listing shows it. A topic
 * that failed is missing until a listing that began after the failure shows it. So each deletion
 * costs one wait.
 *
 * <p>It also notices if the inbound log is deleted or created anew, and says so once.
 */
final class TopicWatch implements GatewayTopics, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicWatch.class);

  static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);
  private static final long EXPECTED_NANOS = TimeUnit.SECONDS.toNanos(10);

  /**
   * After this long a failure of a topic that is not listed is forgotten, to bound their number.
   */
  private static final long FAILED_KEPT_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final Admin admin;
  private final String prefix;
  private final String inbound;
  private final Uuid inboundId;
  private final Consumer<String> inboundLost;
  private final Thread thread;
  private final Semaphore wake = new Semaphore(0);
  private final Map<String, Long> expected = new ConcurrentHashMap<>();
  private final Map<String, Long> failed = new ConcurrentHashMap<>();
  private volatile Set<String> listed = Set.of();
  private volatile long lastListed = System.nanoTime();
  private volatile boolean closed;

  /**
   * @param prefix what a gateway topic's name starts with
   * @param inboundLost told why, once, when the inbound log is no longer the one of this id
   */
  TopicWatch(
      Admin admin, String prefix, String inbound, Uuid inboundId, Consumer<String> inboundLost) {
    this.admin = admin;
    this.prefix = prefix;
    this.inbound = inbound;
    this.inboundId = inboundId;
    this.inboundLost = inboundLost;
    this.thread = Thread.ofPlatform().daemon().name("lq-router-topics").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** The time since the topics were last seen. */
  Duration age() {
    return Duration.ofNanos(System.nanoTime() - lastListed);
  }

  @Override
  public boolean exists(String topic) {
    if (failed.containsKey(topic)) {
      return false;
    }
    return listed.contains(topic) || expected.containsKey(topic);
  }

  @Override
  public void expect(String topic) {
    if (!listed.contains(topic)) {
      expected.put(topic, System.nanoTime());
      wake.release();
    }
  }

  @Override
  public void missing(String topic) {
    expected.remove(topic);
    failed.put(topic, System.nanoTime());
    wake.release();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      if (!thread.join(CLOSE_WITHIN)) {
        LOG.warn("The listing of topics did not end within {}", CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    admin.close(CLOSE_WITHIN);
  }

  private void run() {
    try {
      while (!closed) {
        list();
        if (wake.tryAcquire(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void list() throws InterruptedException {
    long begun = System.nanoTime();
    try {
      Collection<TopicListing> topics =
          admin.listTopics().listings().get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      take(topics, begun);
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("The topics can't be listed: {}", e.toString());
    }
  }

  private void take(Collection<TopicListing> topics, long begun) {
    Map<String, Uuid> ids = new HashMap<>();
    topics.forEach(topic -> ids.put(topic.name(), topic.topicId()));
    Set<String> gateways = new HashSet<>();
    for (String topic : ids.keySet()) {
      if (topic.startsWith(prefix)) {
        gateways.add(topic);
      }
    }
    listed = Set.copyOf(gateways);
    long now = System.nanoTime();
    failed
        .entrySet()
        .removeIf(
            entry ->
                gateways.contains(entry.getKey())
                    ? entry.getValue() - begun < 0
                    : now - entry.getValue() > FAILED_KEPT_NANOS);
    expected.values().removeIf(since -> now - since > EXPECTED_NANOS);
    lastListed = now;
    checkInbound(ids);
  }

  private void checkInbound(Map<String, Uuid> ids) {
    Uuid present = ids.get(inbound);
    if (!inboundId.equals(present)) {
      closed = true;
      inboundLost.accept(
          present == null
              ? "the topic " + inbound + " is gone"
              : "the topic " + inbound + " was created anew: its positions name other messages");
    }
  }
}
