package io.lqrealtime.bench.load;

import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * How opening the connections of a run went.
 *
 * @param wanted connections asked for
 * @param ready connections that became ready (a subscriber: subscribed)
 * @param attempts tries, including those that failed and were repeated
 * @param tookNanos from the first attempt to the last connection ready
 * @param failures failed attempts by reason
 * @param givenUp why opening stopped before all were ready; empty if they are, or if it was
 *     interrupted
 * @param readyTimes of each connection from the start of its last attempt, in nanoseconds
 */
public record ConnectResult(
    int wanted,
    int ready,
    long attempts,
    long tookNanos,
    Map<String, Long> failures,
    String givenUp,
    Histogram readyTimes) {

  public boolean complete() {
    return ready == wanted;
  }
}
