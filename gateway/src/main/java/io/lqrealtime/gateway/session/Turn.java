package io.lqrealtime.gateway.session;

/**
 * A tenant's turn at an I/O thread: how long its clients may keep the thread from those of others.
 * Confined to that thread.
 */
public interface Turn {
  /** What a client has to have done, and waits for its tenant's turn for. */
  interface Work {
    /**
     * Does some of it.
     *
     * @return whether it waits for another turn
     */
    boolean takeTurn();
  }

  /**
   * Begins to use time, unless the tenant's is over or others of its clients wait for a turn. May
   * be nested; each that returns true is followed by an {@link #end}.
   */
  boolean begin();

  /** Whether as much time has been used as may be, before others have their turn. */
  boolean isOver();

  void end();

  /** Has the work done in the tenant's turn, when others have had theirs. */
  void await(Work work);

  /** The work does not wait any more. */
  void leave(Work work);

  /** Whether one more message may go to the tenant's clients before others have their turn. */
  boolean mayDeliver();

  /** Counts frames of a message that were queued to the tenant's clients. */
  void delivered(int frames);
}
