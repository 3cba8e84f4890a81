package io.lqrealtime.gateway.history;

import java.time.Duration;

/**
 * How long a question may take.
 *
 * @param answered until Kafka has answered, with everybody waiting
 * @param covered until the index says what was routed
 * @param endCovered until the index reaches the end, where there are messages to be given already
 * @param turn of the thread's time at once, while others wait for it
 * @param aloneTurn of the thread's time at once, while nobody does
 * @param search of the thread's time for a page in which nothing has been found yet
 */
record Pace(
    Duration answered,
    Duration covered,
    Duration endCovered,
    Duration turn,
    Duration aloneTurn,
    Duration search) {
  static final Pace USUAL =
      new Pace(
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofSeconds(1),
          Duration.ofMillis(10),
          Duration.ofMillis(100),
          Duration.ofMillis(500));
}
