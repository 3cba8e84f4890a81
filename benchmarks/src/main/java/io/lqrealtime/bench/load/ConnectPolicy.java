package io.lqrealtime.bench.load;

import java.time.Duration;

/**
 * How fast connections are opened, and how often it is tried.
 *
 * @param perSecond attempts started a second
 * @param concurrency attempts under way at once, until the connection is ready
 * @param attempts for one connection; between them a pause of 100 ms that doubles, to 5 s at most,
 *     with a random part
 * @param readyTimeout from the start of an attempt to a connection that is ready
 */
public record ConnectPolicy(int perSecond, int concurrency, int attempts, Duration readyTimeout) {

  public ConnectPolicy {
    within("connects a second", perSecond, 1, 100_000);
    within("connects at once", concurrency, 1, 10_000);
    within("attempts", attempts, 1, 100);
  }

  private static void within(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " must be " + least + " to " + most + ", not " + value);
    }
  }
}
