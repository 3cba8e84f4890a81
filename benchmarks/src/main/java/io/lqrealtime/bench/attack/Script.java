package io.lqrealtime.bench.attack;

import io.lqrealtime.bench.client.OutgoingFrames;

/** What one connection of an attacker sends. */
interface Script {

  /** Once, as soon as the connection is open. */
  void hello(OutgoingFrames into);

  /** One burst; nothing for a connection that only listens. */
  void burst(OutgoingFrames into);

  /** Whether it reads what comes after it has subscribed. */
  default boolean reads() {
    return true;
  }
}
