package io.lqrealtime.gateway.history;

import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;

/**
 * Waits for what comes to the ends of the index's partitions, all that somebody waits for at once.
 * What comes is kept by the index's reader. Confined to one thread.
 */
final class IndexTail {
  private static final int SPARE = 8;

  private final Consumer<byte[], byte[]> consumer;
  private final String topic;
  private final IndexReader index;
  private final Map<Integer, Long> watched = new HashMap<>();
  private final Set<Integer> placed = new HashSet<>();
  private boolean changed;

  IndexTail(Consumer<byte[], byte[]> consumer, String topic, IndexReader index) {
    this.consumer = consumer;
    this.topic = topic;
    this.index = index;
  }

  /**
   * From here on the partition is waited for.
   *
   * @param next where the index was seen to end
   */
  void watch(int partition, long next) {
    Long known = watched.get(partition);
    if (known == null || known < next) {
      // It may have been left standing long ago: what came since has been read by others.
      watched.put(partition, next);
      placed.remove(partition);
      changed = true;
    }
  }

  /**
   * Looks for what has come; each partition wanted has been watched.
   *
   * @return the partitions in which something has come, or whose end can't be waited for from there
   */
  BitSet poll(Set<Integer> wanted, Duration atMost) {
    forget(wanted);
    place();
    BitSet come = new BitSet();
    if (watched.isEmpty()) {
      return come;
    }
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(atMost)) {
        index.take(record);
        watched.put(record.partition(), record.offset() + 1);
        come.set(record.partition());
      }
    } catch (OffsetOutOfRangeException e) {
      for (TopicPartition gone : e.partitions()) {
        come.set(gone.partition());
        watched.remove(gone.partition());
        placed.remove(gone.partition());
        changed = true;
      }
    }
    return come;
  }

  /**
   * Lets those go that nobody waits for, when they are many: who waits again shortly would have to
   * wait for another place to be fetched from.
   */
  private void forget(Set<Integer> wanted) {
    if (watched.size() > wanted.size() + SPARE) {
      placed.retainAll(wanted);
      watched.keySet().retainAll(wanted);
      changed = true;
    }
  }

  private void place() {
    if (!changed) {
      return;
    }
    consumer.assign(watched.keySet().stream().map(this::partition).toList());
    watched.forEach(
        (partition, next) -> {
          if (placed.add(partition)) {
            consumer.seek(partition(partition), next);
          }
        });
    changed = false;
  }

  private TopicPartition partition(int number) {
    return new TopicPartition(topic, number);
  }
}
