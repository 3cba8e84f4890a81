package io.lqrealtime.gateway.session;

import java.util.EnumMap;
import java.util.Map;

/** Counts for one thread. */
final class Counts implements ChannelMetrics {
  private final Map<Behind, Integer> behind = new EnumMap<>(Behind.class);
  private int delivered;

  @Override
  public void delivered(int frames) {
    delivered += frames;
  }

  @Override
  public void fellBehind(Behind cause) {
    behind.merge(cause, 1, Integer::sum);
  }

  int delivered() {
    return delivered;
  }

  Map<Behind, Integer> behind() {
    return behind;
  }
}
