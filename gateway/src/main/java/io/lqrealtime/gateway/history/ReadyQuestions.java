package io.lqrealtime.gateway.history;

import io.lqrealtime.id.TenantId;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Questions that are due a turn. The tenants take turns, each of them with the question that has
 * waited longest: however much one of them asks for, another waits for one turn of each. For one
 * thread.
 */
final class ReadyQuestions {
  private final SequencedMap<TenantId, Queue<Question>> queues = new LinkedHashMap<>();

  void add(Question question) {
    queues.computeIfAbsent(question.tenant(), tenant -> new ArrayDeque<>()).add(question);
  }

  /** The next one, which is due no longer; null if none is. */
  @Nullable Question poll() {
    Map.Entry<TenantId, Queue<Question>> first = queues.pollFirstEntry();
    if (first == null) {
      return null;
    }
    Queue<Question> queue = first.getValue();
    Question next = queue.remove();
    if (!queue.isEmpty()) {
      queues.putLast(first.getKey(), queue);
    }
    return next;
  }

  boolean isEmpty() {
    return queues.isEmpty();
  }
}
