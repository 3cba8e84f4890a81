package io.lqrealtime.router.streams;

import io.lqrealtime.id.GatewayId;
import io.lqrealtime.router.core.Directory;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the partitions that this process works on show of themselves to other threads: about once a
 * second each, by its own thread. One that stops doing so hangs.
 *
 * <p>Safe for use by several threads.
 */
final class ActivePartitions {
  private final Map<Integer, View> views = new ConcurrentHashMap<>();

  private record View(
      Object owner,
      long nanos,
      int openEntries,
      int closedEntries,
      int unindexedMessages,
      int members,
      Map<GatewayId, Long> living) {}

  void show(Object owner, int partition, Directory directory) {
    views.put(
        partition,
        new View(
            owner,
            System.nanoTime(),
            directory.openEntries(),
            directory.closedEntries(),
            directory.unindexedMessages(),
            directory.memberCount(),
            Map.copyOf(directory.living())));
  }

  /** Takes the partition away, unless another owner has it by now. */
  void hide(Object owner, int partition) {
    views.computeIfPresent(partition, (p, view) -> view.owner().equals(owner) ? null : view);
  }

  Map<Integer, Map<GatewayId, Long>> living() {
    Map<Integer, Map<GatewayId, Long>> living = new HashMap<>();
    views.forEach((partition, view) -> living.put(partition, view.living()));
    return living;
  }

  /** A partition that has not shown itself for this long. */
  Optional<Integer> silentFor(Duration duration) {
    long now = System.nanoTime();
    return views.entrySet().stream()
        .filter(entry -> now - entry.getValue().nanos() > duration.toNanos())
        .map(Map.Entry::getKey)
        .findFirst();
  }

  int openEntries() {
    return views.values().stream().mapToInt(View::openEntries).sum();
  }

  int unindexedMessages() {
    return views.values().stream().mapToInt(View::unindexedMessages).sum();
  }

  int members() {
    return views.values().stream().mapToInt(View::members).sum();
  }

  int closedEntries() {
    return views.values().stream().mapToInt(View::closedEntries).sum();
  }
}
