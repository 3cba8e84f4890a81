package io.lqrealtime.router.streams;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Topics that are there until they are said to be missing. */
final class FixedTopics implements GatewayTopics {
  private final Set<String> topics = ConcurrentHashMap.newKeySet();

  FixedTopics(String... topics) {
    this.topics.addAll(Set.of(topics));
  }

  @Override
  public boolean exists(String topic) {
    return topics.contains(topic);
  }

  @Override
  public void expect(String topic) {}

  void restore(String topic) {
    topics.add(topic);
  }

  @Override
  public void missing(String topic) {
    topics.remove(topic);
  }
}
