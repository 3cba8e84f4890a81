package io.lqrealtime.bench.load;

/** Looks at the processes of a run at its turning points. Called on the thread that runs it. */
public interface RunObserver {

  /** The run enters this phase, in words for somebody who waits. */
  default void phase(String what) {}

  /** A stretch of a run that publishes begins. */
  default void begins(Phase phase) {}

  /** That stretch has ended, or the run was interrupted. */
  default void ends(Phase phase) {}

  /** Before the first connection is opened. */
  default void beforeConnections() {}

  /** All connections are open (and idle). */
  default void connected() {}

  /** The measured window opens. */
  default void windowOpens() {}

  /** The measured window has closed, or the run was interrupted. */
  default void windowCloses() {}
}
