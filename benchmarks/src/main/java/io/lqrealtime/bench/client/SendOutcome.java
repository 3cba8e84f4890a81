package io.lqrealtime.bench.client;

/** What became of bytes that were handed to a connection. */
public enum SendOutcome {
  /** The kernel has all of them. */
  WRITTEN,
  /** The socket is full: the rest goes out in order when it drains. */
  QUEUED,
  /**
   * Not taken, not even in part: the server does not read, and the queue is at its bound. Try again
   * later.
   */
  FULL,
  /** Not taken: the connection is not open yet, is closing, or has ended. */
  NOT_OPEN;

  /** Whether the bytes go out in this order, if the connection lasts. */
  public boolean taken() {
    return this == WRITTEN || this == QUEUED;
  }
}
