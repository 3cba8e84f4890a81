package io.lqrealtime.router;

/** Whether a router does its work. */
public sealed interface Health {
  /** Its partitions, if it has any, are being routed. */
  record Ready() implements Health {}

  /** Not now; it goes on trying. */
  record NotReady(String reason) implements Health {}

  /** Not any more: only a new start helps. */
  record Failed(String reason) implements Health {}
}
