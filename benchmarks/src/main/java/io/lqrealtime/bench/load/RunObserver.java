package io.lqrealtime.bench.load;

/** Looks at the processes of a run at its turning points. Called on the thread that runs it. */
public interface RunObserver {

  /** The run enters this phase, in words for somebody who waits. */
  default void phase(String what) {}

  /** Before the first connection is opened. */
  default void beforeConnections() {}

  /** All connections are open (and idle). */
  default void connected() {}

  /** The measured window opens. */
  default void windowOpens() {}

  /** The measured window has closed, or the run was interrupted. */
  default void windowCloses() {}
}
