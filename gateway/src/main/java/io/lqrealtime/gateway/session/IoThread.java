package io.lqrealtime.gateway.session;

import java.time.Duration;
import java.util.concurrent.Executor;

/** The thread that a session is confined to. Never blocks. */
public interface IoThread extends Executor {
  /** Runs a task on it, not before the delay is over. */
  void executeAfter(Duration delay, Runnable task);
}
