package io.lqrealtime.app.dev;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what a {@code dev} that was killed left in the routers' consumer group.
 *
 * <p>Without this, its partitions wait until the session of a router that is gone has run out
 * (measured: ready 8 s after SIGKILL instead of 3 s). It is right only where the broker is this
 * process's own and has just started: no router can have been at work. One that runs beside {@code
 * dev} and lost the broker with it joins again by itself.
 */
public final class FormerRouters {
  private static final Logger log = LoggerFactory.getLogger(FormerRouters.class);
  private static final long PATIENCE_SECONDS = 5;

  private FormerRouters() {}

  /**
   * Blocks for some milliseconds, five seconds at most. That it did not work only delays the start,
   * and is logged.
   *
   * @param kafka the settings of a Kafka client
   * @param group the routers' consumer group
   */
  public static void forget(Map<String, Object> kafka, String group) throws InterruptedException {
    RemoveMembersFromConsumerGroupOptions everyone = new RemoveMembersFromConsumerGroupOptions();
    everyone.reason("their process is gone");
    Admin admin = Admin.create(kafka);
    try {
      admin
          .removeMembersFromConsumerGroup(group, everyone)
          .all()
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.debug("No former routers were removed from the group {}", group, e);
    } finally {
      // Without a time, or with none, it may wait without bounds.
      admin.close(Duration.ofMillis(100));
    }
  }
}
